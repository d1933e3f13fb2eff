"""What a log line costs: `python -m bench.logs [LINES]` parses and stores lines, and asks for some of them again."""

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.logs.facts import LINES, log_tables
from tikfleet.domains.logs.rows import KIND, LineRows, packed
from tikfleet.domains.logs.search import LogSearch, LogSearches
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.inbox import Envelope
from tikfleet.ports.warehouse import Batch
from tikfleet.routeros.syslog.reader import LineReader

_ORG = OrganisationId("org_01m3k5x0v7q2a9bc")
_STRETCH = 100_000
_ENVELOPE = 500


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
        searches = LogSearches(warehouse, utc_now)
        for words in ("8291", "login failure", made[0].split()[-3].decode().partition(":")[0], "nowhere"):
            search = LogSearch(*searches.span(now_ms - 1000, None), words)
            began = time.perf_counter()
            await searches.lines(OrgScope.only(_ORG), search, 100, None)
            lines_ms = (time.perf_counter() - began) * 1000
            await searches.histogram(OrgScope.only(_ORG), search)
            whole_ms = (time.perf_counter() - began) * 1000
            print(f"{words!r}: newest 100 in {lines_ms:.0f} ms, histogram in {whole_ms - lines_ms:.0f} ms")
        await warehouse.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
