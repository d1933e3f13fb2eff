"""`TIKFLEET_WAREHOUSE_URL`: which engine, where it listens, and as whom it is asked."""

import re
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_PORTS: Final = {"clickhouse": 8123, "clickhouse+tls": 8443, "singlestore": 3306, "singlestore+tls": 3306}
_USERS: Final = {"clickhouse": "default", "singlestore": "root"}


class Engine(Enum):
    """What keeps telemetry."""

    CHDB = "chDB"
    CLICKHOUSE = "ClickHouse"
    SINGLESTORE = "SingleStore"


class WarehouseServer(msgspec.Struct, frozen=True):
    """A server that keeps telemetry. Its password is not part of the address, which is logged and printed."""

    engine: Engine
    host: str
    port: int
    user: str
    database: str
    tls: bool

    def __str__(self) -> str:
        return f"{self.engine.value} on {self.host}:{self.port}, database {self.database}"


def warehouse_server(url: str) -> WarehouseServer:
    """The server of `engine[+tls]://[user@]host[:port][/database]`. Raises ValueError with a sentence."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError(f"a warehouse's address begins with one of {', '.join(name + '://' for name in _PORTS)}")
    if parts.password is not None:
        raise ValueError("the warehouse's password belongs into warehouse_password_file, not into its address")
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("a warehouse's address is engine://user@host:port/database")
    engine = parts.scheme.removesuffix("+tls")
    return WarehouseServer(
        Engine[engine.upper()],
        parts.hostname,
        parts.port or _PORTS[parts.scheme],
        parts.username or _USERS[engine],
        identifier(parts.path.strip("/") or "tikfleet"),
        parts.scheme.endswith("+tls"),
    )


def identifier(name: str) -> str:
    """The name of a database or cluster, which stands in statements. Raises ValueError for any other text."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a database or cluster: letters, digits and _ only")
    return name


def password_of(password: str, file: str) -> str:
    """The password itself, or what its file holds, without the newline at its end. Raises OSError."""
    return Path(file).read_text().rstrip("\r\n") if file else password
