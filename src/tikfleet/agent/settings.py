"""What a deployment puts into the scripts it hands to routers."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_PLAIN_URL: Final = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_PLAIN_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")
_SHORTEST_S, _LONGEST_S = 10, 86_400


class CertificateCheck(StrEnum):
    """How a router checks the server's certificate. There is no way to ask for none."""

    WITH_CRL = "yes"
    WITHOUT_CRL = "yes-without-crl"


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """The same for every router of a deployment.

    `server_url` is the public address without a trailing slash. `interval_s` is the pace of a router that has not
    heard from the server yet, `startup_spread_s` how far a fleet spreads itself after a power cut. Raises
    `ValueError` for a value that a script could not carry.
    """

    server_url: str
    agent_version: str
    check_certificate: CertificateCheck = CertificateCheck.WITHOUT_CRL
    interval_s: int = 60
    startup_spread_s: int = 60

    def __post_init__(self) -> None:
        if _PLAIN_URL.fullmatch(self.server_url) is None or self.server_url.endswith("/"):
            raise ValueError(f"{self.server_url!r} is not a plain http(s) address without a trailing slash")
        if _PLAIN_VERSION.fullmatch(self.agent_version) is None:
            raise ValueError(f"{self.agent_version!r} is not an agent version")
        if not _SHORTEST_S <= self.interval_s <= _LONGEST_S:
            raise ValueError(f"interval_s is {self.interval_s}: it must be {_SHORTEST_S} to {_LONGEST_S}")
        if not 0 <= self.startup_spread_s <= _SHORTEST_S * 12:
            raise ValueError(f"startup_spread_s is {self.startup_spread_s}: it must be 0 to {_SHORTEST_S * 12}")


@dataclass(frozen=True, slots=True)
class InstallerSettings:
    """One answer to `GET /agent/v1/install`: the deployment, and the enrolment key that asked.

    `pause_s` is how long the installer waits between saying what it will add and adding it.
    """

    agent: AgentSettings
    enrolment_key: str
    pause_s: int = 5


@dataclass(frozen=True, slots=True)
class RemovalSettings:
    """`pause_s` lets the run of the agent that asked for the removal come to its end."""

    pause_s: int = 3
