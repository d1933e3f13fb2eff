"""What every database promises (`ports/database.py`), one promise a test, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tikfleet.adapters.postgres.database import PostgresDatabase
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.kernel.errors import Conflict, Invalid, TikfleetError
from tikfleet.ports.database import AlreadyExists, Database, DatabaseUnavailable

_BLOB = {"sqlite": "blob", "postgres": "bytea"}
Open = Callable[[float], Database]


@pytest.fixture(params=["sqlite", "postgres"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens one store with a given patience, as often as is asked; it has one table."""
    url = request.getfixturevalue("new_postgres_url")() if request.param == "postgres" else ""
    made: list[Database] = []

    def open_(patience_s: float = 30) -> Database:
        path = tmp_path / "state.sqlite"
        made.append(
            PostgresDatabase(url, patience_s=patience_s) if url else SqliteDatabase(path, patience_s=patience_s)
        )
        return made[-1]

    async with open_().write() as tx:
        await tx.execute(
            f"create table thing (id varchar(20) primary key, name text not null unique, n integer, "
            f"body {_BLOB[request.param]}, size bigint, note text)"
        )
    yield open_
    for database in made:
        await database.close()


@pytest.fixture
def database(opened: Open) -> Database:
    return opened(30)


async def add(database: Database, id_: str, name: str, n: int | None = 0) -> None:
    async with database.write() as tx:
        await tx.execute("insert into thing (id, name, n) values (:id, :name, :n)", id=id_, name=name, n=n)


async def names(database: Database) -> list[str]:
    async with database.read() as tx:
        return [row[0] for row in await tx.fetch("select name from thing order by id")]


async def test_what_was_written_is_read_back_as_tuples(database: Database) -> None:
    await add(database, "a", "Žukelė", None)

    async with database.read() as tx:
        assert await tx.fetch("select id, name, n from thing") == [("a", "Žukelė", None)]


async def test_a_block_that_raises_changes_nothing(database: Database) -> None:
    async def fail_inside() -> None:
        async with database.write() as tx:
            await tx.execute("insert into thing (id, name) values ('a', 'a')")
            raise RuntimeError("our own")

    with pytest.raises(RuntimeError, match="our own"):
        await fail_inside()

    assert await names(database) == []


async def test_a_broken_unique_constraint_is_already_exists_and_nothing_happened(database: Database) -> None:
    await add(database, "a", "same")

    async def add_two(id_: str, name: str) -> None:
        async with database.write() as tx:
            await tx.execute("insert into thing (id, name) values ('z', 'before')")
            await tx.execute("insert into thing (id, name) values (:id, :name)", id=id_, name=name)

    for id_, name in (("b", "same"), ("a", "other")):
        with pytest.raises(AlreadyExists):
            await add_two(id_, name)

    assert await names(database) == ["same"]


async def test_a_broken_rule_is_told_in_our_words(database: Database) -> None:
    with pytest.raises(Conflict) as raised:
        await add(database, "a", None)  # type: ignore[arg-type]

    assert not isinstance(raised.value, AlreadyExists)


async def test_a_statement_that_is_wrong_is_told_in_our_words(database: Database) -> None:
    with pytest.raises(TikfleetError):
        async with database.read() as tx:
            await tx.fetch("select nonsense from nowhere")

    await add(database, "a", "still works")


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with database.read() as tx:
            await tx.execute("insert into thing (id, name) values ('a', 'a')")

    assert await names(database) == []


async def test_a_reader_sees_one_snapshot(database: Database) -> None:
    await add(database, "a", "first")
    async with database.read() as tx:
        before = await tx.fetch("select count(*) from thing")
        await add(database, "b", "second")
        assert await tx.fetch("select count(*) from thing") == before

    assert await names(database) == ["first", "second"]


async def test_a_list_expands_to_its_items(database: Database) -> None:
    for id_ in "abc":
        await add(database, id_, f"name {id_}")

    async with database.read() as tx:
        assert await tx.fetch("select id from thing where id in :ids order by id", ids=["a", "c"]) == [("a",), ("c",)]
        assert await tx.fetch("select id from thing where id in :ids", ids=[]) == []
        many = [f"x{number}" for number in range(500)]
        assert await tx.fetch("select id from thing where id in :ids", ids=(*many, "b")) == [("b",)]


async def test_texts_are_found_whatever_their_case(database: Database) -> None:
    for id_, name in (("a", "Branch-Office"), ("b", "branch_office"), ("c", "100% other")):
        await add(database, id_, name)

    async with database.read() as tx:
        sql = "select id from thing where name ilike :name escape '!' order by id"
        assert await tx.fetch(sql, name="%RANCH%oFF%") == [("a",), ("b",)]
        assert await tx.fetch(sql, name="%h!_o%") == [("b",)]
        assert await tx.fetch(sql, name="100!%%") == [("c",)]


async def test_execute_gives_how_many_rows_changed(database: Database) -> None:
    for id_ in "abc":
        await add(database, id_, id_)

    async with database.write() as tx:
        assert await tx.execute("update thing set n = 7 where id in :ids", ids=["a", "b", "z"]) == 2
        assert await tx.execute("delete from thing where id = :id", id="z") == 0


