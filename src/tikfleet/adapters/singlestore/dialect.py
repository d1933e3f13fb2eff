"""What differs between SingleStore and the MySQL protocol's other servers: definitions, never questions.

SingleStore's rows and rollups are columnstore tables: `SORT KEY` orders them within each partition, `SHARD KEY` says
which partition holds a row, and a unique key must contain it. The other dialect exists so that everything else can be
run on a server that is to be had anywhere; its tables promise the same and are not meant for a fleet.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final

KEY_CHARACTERS: Final = 255


class Dialect(ABC):
    """Definitions of tables in one server's words. Columns are names with their definitions; keys are names."""

    key_text: str
    long_text: str
    session: tuple[str, ...] = ()
    sizes: str

    @abstractmethod
    def rows(self, name: str, columns: Sequence[str], sort_key: Sequence[str]) -> str:
        """A table of rows, never changed. The first two of `sort_key` spread it."""

    @abstractmethod
    def rollup(self, name: str, columns: Sequence[str], keys: Sequence[str]) -> str:
        """A table in which each combination of `keys` has one row, changed in place."""

    @abstractmethod
    def stage(self, name: str, columns: Sequence[str], spread: Sequence[str]) -> str:
        """A table that holds a batch (by its column `batch`) for as long as its transaction takes."""

    @abstractmethod
    def ledger(self, name: str, columns: Sequence[str], key: str, index: str = "") -> str:
        """A small table with a key, perhaps searched by another column too."""


class SingleStore(Dialect):
    """SingleStore 8 and later."""

    key_text = f"VARCHAR({KEY_CHARACTERS}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    long_text = "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    sizes = (
        "SELECT name, SUM(size_bytes) FROM ("
        "SELECT table_name AS name, compressed_size AS size_bytes FROM information_schema.columnar_segments "
        "WHERE database_name = DATABASE() UNION ALL "
        "SELECT table_name AS name, memory_use AS size_bytes FROM information_schema.table_statistics "
        "WHERE database_name = DATABASE()) AS parts GROUP BY name"
    )

    def rows(self, name: str, columns: Sequence[str], sort_key: Sequence[str]) -> str:
        return _create("TABLE", name, [*columns, f"SORT KEY ({_names(sort_key)})", _shard(sort_key[:2])])

    def rollup(self, name: str, columns: Sequence[str], keys: Sequence[str]) -> str:
        unique = f"UNIQUE KEY one ({_names(keys)}) USING HASH"
        # What belongs to no device lies with its organisation: the bucket would scatter it.
        spread = _shard([key for key in keys if key != "bucket"][:2])
        return _create("TABLE", name, [*columns, f"SORT KEY ({_names(keys)})", spread, unique])

    def stage(self, name: str, columns: Sequence[str], spread: Sequence[str]) -> str:
        parts = [f"batch {_BATCH}", *columns, "KEY batch (batch)", _shard(spread)]
        return _create("ROWSTORE TABLE", name, parts)

    def ledger(self, name: str, columns: Sequence[str], key: str, index: str = "") -> str:
        return _create("ROWSTORE TABLE", name, [*columns, f"PRIMARY KEY ({key})", *_index(index)])


class Mysql(Dialect):
    """MariaDB 10.5 and later, whose `nopad` collation compares texts as SingleStore and ClickHouse do."""

    key_text = f"VARCHAR({KEY_CHARACTERS}) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
    long_text = "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
    session = ("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",)
    sizes = (
        "SELECT table_name, data_length + index_length FROM information_schema.tables WHERE table_schema = DATABASE()"
    )

    def rows(self, name: str, columns: Sequence[str], sort_key: Sequence[str]) -> str:
        indexed = sort_key if len(sort_key) <= _MOST_KEYS else sort_key[: _MOST_KEYS - 1]
        return _create("TABLE", name, [*columns, f"KEY sorted ({_names(indexed)})"])

    def rollup(self, name: str, columns: Sequence[str], keys: Sequence[str]) -> str:
        if len(keys) <= _MOST_KEYS:
            return _create("TABLE", name, [*columns, f"PRIMARY KEY ({_names(keys)})"])
        # In hexadecimal no text runs over into the next one.
        texts = ", ".join(f"HEX({quoted(key)})" for key in keys)
        one = f"`one` BINARY(32) AS (UNHEX(SHA2(CONCAT_WS(',', {texts}), 256))) PERSISTENT"
        index = f"KEY sorted ({_names(keys[: _MOST_KEYS - 1])})"
        return _create("TABLE", name, [*columns, one, "UNIQUE KEY one (`one`)", index])

    def stage(self, name: str, columns: Sequence[str], spread: Sequence[str]) -> str:
        return _create("TABLE", name, [f"batch {_BATCH}", *columns, "KEY batch (batch)"])

    def ledger(self, name: str, columns: Sequence[str], key: str, index: str = "") -> str:
        return _create("TABLE", name, [*columns, f"PRIMARY KEY ({key})", *_index(index)])


# An index has 3,072 bytes at most, which three texts of 1,020 and a number fill.
_MOST_KEYS: Final = 4
_BATCH: Final = "CHAR(64) NOT NULL"


def quoted(name: str) -> str:
    """A column's name as an identifier: some are words of the language."""
    return f"`{name}`"


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(quoted, columns))


def _shard(columns: Sequence[str]) -> str:
    return f"SHARD KEY ({_names(columns)})"


def _index(column: str) -> list[str]:
    return [f"KEY {column} ({column})"] if column else []


def _create(kind: str, name: str, parts: Sequence[str]) -> str:
    return f"CREATE {kind} IF NOT EXISTS {name} ({', '.join(parts)})"
