"""What a warehouse promises through kill -9 and power cuts: nothing acknowledged is lost, nothing replayed doubles."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tikfleet.adapters.chdb.recovery import recover
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import RAW, Aggregate, Batch, Column, FactQuery, FactTable, Kind, Measure, Rollup, Span

NOW = 1_700_000_000_000
READINGS = FactTable(
    "readings",
    1,
    (
        Column("org_id", Kind.LABEL),
        Column("device_id", Kind.LABEL),
        Column("received_at", Kind.MOMENT),
        Column("bytes", Kind.U64),
    ),
    ("device_id", "received_at"),
    Span.DAY,
    36500,
    tuple(
        Rollup(name, bucket_s, ("device_id",), {"bytes": (Aggregate.SUM,)}, Span.MONTH, 36500)
        for name, bucket_s in (("5m", 300), ("1h", 3600))
    ),
)
TABLES = ("readings", "readings_5m", "readings_1h")
MUTATED = 4
BATCH = [("org_a", f"dev_{n}", NOW, 1) for n in range(200)]

CHILD = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_warehouse_crash import BATCH, READINGS, Batch, ChdbWarehouse

SLOW = "CREATE MATERIALIZED VIEW tikfleet.readings_{{}}_view ENGINE = Null AS SELECT sleep(2) FROM tikfleet.readings"

async def main(path, slow, first, last):
    store = await ChdbWarehouse.open(Path(path))
    await store.prepare([READINGS])
    if slow:
        # Between the table and its rollups, or between two of them: a view that takes its time.
        await store._engine.write(lambda connection: connection.query(SLOW.format(slow)))
    for n in range(int(first), int(last)):
        print("begins", n, flush=True)
        await store.append(Batch(f"batch {{n}}", {{"readings": BATCH}}))
        print("stored", n, flush=True)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def started(path: Path, slow: str, first: int, last: int) -> "subprocess.Popen[str]":
    code = CHILD.format(tests=str(Path(__file__).parent))
    arguments = [sys.executable, "-c", code, str(path), slow, str(first), str(last)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def ended_by_kill(child: "subprocess.Popen[str]") -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()


async def opened(path: Path) -> ChdbWarehouse:
    store = await ChdbWarehouse.open(path)
    await store.prepare([READINGS])
    return store


async def batches(store: ChdbWarehouse) -> list[int]:
    """How many batches the table and each rollup hold."""
    measures = (Measure("rows", Aggregate.COUNT), Measure("bytes", Aggregate.SUM, "bytes"))
    found = []
    for resolution in (RAW, "5m", "1h"):
        query = FactQuery("readings", measures, NOW - 86_400_000, NOW + 86_400_000, resolution)
        ((rows, size),) = (await store.select(OrgScope.only(OrganisationId("org_a")), query)).rows
        assert rows == (size or 0)
        assert rows % len(BATCH) == 0
        found.append(rows // len(BATCH))
    return found


async def stored(path: Path) -> list[int]:
    store = await opened(path)
    found = await batches(store)
    await store.close()
    return found


async def filled(path: Path) -> dict[str, Path]:
    """Three batches and a power cut; gives the directories of the tables."""
    store = await opened(path)
    # The tests name parts as inserts made them.
    await store._engine.write(lambda connection: connection.query("SYSTEM STOP MERGES"))
    for n in range(3):
        await store.append(Batch(f"batch {n}", {"readings": BATCH}))
    paths = {name: store._paths[name] for name in TABLES}
    await store.close()
    (path / "engine" / "closed-cleanly").unlink()
    return paths


async def replayed(path: Path) -> list[int]:
    store = await opened(path)
    for n in range(3):
        await store.append(Batch(f"batch {n}", {"readings": BATCH}))
    found = await batches(store)
    await store.close()
    return found


async def test_a_power_cut_after_rows_were_forgotten_loses_no_other_row(tmp_path: Path) -> None:
    # The engine writes a part anew to leave rows out, under a name with one more number.
    await filled(tmp_path)
    store = await opened(tmp_path)
    await store._engine.write(
        lambda connection: connection.query(
            "ALTER TABLE tikfleet.readings DELETE WHERE device_id = 'nobody' SETTINGS mutations_sync = 2"
        )
    )
    parts = [path for path in store._paths["readings"].iterdir() if path.name[0].isdigit()]
    await store.close()
    (tmp_path / "engine" / "closed-cleanly").unlink()
    before = [path for path in parts if path.name.count("_") < MUTATED]
    assert len(before) < len(parts)
    for path in before:
        # The engine does so some minutes later.
        shutil.rmtree(path)

    assert await stored(tmp_path) == [3, 3, 3]
    assert await replayed(tmp_path) == [3, 3, 3]


def notes(table: Path) -> Path:
    (path,) = (table / "deduplication_logs").iterdir()
    return path


@pytest.mark.parametrize("name", TABLES)
async def test_an_insert_noted_but_not_in_place_is_done_by_the_replay(tmp_path: Path, name: str) -> None:
    table = (await filled(tmp_path))[name]
    with notes(table).open("a") as file:
        # What kill -9 between the note and the renaming of the part leaves: batch 2 again, as a part that is not there.
        lines = notes(table).read_text().splitlines()
        token = lines.pop().split("\t")
        file.write("\t".join((token[0], token[1].replace("_3_3_0", "_9_9_0"), token[2])) + "\n")
    cut = [line for line in notes(table).read_text().splitlines(keepends=True) if "_3_3_0\t" not in line]
    notes(table).write_text("".join(cut))
    for part in table.glob("*_3_3_0"):
        part.rename(table / "detached" / part.name)

    assert await replayed(tmp_path) == [3, 3, 3]


@pytest.mark.parametrize("tail", ["", "1\t2023111", "garbage\n"])
async def test_a_part_whose_note_the_power_cut_took_counts_once(tmp_path: Path, tail: str) -> None:
    for table in (await filled(tmp_path)).values():
        lines = notes(table).read_text().splitlines(keepends=True)
        notes(table).write_text("".join(lines[:-1]) + tail)

    assert await stored(tmp_path) == [2, 2, 2]
    assert await replayed(tmp_path) == [3, 3, 3]


def test_a_number_that_is_given_again_and_lost_again_is_set_aside_beside_the_first(tmp_path: Path) -> None:
    table = tmp_path / "store" / "abc" / "abcdef"
    (table / "deduplication_logs").mkdir(parents=True)
    (table / "deduplication_logs" / "deduplication_log_1.txt").write_text("")
    (table / "detached").mkdir()
    for _ in range(3):
        # What a kill between a part and its note leaves, each time under the same number.
        (table / "20231114_3_3_0").mkdir()
        (table / "20231114_3_3_0" / "data.bin").write_bytes(b"rows")
        recover(tmp_path)

    assert not (table / "20231114_3_3_0").exists()
    assert len(list((table / "detached").glob("unacknowledged_20231114_3_3_0*/data.bin"))) == 3


async def test_what_is_put_into_a_store_that_was_closed_stays_there(tmp_path: Path) -> None:
    table = (await filled(tmp_path))["readings"]
    await stored(tmp_path)
    (part,) = table.glob("*_3_3_0")
    part.rename(part.with_name(part.name.replace("_3_3_0", "_7_7_0")))

    assert await stored(tmp_path) == [3, 3, 3]


async def test_a_clean_directory_is_left_as_it_is(tmp_path: Path) -> None:
    tables = (await filled(tmp_path)).values()
    before = [notes(table).read_text() for table in tables]

    assert await stored(tmp_path) == [3, 3, 3]
    assert [notes(table).read_text() for table in tables] == before
    assert await replayed(tmp_path) == [3, 3, 3]


@pytest.mark.parametrize("slow", ["0", "9"])
async def test_a_batch_cut_by_kill_9_between_table_and_rollup_is_completed_by_its_replay(
    tmp_path: Path, slow: str
) -> None:
    child = started(tmp_path, slow, 0, 1)
    assert child.stdout is not None
    assert child.stdout.readline() == "begins 0\n"
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(1.0)
    ended_by_kill(child)

    child = started(tmp_path, "", 0, 1)
    assert child.communicate(timeout=60)[0].endswith("stored 0\n")
    assert await stored(tmp_path) == [1, 1, 1]


@pytest.mark.slow
async def test_kill_9_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    first = 0
    for round_ in range(5):
        child = started(tmp_path, "", first, 10_000)
        assert child.stdout is not None
        for _ in range(6 + round_):
            line = child.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.003 * round_)
        child.send_signal(signal.SIGKILL)
        lines = [line, *child.stdout.read().splitlines()]
        child.communicate()
        # What was begun and not acknowledged is appended again, as is the one before it.
        first = max(0, int(lines[-1].split()[1]) - 1)
        begun = int(lines[-1].split()[1]) + 1
    child = started(tmp_path, "", first, begun)
    child.communicate(timeout=60)
    assert await stored(tmp_path) == [begun] * 3
