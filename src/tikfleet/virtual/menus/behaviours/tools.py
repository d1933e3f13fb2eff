"""Tools that ask the network: ping and traceroute. Answers follow from the address that is asked.

An address that ends in .251 to .254, or one that `state["unreachable"]` holds, does not answer: invented.
"""

import re
from ipaddress import ip_address
from typing import Final

from tikfleet.routeros.values import parse_duration_s
from tikfleet.virtual.menus.behaviours.chance import dice
from tikfleet.virtual.menus.checking import invalid
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import ARGUMENT, GENERAL, Answer, Refused, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

_SILENT: Final = re.compile(r"\.25[1-4]$")
_SIZE_BYTES: Final = 56
_MOST: Final = 1_000


def attach(behaviours: Behaviours) -> None:
    for path in ("/ping", "/tool/ping"):
        behaviours.command(path, ping, "test")
    behaviours.command("/tool/traceroute", traceroute, "test")


def answers(store: Store, host: str) -> bool:
    """Whether a machine answers pings."""
    return host not in store.state.get("unreachable", ()) and host.rpartition(".")[2] not in (
        "251",
        "252",
        "253",
        "254",
    )


def address_of(store: Store, text: str) -> str:
    """The address of a name: from the static table, otherwise one that the name always has."""
    bare = text.partition("%")[0].partition("@")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    if not bare or " " in bare:
        raise invalid("address")
    for item in store.table("/ip/dns/static").items:
        if item.get("name") == bare and "address" in item:
            return item["address"]
    if bare in store.state.get("unknown-names", ()) or bare.endswith(".invalid"):
        raise Refused("failure: dns name does not exist", GENERAL)
    return f"203.0.113.{dice(store, 'name', bare) % 240 + 1}"


def _rtt_us(store: Store, host: str, number: int) -> int:
    return 800 + dice(store, "distance", host) % 60_000 + dice(store, "jitter", host, str(number)) % 900


def _span(store: Store, rtt_us: int) -> str:
    """`4ms120us`, and whole milliseconds in release 6."""
    if not store.profile.at_least("7.1"):
        return f"{rtt_us // 1_000}ms"
    return f"{rtt_us // 1_000}ms{rtt_us % 1_000}us" if rtt_us >= 1_000 else f"{rtt_us}us"  # noqa: PLR2004 - of units


def ping(store: Store, request: Request) -> Answer:
    """One record a packet, each with the totals so far. Without `count` four are sent, since nobody ends it here."""
    given = request.arguments
    if "address" not in given:
        raise Refused("missing value(s) of argument(s) address", ARGUMENT)
    host = address_of(store, given["address"])
    try:
        count = min(_MOST, int(given.get("count", "4")))
        size_bytes = int(given.get("size", _SIZE_BYTES))
        parse_duration_s(given.get("interval", "1s"))
    except ValueError as cause:
        raise invalid("count") from cause
    up = answers(store, host)
    rows: list[Item] = []
    times: list[int] = []
    for number in range(count):
        row = {"seq": str(number), "host": host}
        if up:
            times.append(_rtt_us(store, host, number))
            row |= {
                "size": str(size_bytes),
                "ttl": str(64 - dice(store, "ttl", host) % 12),
                "time": _span(store, times[-1]),
            }
        else:
            row["status"] = "timeout"
        row |= {"sent": str(number + 1), "received": str(len(times))}
        row["packet-loss"] = str(100 - 100 * len(times) // (number + 1))
        if times:
            row |= {"min-rtt": _span(store, min(times)), "avg-rtt": _span(store, sum(times) // len(times))}
            row["max-rtt"] = _span(store, max(times))
        rows.append(row)
    return Answer(rows=list(rows))


def traceroute(store: Store, request: Request) -> Answer:
    """Some hops, the last of which is the host if it answers."""
    if "address" not in request.arguments:
        raise Refused("missing value(s) of argument(s) address", ARGUMENT)
    host = address_of(store, request.arguments["address"])
    hops = [f"198.51.100.{dice(store, 'hop', host, str(number)) % 250 + 1}" for number in range(3)]
    rows: list[Item] = []
    for number, hop in enumerate([*hops, host]):
        seen = hop != host or answers(store, host)
        row = {"address": hop if seen else "", "loss": "0" if seen else "100", "sent": "3"}
        if seen:
            time_ms = f"{_rtt_us(store, hop, number) / 1_000:.1f}"
            row |= {"last": time_ms, "avg": time_ms, "best": time_ms, "worst": time_ms, "std-dev": "0.1"}
        else:
            row["status"] = "timeout"
        rows.append(row)
    return Answer(rows=list(rows))
