"""The driver's client: opened when an address asks for it, its errors in our words."""

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.warehouse import QueryTooHeavy, WarehouseUnavailable

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_CONNECT_S: Final = 3
_PLAIN_NUMBERS: Final = {"output_format_json_quote_64bit_integers": 0, "output_format_json_quote_denormals": 0}
_CODE: Final = re.compile(r"[Cc]ode: (\d+)")
_TOO_HEAVY: Final = {
    158: "it would read too many rows",
    159: "it ran into its limit of time",
    160: "it would run into its limit of time",
    241: "it ran into its limit of memory",
    396: "its answer is too large",
}
# The server knows who speaks and refuses: another try would not help, but neither is the batch lost.
_REFUSED: Final = {
    193: "the password is wrong",
    194: "a password is required",
    497: "the user may not do this",
    516: "the user or password is wrong",
}


class ServerAddress(msgspec.Struct, frozen=True):
    """Where a ClickHouse server listens for HTTP, and who asks. `ca`: a PEM file that vouches for it, with TLS."""

    host: str
    port: int
    user: str = "default"
    password: str = ""
    tls: bool = False
    ca: str = ""

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"


def load_driver() -> Any:
    """The driver's module. Raises `WarehouseUnavailable`, naming the extra, where it is not installed."""
    try:
        return import_module("clickhouse_connect")
    except ImportError as cause:
        raise WarehouseUnavailable(
            "the driver for ClickHouse is not installed",
            remedy="Install Tikfleet with it: pip install 'tikfleet[clickhouse]'.",
        ) from cause


def connect(address: ServerAddress, answer_s: int) -> "Client":
    """A client that threads may share: no session, so statements do not wait for each other.

    `answer_s` bounds each wait for the server. Raises `WarehouseUnavailable`.
    """
    driver = load_driver()
    try:
        client: Client = driver.get_client(
            host=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            interface="https" if address.tls else "http",
            ca_cert=address.ca or None,
            connect_timeout=_CONNECT_S,
            send_receive_timeout=answer_s,
            autogenerate_session_id=False,
            compress=False,
            query_retries=1,
            settings=_PLAIN_NUMBERS,
        )
    except Exception as cause:
        if is_driver_error(cause):
            raise in_our_words(cause, address) from cause
        raise
    return client


def is_driver_error(error: Exception) -> bool:
    """Whether the driver raised it: its own errors and those of the transport below it."""
    return isinstance(error, OSError) or type(error).__module__.startswith(("clickhouse_connect.", "urllib3."))


def in_our_words(error: Exception, address: ServerAddress) -> TikfleetError:
    """What an error of the driver means to whoever asked."""
    code = getattr(error, "code", None)
    if code is None and (found := _CODE.search(str(error))):
        code = int(found[1])
    if code in _TOO_HEAVY:
        return QueryTooHeavy(f"the question was stopped: {_TOO_HEAVY[code]}")
    if code in _REFUSED:
        return WarehouseUnavailable(f"the ClickHouse server {address} refuses: {_REFUSED[code]}", retry_after_s=30)
    if "CERTIFICATE_VERIFY" in str(error):
        return WarehouseUnavailable(
            f"the certificate of the ClickHouse server {address} is not trusted", retry_after_s=30
        )
    if code is not None:
        return WarehouseUnavailable(f"the ClickHouse server {address} refused the statement", retry_after_s=5)
    return WarehouseUnavailable(f"the ClickHouse server {address} does not answer", retry_after_s=5)
