"""Kinds that look: at the router's surroundings, its links and its packets.

Each ends by itself: tools that would run until somebody stops them are given a count or a duration. Commands and
arguments are those of RouterOS's own inspection of 7.9 to 7.22; that 6.49 takes the same ones is from its manual.
Not verified on hardware: what a scan prints, and the sniffer's limits on small boards.
"""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Final, Literal

from msgspec import Meta

from tikfleet.domains.jobs.kinds.kind import Host, InterfaceName, Parameters, Text, given, put, secret
from tikfleet.domains.jobs.kinds.settings import Driver, wireless_menu
from tikfleet.routeros.script.builder import FLAG, Argument, Command, Expression, Result, find

_ANYWHERE: Final = "0.0.0.0/0"
_FIRMWARE_ANSWER_S: Final = 10
_BITS: Final = 1_000_000

Seconds = Annotated[int, Meta(ge=1, le=60)]
Port = Annotated[int, Meta(ge=1, le=65_535)]


class Export(Parameters, frozen=True, kw_only=True, tag="export"):
    """Read the configuration, without passwords and keys."""


class FirmwareCheck(Parameters, frozen=True, kw_only=True, tag="firmware-check"):
    """Ask MikroTik which version the router's channel has."""

    def script(self, tier: str) -> Sequence[Expression]:
        """The check answers beside the script, so that it is waited for."""
        return [
            Command("/system/package/update", "check-for-updates", once=FLAG),
            _pause(_FIRMWARE_ANSWER_S),
            Command("/system/package/update", "print"),
        ]

    def lasts_s(self) -> int:
        return _FIRMWARE_ANSWER_S


class Ping(Parameters, frozen=True, kw_only=True, tag="ping"):
    """Send pings from the router."""

    host: Host
    count: Annotated[int, Meta(ge=1, le=100)] = 4
    size_bytes: Annotated[int, Meta(ge=28, le=65_535, description="Of the packet, with its IP header.")] = 56
    interval_s: Annotated[int, Meta(ge=1, le=10)] = 1
    interface: InterfaceName | None = None
    source_address: Annotated[str, Meta(max_length=45, pattern=r"^[0-9A-Fa-f.:]+$(?!\n)")] | None = None

    def script(self, tier: str) -> Sequence[Expression]:
        """`:ping`."""
        arguments = given(
            address=self.host, count=self.count, size=self.size_bytes, interval=timedelta(seconds=self.interval_s),
            interface=self.interface, src_address=self.source_address,
        )  # fmt: skip
        return [Command("", "ping", arguments)]

    def lasts_s(self) -> int:
        return (self.count + 1) * self.interval_s


class Traceroute(Parameters, frozen=True, kw_only=True, tag="traceroute"):
    """Show the way to a host."""

    host: Host
    count: Annotated[int, Meta(ge=1, le=10, description="Packets to each hop.")] = 3
    max_hops: Annotated[int, Meta(ge=1, le=64)] = 30
    timeout_ms: Annotated[int, Meta(ge=100, le=5_000)] = 1_000
    protocol: Literal["icmp", "udp"] = "icmp"
    use_dns: bool = False

    def script(self, tier: str) -> Sequence[Expression]:
        """`/tool traceroute`."""
        arguments = given(
            address=self.host, count=self.count, max_hops=self.max_hops, protocol=self.protocol, use_dns=self.use_dns,
            timeout=timedelta(milliseconds=self.timeout_ms),
        )  # fmt: skip
        return [Command("/tool", "traceroute", arguments)]

    def lasts_s(self) -> int:
        return (self.count + 1) * self.max_hops * self.timeout_ms // 1_000


class BandwidthTest(Parameters, frozen=True, kw_only=True, tag="bandwidth-test"):
    """Measure the speed to another router's bandwidth-test server. It fills the line."""

    host: Host
    user: Text
    password: Annotated[str, secret(0, 100, "Of that user on the other router. It is not shown again.")] = ""
    duration_s: Seconds = 10
    direction: Literal["both", "receive", "transmit"] = "both"
    protocol: Literal["tcp", "udp"] = "tcp"
    local_mbps: Annotated[int, Meta(ge=1, le=100_000, description="The most that is sent.")] | None = None
    remote_mbps: Annotated[int, Meta(ge=1, le=100_000, description="The most that is asked for.")] | None = None

    def script(self, tier: str) -> Sequence[Expression]:
        """`/tool bandwidth-test`, with its limits in bits a second."""
        arguments = given(
            address=self.host, user=self.user, password=self.password, direction=self.direction,
            protocol=self.protocol, duration=timedelta(seconds=self.duration_s),
            local_tx_speed=self.local_mbps and self.local_mbps * _BITS,
            remote_tx_speed=self.remote_mbps and self.remote_mbps * _BITS,
        )  # fmt: skip
        return [Command("/tool", "bandwidth-test", arguments)]

    def lasts_s(self) -> int:
        return self.duration_s


