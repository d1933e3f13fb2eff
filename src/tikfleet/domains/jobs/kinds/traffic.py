"""The kind that lets a router send its flows to a collector, and stop.

Menus and arguments: RouterOS's own inspection of 7.9 to 7.24; release 6.49 by its manual, unverified. A target has no
comment, so ours is known by its address and port, and no other target is touched.
"""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Annotated, Final, Literal

from msgspec import Meta

from tikfleet.domains.jobs.kinds.kind import Fixed, InterfaceName, Parameters
from tikfleet.routeros.script.builder import Expression
from tikfleet.routeros.script.quoting import quote


class TrafficFlow(Parameters, frozen=True, kw_only=True, tag="traffic-flow"):
    """Send flows to a collector, or stop: only traffic that the router's processor forwards is counted."""

    address: Annotated[
        str, Meta(max_length=45, description="Address of the collector; not a name.", examples=["192.0.2.10"])
    ]
    port: Annotated[int, Meta(ge=1, le=65_535, description="UDP port of the collector.")] = 2055
    send: Annotated[
        bool, Meta(description="False takes this target away, and turns flows off when it was the last.")
    ] = True
    version: Annotated[Literal["9", "ipfix"], Meta(description="The form in which flows are sent.")] = "ipfix"
    interfaces: Annotated[
        list[InterfaceName], Meta(max_length=50, description="Where traffic is counted; none leaves it as it is.")
    ] = []
    active_timeout_s: Annotated[
        int, Meta(ge=10, le=3_600, description="How often a long flow is told of: it counts when it is told.")
    ] = 60

    def __post_init__(self) -> None:
        """Raises ValueError for what is no address."""
        ip_address(self.address)

    def script(self, tier: str) -> Sequence[Expression]:
        """The target is looked for on the router, so that a second run changes nothing."""
        address = str(ip_address(self.address))
        head = f"{{\n:local wanted {quote(address)}\n:local there [{_TARGETS} find where dst-address=$wanted "
        head += f"and port={self.port:d}]"
        if not self.send:
            return [Fixed(f"{head}\n{_STOP}}}")]
        listed = f" interfaces={quote(','.join(self.interfaces))}" if self.interfaces else ""
        settings = f"version={self.version} v9-template-refresh=20 v9-template-timeout=1m disabled=no"
        return [
            Fixed(
                f"{head}\n"
                f":if ([:len $there] = 0) do={{ {_TARGETS} add dst-address=$wanted port={self.port:d} {settings} }} "
                f"else={{ {_TARGETS} set $there {settings} }}\n"
                f"{_MENU} set enabled=yes active-flow-timeout={self.active_timeout_s:d}s inactive-flow-timeout=15s"
                f"{listed}\n"
                ':put ("flows are sent to " . $wanted)\n}'
            )
        ]


_MENU: Final = "/ip traffic-flow"
_TARGETS: Final = "/ip traffic-flow target"
# The time-out is set back to RouterOS's own only with the last target: others may rely on it.
_STOP: Final = f"""\
:if ([:len $there] > 0) do={{ {_TARGETS} remove $there }}
:if ([:len [{_TARGETS} find]] = 0) do={{ {_MENU} set enabled=no active-flow-timeout=30m }}
:put ("flows are no longer sent to " . $wanted)
"""
