"""Where to connect, as whom, and how patient to be."""

import ssl
from dataclasses import dataclass, field
from typing import Final

from tikfleet.routeros.api.decoder import Limits
from tikfleet.routeros.api.login import Credentials
from tikfleet.routeros.api.text import Text
from tikfleet.routeros.api.tls import Plain, Tls, verified

PLAIN_PORT: Final = 8728
TLS_PORT: Final = 8729


@dataclass(frozen=True, slots=True)
class Options:
    """What seldom differs. Times are in seconds.

    `patience_s` is for one command. `reconnects`: a command that finds no connection opens a new one, and one that
    only reads (`print`) is sent again when the connection was lost under it. `backlog_rows` is how far a stream may be
    ahead of its reader.
    """

    patience_s: float = 30.0
    connect_within_s: float = 10.0
    reconnects: bool = True
    backlog_rows: int = 10_000
    text: Text = field(default_factory=Text)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Target:
    """One router's API. Without a `tls` it is checked as `tls.verified()` does; without a port it is RouterOS's own."""

    host: str
    who: Credentials
    tls: Tls = field(default_factory=verified)
    port: int = 0
    options: Options = field(default_factory=Options)

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port or (TLS_PORT if self.context else PLAIN_PORT)

    @property
    def context(self) -> ssl.SSLContext | None:
        return None if isinstance(self.tls, Plain) else self.tls
