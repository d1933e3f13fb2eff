"""What a log line costs: `python -m bench.logs [LINES]` parses and stores lines, and asks for some of them again."""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.logs.facts import LINES, log_tables
from tikfleet.domains.logs.retention import LogRetention
from tikfleet.domains.logs.rows import KIND, LineRows, packed
from tikfleet.domains.logs.search import LogSearch, LogSearches
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.inbox import Envelope
from tikfleet.ports.warehouse import Batch, QueryTooHeavy
from tikfleet.routeros.syslog.reader import LineReader

_ORG = OrganisationId("org_01m3k5x0v7q2a9bc")
_STRETCH = 100_000
_ENVELOPE = 500


class Chosen:
    """Nobody keeps lines for less than the installation."""

    async def log_days(self) -> Mapping[OrganisationId, int]:
        return {}


def lines(count: int, dice: random.Random) -> list[bytes]:
    """Seven in ten of the firewall, the others logins, leases and links."""
    addresses = [".".join(str(dice.randrange(1, 255)) for _ in range(4)) for _ in range(5_000)]
    found = []
    for _ in range(count):
        chance, address = dice.random(), dice.choice(addresses)
        if chance < 0.7:
            text = (
                f"firewall,info drop-in input: in:ether1 out:(unknown 0), connection-state:new src-mac "
                f"00:17:10:88:bc:0{dice.randrange(4)}, proto TCP (SYN), {address}:{dice.randrange(1024, 65_536)}"
                f"->198.51.100.{dice.randrange(255)}:{dice.choice((22, 23, 80, 443, 8291))}, len 40"
            )
        elif chance < 0.8:
            text = f"system,error,critical login failure for user admin from {address} via ssh"
        elif chance < 0.9:
            text = f"dhcp,info lan assigned 192.168.88.{dice.randrange(255)} for 02:00:00:00:00:{dice.randrange(99):02}"
        else:
            text = f"interface,info ether{dice.randrange(10)} link down"
        found.append(text.encode())
    return found


async def main(count: int) -> None:
    """Print the figures."""
    dice = random.Random(1)
    with tempfile.TemporaryDirectory() as directory:
        warehouse = await ChdbWarehouse.open(Path(directory) / "warehouse")
        await warehouse.prepare(log_tables(36_500))
        reader, made = LineReader(), [b""]
        now_ms, cpu_s = int(utc_now().timestamp() * 1000) - count // _ENVELOPE, 0.0
        for stretch in range(count // _STRETCH):
            made = lines(_STRETCH, dice)
            began = time.process_time()
            rows = LineRows(reader)
            for number in range(_STRETCH // _ENVELOPE):
                place = stretch * (_STRETCH // _ENVELOPE) + number
                part = made[number * _ENVELOPE : (number + 1) * _ENVELOPE]
                device = DeviceId(f"dev_{place % 500:016}")
                rows.add(Envelope(_ORG, device, now_ms + place, KIND, "", "192.0.2.1", packed(part)), place, "")
            await warehouse.append(Batch(f"logs/{stretch}", {LINES: rows.columnar()}))
            cpu_s += time.process_time() - began
        (size,) = [size for size in await warehouse.storage() if size.name == LINES]
        print(
            f"parsed and stored: {size.rows / cpu_s:,.0f} lines a CPU-second, {size.size_bytes / size.rows:.1f} B each"
        )
        await _searched(LogSearches(warehouse, LogRetention(Chosen(), utc_now), utc_now), now_ms - 1000, made)
        await warehouse.close()


async def _searched(searches: LogSearches, since_ms: int, made: list[bytes]) -> None:
    """Each kind of search some times, over all that is stored: the newest hundred lines, and the histogram."""
    addresses = [line.split()[-3].decode().partition(":")[0] for line in made[:2_000] if line.startswith(b"firewall")]
    users = [line.split()[-3].decode() for line in made[:2_000] if line.startswith(b"system")]
    kinds = {
        "a common word": ["login", "firewall", "assigned", "down"],
        "two words": ["login failure", "link down", "drop input", "proto tcp"],
        "a port": ["8291", "443", "22", "31337"],
        "an address": [*addresses[:3], users[0]],
        "a phrase": ['"link down"', '"failure for user admin"', '"lan assigned"', '"(syn)"'],
        "what is not there": ["nowhere", "quagmire", "zerotier", "wireguard"],
    }
    all_s: list[float] = []
    for kind, texts in kinds.items():
        lines_s, counts_s, heavy = [], [], 0
        for text in texts:
            search = LogSearch(*searches.span(since_ms, None), text)
            began = time.perf_counter()
            await searches.lines(OrgScope.only(_ORG), search, 100, None)
            lines_s.append(time.perf_counter() - began)
            began = time.perf_counter()
            try:
                await searches.histogram(OrgScope.only(_ORG), search)
            except QueryTooHeavy:
                heavy += 1
            counts_s.append(time.perf_counter() - began)
        all_s += lines_s
        more = f", {heavy} stopped at the bound of time" if heavy else ""
        print(
            f"{kind}: newest 100 in {median(lines_s) * 1000:.0f} ms (most {max(lines_s) * 1000:.0f}), "
            f"histogram in {median(counts_s) * 1000:.0f} ms (most {max(counts_s) * 1000:.0f}){more}"
        )
    print(f"all searches: p95 {sorted(all_s)[int(len(all_s) * 0.95)] * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
