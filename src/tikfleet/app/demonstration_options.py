"""What a demonstration shows."""

import socket
from dataclasses import dataclass

import msgspec

from tikfleet.app.settings import Settings


@dataclass(frozen=True, slots=True)
class DemonstrationOptions:
    """How many light virtual routers, how many whole ones, and how often each reports."""

    routers: int
    full: int
    interval_s: int


def hearing(settings: Settings) -> Settings:
    """The same, and where nothing is said of it, log lines and flows are taken on free ports of this machine alone."""
    if not settings.syslog_udp_port:
        settings = msgspec.structs.replace(settings, syslog_udp_port=_free_port(), syslog_host="127.0.0.1")
    if not settings.flow_ports:
        settings = msgspec.structs.replace(settings, flow_ports=str(_free_port()), flow_host="127.0.0.1")
    return settings


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