async def test_execute_many_writes_each_row_and_none_is_no_work(database: Database) -> None:
    sql = "insert into thing (id, name, n) values (:id, :name, :n)"
    async with database.write() as tx:
        await tx.execute_many(sql, [])
        await tx.execute_many(sql, [{"id": f"{n:03}", "name": f"n{n}", "n": n} for n in range(300)])

    async with database.read() as tx:
        assert await tx.fetch("select count(*), sum(n) from thing") == [(300, 44850)]


async def test_concurrent_writers_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    await add(database, "a", "counter", 0)

    async def count() -> None:
        async with database.write() as tx:
            present = (await tx.fetch("select n from thing where id = 'a'"))[0][0]
            await asyncio.sleep(0)
            await tx.execute("update thing set n = :n where id = 'a'", n=present + 1)

    await asyncio.gather(*(count() for _ in range(20)))

    async with database.read() as tx:
        assert await tx.fetch("select n from thing") == [(20,)]


async def test_writers_of_two_processes_wait_for_each_other(opened: Open) -> None:
    one, other = opened(30), opened(30)
    await add(one, "a", "counter", 0)

    async def count(database: Database) -> None:
        async with database.write() as tx:
            present = (await tx.fetch("select n from thing where id = 'a'"))[0][0]
            await tx.execute("update thing set n = :n where id = 'a'", n=present + 1)

    await asyncio.gather(*(count(database) for _ in range(8) for database in (one, other)))

    async with one.read() as tx:
        assert await tx.fetch("select n from thing") == [(16,)]


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    await add(database, "a", "there")
    async with database.write() as tx:
        await tx.execute("update thing set n = 99")
        assert await asyncio.wait_for(names(database), 5) == ["there"]


async def test_a_writer_that_waits_too_long_hears_that_the_store_is_busy(opened: Open) -> None:
    impatient = opened(0.2)
    async with impatient.write() as tx:
        await tx.execute("insert into thing (id, name) values ('a', 'a')")
        with pytest.raises(DatabaseUnavailable):
            await asyncio.wait_for(add(impatient, "b", "b"), 20)

    assert await names(impatient) == ["a"]


async def test_a_cancelled_writer_leaves_nothing_and_gives_its_place_back(database: Database) -> None:
    begun = asyncio.Event()

    async def slow() -> None:
        async with database.write() as tx:
            await tx.execute("insert into thing (id, name) values ('a', 'a')")
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(slow())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await asyncio.wait_for(add(database, "b", "b"), 10)
    assert await names(database) == ["b"]


async def test_a_large_row_comes_back_as_it_was(database: Database) -> None:
    body, note = bytes(range(256)) * 8192, "ü" * 1_000_000
    async with database.write() as tx:
        await tx.execute(
            "insert into thing (id, name, body, note) values ('a', 'a', :body, :note)", body=body, note=note
        )

    async with database.read() as tx:
        [(found, text)] = await tx.fetch("select body, note from thing")
    assert bytes(found) == body
    assert text == note


@pytest.mark.parametrize("value", ["nul \x00 inside", "half a pair \ud800"], ids=["nul", "surrogate"])
async def test_a_text_that_cannot_be_stored_is_refused_clearly(database: Database, value: str) -> None:
    with pytest.raises(Invalid):
        await add(database, "a", value)
    with pytest.raises(Invalid):
        async with database.write() as tx:
            await tx.execute_many("insert into thing (id, name) values (:id, :name)", [{"id": "a", "name": value}])
    with pytest.raises(Invalid):
        async with database.read() as tx:
            await tx.fetch("select id from thing where name in :names", names=["fine", value])

    assert await names(database) == []


async def test_a_number_beyond_64_bits_is_refused_clearly(database: Database) -> None:
    with pytest.raises(Invalid):
        async with database.write() as tx:
            await tx.execute("insert into thing (id, name, size) values ('a', 'a', :size)", size=2**63)


async def test_connections_are_counted_in_use_and_at_most(database: Database) -> None:
    async with database.read():
        (reading, most), (writing, one) = (database.connections()[name] for name in ("reader", "writer"))
        assert 1 <= reading <= most
        assert 0 <= writing <= one


async def test_the_size_is_known_and_is_not_nothing(database: Database) -> None:
    assert await database.size_bytes() > 1000


async def test_a_server_that_is_away_is_unavailable(free_port: Callable[[], int]) -> None:
    away = PostgresDatabase(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/none")
    with pytest.raises(DatabaseUnavailable):
        async with away.read() as tx:
            await tx.fetch("select 1")
    await away.close()


async def test_a_database_that_does_not_exist_is_unavailable(postgres_server) -> None:
    missing = PostgresDatabase(postgres_server.url("nowhere"))
    with pytest.raises(DatabaseUnavailable):
        async with missing.write() as tx:
            await tx.fetch("select 1")
    await missing.close()
