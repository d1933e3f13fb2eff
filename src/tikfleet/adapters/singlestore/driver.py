"""The driver's connections: opened when an address asks for them, its errors in our words."""

import ssl
from importlib import import_module
from typing import Any, Final

import msgspec

from tikfleet.adapters.singlestore.dialect import Dialect
from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.warehouse import QueryTooHeavy, WarehouseUnavailable

Connection = Any
_CONNECT_S: Final = 3
_PATIENCE_S: Final = 120
DUPLICATE: Final = 1062
# A bit of the greeting, and the client's own code for a connection without TLS, in the MySQL protocol.
_TLS_OFFERED: Final = 1 << 11
_NO_TLS: Final = 2026
_LOST: Final = {0, 2006, 2013, 2055}
_TOO_HEAVY: Final = {
    1317: "it ran into its limit of time",
    1969: "it ran into its limit of time",
    3024: "it ran into its limit of time",
    1037: "it ran into its limit of memory",
    1038: "it ran into its limit of memory",
    1041: "it ran into its limit of memory",
    1712: "it ran into its limit of memory",
    1720: "it ran into its limit of memory",
}
_REFUSED: Final = {
    _NO_TLS: "it offers no TLS, or its certificate is not trusted",
    1044: "the user may not use the database",
    1045: "the user or password is wrong",
    1049: "the database does not exist",
    1142: "the user may not do this",
}


class ServerAddress(msgspec.Struct, frozen=True):
    """Where a server listens, and who asks which database. `ca`: a PEM file that vouches for it, with TLS."""

    host: str
    port: int
    database: str
    user: str = "root"
    password: str = ""
    tls: bool = False
    ca: str = ""

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"


def load_driver() -> Any:
    """The driver's module. Raises `WarehouseUnavailable`, naming the extra, where it is not installed."""
    try:
        return import_module("singlestoredb.mysql")
    except ImportError as cause:
        raise WarehouseUnavailable(
            "the driver for SingleStore is not installed",
            remedy="Install Tikfleet with it: pip install 'tikfleet[singlestore]'.",
        ) from cause


def connect(address: ServerAddress, dialect: Dialect) -> Connection:
    """A connection whose statements stand alone until `begin`. Raises what the driver raises."""
    secured: dict[str, Any] = {"ssl_disabled": True}
    if address.tls:
        # A context of our own: given options instead, the driver checks no name where it is given no authority.
        secured = {"ssl": ssl.create_default_context(cafile=address.ca or None)}
    connection: Connection = _connection_type(load_driver(), tls=address.tls)(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        database=address.database,
        charset="utf8mb4",
        autocommit=True,
        results_type="tuples",
        parse_json=False,
        connect_timeout=_CONNECT_S,
        read_timeout=_PATIENCE_S,
        write_timeout=_PATIENCE_S,
        **secured,
    )
    for statement in dialect.session:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    return connection


def _connection_type(driver: Any, *, tls: bool) -> Any:
    if not tls:
        return driver.Connection

    class Secured(driver.Connection):  # type: ignore[misc]  # loaded when it is needed
        """Says nothing of user or password to a server that offers no TLS; the driver would go on in clear."""

        def _request_authentication(self) -> None:
            if not self.server_capabilities & _TLS_OFFERED:
                raise driver.OperationalError(_NO_TLS, "the server offers no TLS")
            super()._request_authentication()

    return Secured


def is_driver_error(error: Exception) -> bool:
    """Whether the driver raised it: its own errors and those of the socket below it."""
    return isinstance(error, OSError) or type(error).__module__.startswith("singlestoredb.")


def code_of(error: Exception) -> int:
    """The server's code of an error, or the client's for a lost connection; -1 where it has none."""
    code = getattr(error, "errno", None)
    if not isinstance(code, int):
        code = error.args[0] if error.args and isinstance(error.args[0], int) else -1
    return -1 if isinstance(error, OSError) else code


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone; what was asked may or may not have been done."""
    return isinstance(error, OSError) or code_of(error) in _LOST or type(error).__name__ == "InterfaceError"


def in_our_words(error: Exception, address: ServerAddress) -> TikfleetError:
    """What an error of the driver means to whoever asked."""
    code = _NO_TLS if isinstance(error, ssl.SSLError) or "CERTIFICATE_VERIFY" in str(error) else code_of(error)
    if code in _TOO_HEAVY:
        return QueryTooHeavy(f"the question was stopped: {_TOO_HEAVY[code]}")
    if code in _REFUSED:
        return WarehouseUnavailable(f"the SingleStore server {address} refuses: {_REFUSED[code]}", retry_after_s=30)
    if is_lost(error) or code in (2002, 2003):
        return WarehouseUnavailable(f"the SingleStore server {address} does not answer", retry_after_s=5)
    return WarehouseUnavailable(f"the SingleStore server {address} refused the statement", retry_after_s=5)
