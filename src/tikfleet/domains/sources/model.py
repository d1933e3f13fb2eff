"""Where lines and flows come from, and whose they are: values without I/O."""

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from typing import Final, Literal

import msgspec

from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId
from tikfleet.kernel.scopes import Actor

Stream = Literal["syslog", "flow", "http"]
Way = Literal["token", "certificate", "tunnel", "port", "address"]
Reason = Literal["", "unknown", "several-devices", "several-organisations", "not-looked-up"]
Cause = Literal["rate", "buffer", "unattributed", "invalid"]

CAUSES: Final[tuple[Cause, ...]] = ("rate", "buffer", "unattributed", "invalid")


class Arrival(msgspec.Struct, frozen=True):
    """How something came in: what it may be recognised by.

    `address` is who sent the packet or connected, `port` the local port where it came in, `certificate` the SHA-256
    of a TLS client's certificate and `token` that of the token it showed, both in hexadecimal.
    """

    stream: Stream
    address: str
    port: int = 0
    certificate: str = ""
    token: str = ""

    def ways(self) -> Iterator[tuple[Way, str]]:
        """What it may be claimed by, the strongest proof first."""
        if self.token:
            yield "token", self.token
        if self.certificate:
            yield "certificate", self.certificate
        yield "tunnel", self.address
        if self.port:
            yield "port", str(self.port)
        yield "address", self.address


class Origin(msgspec.Struct, frozen=True):
    """Whose something is. Without an organisation it is nobody's yet, and `reason` says why.

    An organisation without a device: it is one of several that send from there, or a program that sends for many.
    `source_id` is the claim that said so; empty where check-ins did.
    """

    org_id: OrganisationId = OrganisationId("")
    device_id: DeviceId = DeviceId("")
    site_id: SiteId = SiteId("")
    way: Way = "address"
    value: str = ""
    source_id: str = ""
    reason: Reason = ""

    @property
    def known(self) -> bool:
        """Whether an organisation is known."""
        return bool(self.org_id)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said: whatever comes by this way is of this organisation, and of this device when it names one."""

    id: str
    org_id: OrganisationId
    way: Way
    value: str
    device_id: DeviceId | None
    name: str
    created_at: str
    created_by: Actor


class Counted(msgspec.Struct):
    """Lines, packets or records: what came is what was taken and what was dropped, by cause."""

    received: int = 0
    accepted: int = 0
    rate: int = 0
    buffer: int = 0
    unattributed: int = 0
    invalid: int = 0

    def add(self, other: "Counted") -> None:
        """Count these too."""
        self.received += other.received
        self.accepted += other.accepted
        self.rate += other.rate
        self.buffer += other.buffer
        self.unattributed += other.unattributed
        self.invalid += other.invalid

    @property
    def dropped(self) -> int:
        """All that was not taken."""
        return self.rate + self.buffer + self.unattributed + self.invalid


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A sender as it was seen: when, how much, and whose it is taken to be. `sample` begins something it sent."""

    stream: Stream
    way: Way
    value: str
    org_id: str
    device_id: str
    reason: str
    sample: str
    first_at: str
    last_at: str
    received: int
    accepted: int
    rate: int
    buffer: int
    unattributed: int
    invalid: int


def normal_address(text: str) -> str:
    """An address as it is compared: IPv4 in IPv6 as IPv4, without a zone. Raises ValueError for what is none."""
    found = ip_address(text.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found)
