"""A sender that floods is shed alone, and every line is counted once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.domains.sources.model import normal_address
from tikfleet.domains.sources.public import Arrival, Counted, Origin, SourceMeter, SourceTally
from tikfleet.ports.database import DatabaseUnavailable


class Time:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_one_that_floods_is_shed_and_its_neighbour_is_not() -> None:
    time = Time()
    meter = SourceMeter(100, time)
    flood, calm = Arrival("syslog", "192.0.2.1"), Arrival("syslog", "192.0.2.2")
    assert meter.admit(flood, 10_000) == 200
    assert meter.admit(flood, 1) == 0
    assert meter.admit(calm, 50) == 50
    time.now_s += 1
    assert meter.admit(flood, 10_000) == 100


def test_senders_that_are_forged_by_the_thousand_cost_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tikfleet.domains.sources.meter._MAX_SENDERS", 1000)
    meter = SourceMeter(100, Time())
    for number in range(20_000):
        meter.admit(Arrival("syslog", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"), 1)
    assert len(meter._buckets) <= 1000


async def test_what_could_not_be_written_is_written_later_and_once(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    await migrate(sqlite_url(path))
    database = SqliteDatabase(path)

    class Failing:
        def write(self) -> object:
            raise DatabaseUnavailable("away")

    tally = SourceTally(Failing(), lambda: datetime(2026, 11, 23, tzinfo=UTC))  # type: ignore[arg-type]
    arrival, origin = Arrival("syslog", "192.0.2.1"), Origin(value="192.0.2.1", reason="unknown")
    for count in (3, 4):
        tally.note(arrival, origin, Counted(count, unattributed=count))
        with pytest.raises(DatabaseUnavailable):
            await tally.flush()
    tally._database = database
    await tally.flush()
    tally.note(arrival, origin, Counted(1, unattributed=1))
    await tally.flush()
    async with database.read() as tx:
        rows = await tx.fetch("select value, received, unattributed from source_seen")
    await database.close()
    assert [tuple(row) for row in rows] == [("192.0.2.1", 8, 8)]
    assert tally.totals["syslog"] == Counted(8, unattributed=8)


@pytest.mark.parametrize(
    ("text", "normal"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("2001:DB8:0::1", "2001:db8::1")],
)
def test_addresses_are_compared_in_one_form(text: str, normal: str) -> None:
    assert normal_address(text) == normal
