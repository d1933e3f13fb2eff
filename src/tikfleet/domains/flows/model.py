"""Values of flows: how much of them an organisation keeps, and the form in which they wait on disk."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

import msgspec
import numpy as np

from tikfleet.domains.flows.wire.flows import FLOW
from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId
from tikfleet.ports.inbox import Envelope

FORM: Final = "flows/1"


class Privacy(IntEnum):
    """What is kept of addresses: all, networks (/24, IPv6 /48), or nothing but totals of interfaces."""

    FULL = 0
    NETWORKS = 1
    TOTALS = 2


class Part(msgspec.Struct, frozen=True, array_like=True):
    """Flows of one exporter: whose they are, the address that they came from, and elements of `FLOW`."""

    org_id: OrganisationId
    device_id: DeviceId
    site_id: SiteId
    address: str
    flows: bytes

    def decoded(self) -> Any:
        """The flows as an array."""
        return np.frombuffer(self.flows, FLOW)


_packer = msgspec.msgpack.Encoder()
_unpacker = msgspec.msgpack.Decoder(list[Part])


def envelope_of(parts: Sequence[Part], now_ms: int) -> Envelope:
    """Flows of several exporters, of whatever organisations, as they wait."""
    return Envelope(OrganisationId(""), DeviceId(""), now_ms, "flows", FORM, "", _packer.encode(parts))


def parts_in(envelope: Envelope) -> list[Part]:
    """What an envelope holds. Raises ValueError for one of another form."""
    if envelope.content_type != FORM:
        raise ValueError(f"{envelope.content_type!r} is not {FORM}")
    return _unpacker.decode(envelope.body)
