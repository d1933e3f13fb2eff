"""The log of a database that was left behind is written again by the first process that opens it, and by no other."""

from pathlib import Path

from tikfleet.adapters.sqlite.log import OpenLog

CONTENT = bytes(range(256)) * 9000


def log_of(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def written(database: Path) -> int:
    return log_of(database).stat().st_mtime_ns


def test_the_first_writes_the_log_as_it_was(tmp_path: Path) -> None:
    database = tmp_path / "inbox.sqlite"
    log_of(database).write_bytes(CONTENT)
    before = written(database)

    OpenLog(database).close()

    assert written(database) > before
    assert log_of(database).read_bytes() == CONTENT


def test_while_somebody_has_it_open_the_log_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "inbox.sqlite"
    log_of(database).write_bytes(CONTENT)
    first = OpenLog(database)
    before = written(database)

    second = OpenLog(database)
    first.close()
    third = OpenLog(database)
    assert written(database) == before

    second.close()
    third.close()
    OpenLog(database).close()
    assert written(database) > before


def test_without_a_log_there_is_nothing_to_write(tmp_path: Path) -> None:
    OpenLog(tmp_path / "inbox.sqlite").close()

    assert [path.name for path in tmp_path.iterdir()] == ["inbox.sqlite.open"]