class Torch(Parameters, frozen=True, kw_only=True, tag="torch"):
    """Show who sends what through an interface at this moment."""

    interface: InterfaceName
    duration_s: Seconds = 5
    source: Annotated[str, Meta(max_length=18, description="A prefix.", examples=[_ANYWHERE])] = _ANYWHERE
    destination: Annotated[str, Meta(max_length=18, description="A prefix.", examples=[_ANYWHERE])] = _ANYWHERE
    port: Port | None = None
    protocol: Literal["any", "tcp", "udp", "icmp"] = "any"

    def __post_init__(self) -> None:
        """Raises ValueError for what is no prefix."""
        for text in (self.source, self.destination):
            if ip_network(text).version != 4:  # noqa: PLR2004 - IPv4
                raise ValueError(f"{text} is no prefix of IPv4")

    def script(self, tier: str) -> Sequence[Expression]:
        """`/tool torch`: what is named becomes a column."""
        arguments = given(
            interface=self.interface, duration=timedelta(seconds=self.duration_s),
            src_address=ip_network(self.source), dst_address=ip_network(self.destination),
            port="any" if self.port is None else self.port, ip_protocol=self.protocol,
        )  # fmt: skip
        return [Command("/tool", "torch", arguments)]

    def lasts_s(self) -> int:
        return self.duration_s


class WifiScan(Parameters, frozen=True, kw_only=True, tag="wifi-scan"):
    """List the networks that a radio hears. Its clients may lose their connection meanwhile."""

    interface: InterfaceName
    duration_s: Annotated[int, Meta(ge=1, le=30)] = 5
    driver: Driver = "auto"

    def script(self, tier: str) -> Sequence[Expression]:
        """`scan` of the radio's own menu."""
        arguments: dict[str, Argument] = {"number": self.interface, "duration": timedelta(seconds=self.duration_s)}
        return [Command(wireless_menu(self.driver, tier), "scan", arguments)]

    def lasts_s(self) -> int:
        return self.duration_s


class PacketCapture(Parameters, frozen=True, kw_only=True, tag="packet-capture"):
    """Write packets into a file on the router, which stays there. The sniffer's own settings are emptied afterwards."""

    interface: InterfaceName
    file_name: Annotated[
        str, Meta(max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*\.pcap$(?!\n)", examples=["branch.pcap"])
    ]
    duration_s: Seconds = 10
    limit_kib: Annotated[int, Meta(ge=10, le=10_240, description="The most that the file may take.")] = 1_000
    address: Annotated[str, Meta(max_length=18, description="Only from or to this prefix.")] | None = None
    port: Port | None = None
    protocol: Literal["tcp", "udp", "icmp"] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for what is no prefix."""
        if self.address is not None and ip_network(self.address).version != 4:  # noqa: PLR2004 - IPv4
            raise ValueError(f"{self.address} is no prefix of IPv4")

    def script(self, tier: str) -> Sequence[Expression]:
        """The sniffer writes as it goes; at its limit it stops by itself."""
        wanted: dict[str, Argument] = {
            "file-name": self.file_name, "file-limit": self.limit_kib, "filter-interface": self.interface,
            "filter-ip-address": "" if self.address is None else str(ip_network(self.address)),
            "filter-port": "" if self.port is None else self.port,
            "filter-ip-protocol": self.protocol or "",
        }  # fmt: skip
        written = Command("/file", "get", {"number": find("/file", {"name": self.file_name}), "value-name": "size"})
        return [
            Command("/tool/sniffer", "stop"),
            Command("/tool/sniffer", "set", wanted),
            Command("/tool/sniffer", "start"),
            _pause(self.duration_s),
            Command("/tool/sniffer", "stop"),
            Command("/tool/sniffer", "set", dict.fromkeys(_EMPTIED, "")),
            _pause(1),
            put(Result(written)),
        ]

    def lasts_s(self) -> int:
        return self.duration_s + 1


_EMPTIED: Final = ("file-name", "filter-interface", "filter-ip-address", "filter-port", "filter-ip-protocol")


def _pause(seconds: int) -> Command:
    return Command("", "delay", {"delay-time": timedelta(seconds=seconds)})
