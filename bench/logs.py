"""What a log line costs: `python -m bench.logs [LINES] [--days DAYS] [--keep DIRECTORY]`.

Lines are parsed and stored, then searched; with a directory that has lines already, only searched.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bench.log_searches import Searched
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.logs.facts import LINES, log_tables
from tikfleet.domains.logs.retention import LogRetention
from tikfleet.domains.logs.rows import KIND, LineRows, packed
from tikfleet.domains.logs.search import LogSearches
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.inbox import Envelope
from tikfleet.ports.warehouse import Aggregate, Batch, FactQuery, Measure
from tikfleet.routeros.syslog.reader import LineReader

_ORG = OrganisationId("org_01m3k5x0v7q2a9bc")
# As many as the consumer takes at once, where so many wait.
_STRETCH = 200_000
_ENVELOPE = 500
_DAY_MS = 86_400_000
_A_DAY = 5e7 / 30


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


async def main(count: int, directory: Path, days: float) -> None:
    """Print the figures. What was stored there before is searched as it is."""
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(log_tables(36_500))
    if not await _rows(warehouse):
        await _fill(warehouse, count, days)
    scope, searches = OrgScope.only(_ORG), LogSearches(warehouse, LogRetention(Chosen(), utc_now), utc_now)
    begins, ends = await _span(warehouse, scope)
    print(f"{await _rows(warehouse):,} lines of {(ends - begins) / _DAY_MS:.1f} days")
    await Searched(searches, scope, begins, ends).report()
    await warehouse.close()


async def _fill(warehouse: ChdbWarehouse, count: int, days: float) -> None:
    dice, reader = random.Random(1), LineReader()
    envelopes = count // _ENVELOPE
    begins_ms, cpu_s = utc_now().timestamp() * 1000 - days * _DAY_MS, 0.0
    for stretch in range(count // _STRETCH):
        made = lines(_STRETCH, dice)
        began = time.process_time()
        rows = LineRows(reader)
        for number in range(_STRETCH // _ENVELOPE):
            place = stretch * (_STRETCH // _ENVELOPE) + number
            part = made[number * _ENVELOPE : (number + 1) * _ENVELOPE]
            device = DeviceId(f"dev_{place % 500:016}")
            at_ms = int(begins_ms + days * _DAY_MS * place / envelopes)
            rows.add(Envelope(_ORG, device, at_ms, KIND, "", "192.0.2.1", packed(part)), place, "")
        await warehouse.append(Batch(f"logs/{stretch}", {LINES: rows.columnar()}))
        cpu_s += time.process_time() - began
    (size,) = [size for size in await warehouse.storage() if size.name == LINES]
    each_bytes = size.size_bytes / size.rows
    print(f"parsed and stored: {size.rows / cpu_s:,.0f} lines a CPU-second, {each_bytes:.1f} B each", flush=True)


async def _rows(warehouse: ChdbWarehouse) -> int:
    return sum(size.rows for size in await warehouse.storage() if size.name == LINES)


async def _span(warehouse: ChdbWarehouse, scope: OrgScope) -> tuple[int, int]:
    """The first moment of a line, and the first after the last."""
    measures = (Measure("first", Aggregate.MIN, "received_at"), Measure("last", Aggregate.MAX, "received_at"))
    ((first, last),) = (await warehouse.select(scope, FactQuery(LINES, measures, None, None))).rows
    begins, ends = (datetime.fromisoformat(f"{at}+00:00").timestamp() * 1000 for at in (first, last))
    return int(begins), int(ends) + 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.logs")
    parser.add_argument("lines", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--days", type=float, help="over how much time the lines are spread: a day for 1.7 million")
    parser.add_argument("--keep", type=Path, help="a directory that keeps the lines, to be searched again")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    with tempfile.TemporaryDirectory() as made_up:
        asyncio.run(main(given.lines, (given.keep or Path(made_up)) / "warehouse", given.days or given.lines / _A_DAY))
