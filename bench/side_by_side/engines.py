"""DuckDB, SQLite, PostgreSQL and MariaDB: opened on a directory, loaded by their fastest way, asked in their SQL."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec
import singlestoredb.mysql
from singlestoredb.exceptions import Error

from bench.side_by_side.rows import columns
from tikfleet.app.measuring.processes import free_port

_MEMORY: Final = "2GB"
_READY_S: Final = 60.0
Ask = Callable[[str], list[Any]]


class Loaded(msgspec.Struct, frozen=True):
    """An engine with the rows in it: where they are on the disk, and how it is asked."""

    directory: Path
    ask: Ask


def _table(primary: str = "") -> str:
    defined = ", ".join(f"{name} {kind}" for name, kind in columns())
    return f"create table site_checkins ({defined}{primary})"


@contextmanager
def in_duckdb(directory: Path, files: Path) -> Iterator[Loaded]:
    """Columns without an index: DuckDB's own statistics of each block are what finds rows."""
    connection = duckdb.connect(str(directory / "rows.duckdb"), config={"memory_limit": _MEMORY, "threads": 2})
    connection.execute(_table())
    connection.execute(f"insert into site_checkins select * from read_parquet('{files}/*.parquet')")
    connection.execute("checkpoint")
    yield Loaded(directory, lambda sql: connection.execute(sql).fetchall())
    connection.close()


@contextmanager
def in_sqlite(directory: Path, files: Path) -> Iterator[Loaded]:
    """One transaction, then the indexes."""
    connection = sqlite3.connect(directory / "rows.sqlite", isolation_level=None)
    for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -2000000", "mmap_size = 8589934592"):
        connection.execute(f"pragma {pragma}")
    connection.execute(_table())
    reader = duckdb.connect().execute(f"select * from read_parquet('{files}/*.parquet')")
    marks = ", ".join("?" for _ in columns())
    connection.execute("begin")
    while rows := reader.fetchmany(50_000):
        connection.executemany(f"insert into site_checkins values ({marks})", rows)
    connection.execute("commit")
    for index in _INDEXES:
        connection.execute(index)
    connection.execute("analyze")
    yield Loaded(directory, lambda sql: connection.execute(sql).fetchall())
    connection.close()


_INDEXES: Final = (
    "create index by_device on site_checkins (device_id, received_at)",
    "create index by_time on site_checkins (received_at)",
)


@contextmanager
def in_postgres(directory: Path, files: Path) -> Iterator[Loaded]:
    """COPY, then the indexes, then VACUUM ANALYZE."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    port, data, as_user = free_port(), directory / "data", _as("postgres", directory)

    def run(program: str, *arguments: str) -> str:
        command = [*as_user, str(binaries / program), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout

    reach = ("-h", "127.0.0.1", "-p", str(port), "-U", "postgres")
    run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
    options = {"shared_buffers": _MEMORY, "maintenance_work_mem": "512MB", "max_wal_size": "4GB", "fsync": "off",
               "work_mem": "256MB", "max_parallel_workers_per_gather": "2"}  # fmt: skip
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    command = [*as_user, str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1",
               "-k", str(directory), *settings]  # fmt: skip
    with _server(command, lambda: run("pg_isready", *reach, "-q")):
        run("psql", *reach, "-qc", _table())
        for file in sorted(files.glob("*.tabseparated")):
            run("psql", *reach, "-qc", f"\\copy site_checkins from '{file}'")
        for statement in (*_INDEXES, "vacuum analyze site_checkins"):
            run("psql", *reach, "-qc", statement)
        with _psql([*as_user, str(binaries / "psql"), *reach, "-qAt"]) as ask:
            yield Loaded(data / "base", ask)


@contextmanager
def in_mariadb(directory: Path, files: Path) -> Iterator[Loaded]:
    """LOAD DATA into InnoDB, whose rows stand in the order of their primary key."""
    port, data = free_port(), directory / "data"
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db", "--user=root"]
    subprocess.run([*install, "--auth-root-authentication-method=normal"], check=True, capture_output=True)
    command = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={directory / 'socket'}", f"--port={port}",
               "--bind-address=127.0.0.1", f"--pid-file={directory / 'pid'}", "--user=root", "--skip-log-bin",
               "--innodb-buffer-pool-size=2G", "--innodb-log-file-size=1G", "--local-infile=1",
               "--innodb-flush-log-at-trx-commit=0", "--sort-buffer-size=64M", "--tmp-table-size=256M",
               "--max-heap-table-size=256M"]  # fmt: skip

    def connect() -> Any:
        return singlestoredb.mysql.connect(host="127.0.0.1", port=port, user="root", local_infile=True)

    with _server(command, lambda: connect().close()), connect() as connection:
        cursor = connection.cursor()
        cursor.execute("create database bench")
        cursor.execute("use bench")
        cursor.execute(_table(", primary key (device_id, received_at, boot_id, seq)"))
        cursor.execute("set unique_checks = 0")
        for file in sorted(files.glob("*.tabseparated")):
            cursor.execute(f"load data local infile '{file}' into table site_checkins")
        cursor.execute("create index by_time on site_checkins (received_at)")
        cursor.execute("analyze table site_checkins")

        def ask(sql: str) -> list[Any]:
            cursor.execute(sql.replace("double precision", "double"))
            return list(cursor.fetchall())

        yield Loaded(data / "bench", ask)


ENGINES: Final[dict[str, Callable[[Path, Path], AbstractContextManager[Loaded]]]] = {
    "DuckDB": in_duckdb, "PostgreSQL": in_postgres, "MariaDB": in_mariadb, "SQLite": in_sqlite,
}  # fmt: skip


def _as(user: str, directory: Path) -> list[str]:
    if os.geteuid():
        return []
    shutil.chown(directory, user, user)
    for parent in list(directory.parents)[:2]:
        parent.chmod(0o755)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


@contextmanager
def _server(command: list[str], probe: Callable[[], object]) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/") as process:
        try:
            ends_s = time.monotonic() + _READY_S
            while True:
                try:
                    probe()
                    break
                except (subprocess.CalledProcessError, Error):
                    if time.monotonic() > ends_s or process.poll() is not None:
                        raise
                    time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextmanager
def _psql(command: list[str]) -> Iterator[Ask]:
    """One session of the server's own client: its start is not counted, and rows come as text."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/") as client:
        assert client.stdin is not None
        assert client.stdout is not None
        question, answer = client.stdin, client.stdout

        def ask(sql: str) -> list[Any]:
            question.write(f"{sql};\n\\echo .\n")
            question.flush()
            return list(iter(lambda: answer.readline().rstrip("\n"), "."))

        yield ask
        question.write("\\q\n")
