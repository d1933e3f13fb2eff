"""What the terminal shows of a ping: a line for each packet, and the totals behind them."""

from collections.abc import Sequence

from tikfleet.virtual.menus.request import Row


def pinged(rows: Sequence[Row]) -> str:
    """The text of all packets, every line ended."""
    lines = [f"{'SEQ':>5} {'HOST':<40} {'SIZE':>4} {'TTL':>3} {'TIME':<11} STATUS"]
    for row in rows:
        cells = f"{row.get('size', ''):>4} {row.get('ttl', ''):>3} {row.get('time', ''):<11}"
        lines.append(f"{row.get('seq', ''):>5} {row.get('host', ''):<40} {cells} {row.get('status', '')}".rstrip())
    last = rows[-1] if rows else {}
    totals = [f"{name}={last[name]}" for name in ("sent", "received") if name in last]
    totals += [f"packet-loss={last['packet-loss']}%"] if "packet-loss" in last else []
    totals += [f"{name}={last[name]}" for name in ("min-rtt", "avg-rtt", "max-rtt") if name in last]
    return "\n".join([*lines, "    " + " ".join(totals)]) + "\n"
