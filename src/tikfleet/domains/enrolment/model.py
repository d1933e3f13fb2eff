"""What a router says of itself when it enrols, and what stands in its way. Values and rules without I/O."""

from typing import Annotated, Final, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta

from tikfleet.domains.inventory.public import Finding
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.routeros.values import RouterOSVersion, parse_moment, parse_size_bytes

T = TypeVar("T", bound=msgspec.Struct)
Value = str | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | float | bool | None
KeyState = Literal["active", "expired", "used-up", "revoked"]
Outcome = Literal["enrolled", "pending", "refused", "warning"]
CredentialState = Literal["active", "pending", "fresh", "old"]

_CLOCK_BEFORE: Final = 2024
_LOW_FLASH_BYTES: Final = 512 * 1024


class Inventory(msgspec.Struct, rename="kebab"):
    """The `inventory` group of the agent protocol, as the router writes it."""

    identity: str = ""
    serial_number: str = ""
    software_id: str = ""
    board_name: str = ""
    model: str = ""
    architecture_name: str = ""
    version: str = ""
    cpu: str = ""
    cpu_count: Value = None
    cpu_frequency: Value = None
    total_memory: Value = None
    total_hdd_space: Value = None
    license_level: Value = None
    factory_firmware: str = ""
    current_firmware: str = ""
    upgrade_firmware: str = ""
    device_mode: str = ""


class Probe(msgspec.Struct, rename="kebab"):
    """The `probe` group: what the installer found on the router."""

    clock: str = ""
    device_mode: str = ""
    fetch: str = ""
    scheduler: str = ""
    trust: str = ""
    flash: str = ""
    free_hdd_space: Value = None
    policies: str = ""


class EnrolRequest(msgspec.Struct):
    """The body of `POST /agent/v1/enrol`."""

    inventory: Inventory
    probe: Probe = msgspec.field(default_factory=Probe)
    v: int = 1


def printable(request: EnrolRequest) -> EnrolRequest:
    """The same without NUL in any text: no database of ours holds it, and it names nothing."""
    return EnrolRequest(_without_nul(request.inventory), _without_nul(request.probe), request.v)


def _without_nul(group: T) -> T:
    texts = {
        name: value.replace("\x00", "\ufffd")
        for name in group.__struct_fields__
        if isinstance(value := getattr(group, name), str) and "\x00" in value
    }
    return msgspec.structs.replace(group, **texts) if texts else group


class Credential(msgspec.Struct, frozen=True):
    """What a device token proves.

    `pending`: a person has to approve it; `fresh`: given in a rotation, not seen yet; `old`: replaced in a rotation
    some minutes ago at most.
    """

    org_id: OrganisationId
    device_id: DeviceId
    state: CredentialState
    tier: str


class AgentScripts(Protocol):
    """The RouterOS text that the platform hands to routers."""

    def tier(self, version: str) -> str:
        """The agent's tier for a RouterOS version. Raises ValueError, in words for people, for another."""
        ...

    def lines(self, key_secret: str) -> dict[str, str]:
        """What to paste into a router's terminal, by generation (`v7`, `v6`)."""
        ...

    def installer(self, version: str, key_secret: str) -> str: ...

    def refusal(self, reason: str) -> str:
        """A script that only prints why nothing was installed."""
        ...

    def upgrade(self, tier: str) -> str:
        """A script that replaces the agent by the present one."""
        ...

    def removal(self, tier: str) -> str:
        """A script that removes what enrolment added."""
        ...


def findings_of(request: EnrolRequest) -> list[Finding]:
    """What stands in the way of good service on this router, in plain words, with the remedy."""
    probe = request.probe
    found = [*_clock(probe), *_modes(probe), *_flash(probe)]
    if probe.trust == "none":
        found.append(
            Finding(
                "trust.none",
                "warning",
                "The router trusts no certificate authority, so it can't check who answers it.",
                "Run the enrolment line again: it brings the server's own authority.",
            )
        )
    try:
        RouterOSVersion.parse(request.inventory.version)
    except ValueError:
        found.append(
            Finding(
                "version.unknown", "warning", f"The version {request.inventory.version!r} is not one that is known."
            )
        )
    return found


def _clock(probe: Probe) -> list[Finding]:
    text = probe.clock.strip()
    try:
        moment = parse_moment(text, utc_now())
    except ValueError:
        moment = None
    if text and (moment is None or moment.year < _CLOCK_BEFORE):
        return [
            Finding(
                "clock.unset",
                "warning",
                f"The router's clock shows {text[:32]}, so certificates look invalid to it.",
                "Set /system ntp client with a server that it reaches, or /ip cloud update-time.",
            )
        ]
    return []


def _modes(probe: Probe) -> list[Finding]:
    found = []
    for feature, allowed in (("fetch", probe.fetch), ("scheduler", probe.scheduler)):
        if allowed.lower() in {"no", "false"}:
            found.append(
                Finding(
                    f"device-mode.{feature}",
                    "blocking",
                    f"Device mode {probe.device_mode or 'of this router'} forbids /{feature}, which the agent needs.",
                    f"Run /system/device-mode/update {feature}=yes and confirm it with the button or a power cycle.",
                )
            )
    return found


def _flash(probe: Probe) -> list[Finding]:
    try:
        free_bytes = parse_size_bytes(str(probe.free_hdd_space)) if probe.free_hdd_space not in (None, "") else None
    except (ValueError, OverflowError):
        free_bytes = None
    if free_bytes is not None and free_bytes < _LOW_FLASH_BYTES:
        return [
            Finding(
                "flash.low",
                "warning",
                f"Only {free_bytes // 1024} KiB of flash are free; jobs and upgrades need more.",
                "Remove files that are not needed with /file remove.",
            )
        ]
    return []
