"""Settings of organisations: each one is an organisation's own, the nearest above's, or the default."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from tikfleet.kernel.ids import OrganisationId

TrafficAddresses = Literal["full", "networks", "totals"]


class Settings(msgspec.Struct, frozen=True):
    """How an organisation's routers check in. `timezone` is an IANA name, for reports and windows.

    `job_devices_…` are limits of its own below the installation's; 0 is none. `traffic_addresses` is what is kept of
    addresses in traffic: all of them, their networks (/24, IPv6 /48), or only totals of interfaces. For as many
    as `log_retention_days` its log lines are kept, and so on; 0 is as long as the installation keeps them.
    """

    checkin_interval_s: int = 60
    offline_after_missed: int = 3
    timezone: str = "UTC"
    runs_need_approval: bool = False
    job_devices_per_minute: int = 0
    job_devices_per_person_minute: int = 0
    job_devices_per_request: int = 0
    traffic_addresses: TrafficAddresses = "full"
    log_retention_days: int = 0
    job_retention_days: int = 0
    event_retention_days: int = 0


class SettingsChange(msgspec.Struct, frozen=True):
    """What is to change: UNSET leaves it as it is, None gives it back, to follow what stands above."""

    checkin_interval_s: int | None | UnsetType = UNSET
    offline_after_missed: int | None | UnsetType = UNSET
    timezone: str | None | UnsetType = UNSET
    runs_need_approval: bool | None | UnsetType = UNSET
    job_devices_per_minute: int | None | UnsetType = UNSET
    job_devices_per_person_minute: int | None | UnsetType = UNSET
    job_devices_per_request: int | None | UnsetType = UNSET
    traffic_addresses: TrafficAddresses | None | UnsetType = UNSET
    log_retention_days: int | None | UnsetType = UNSET
    job_retention_days: int | None | UnsetType = UNSET
    event_retention_days: int | None | UnsetType = UNSET

    def wanted(self) -> dict[str, Any]:
        """The new value of each setting that is to change."""
        given = {name: getattr(self, name) for name in NAMES}
        return {name: value for name, value in given.items() if not isinstance(value, UnsetType)}


NAMES: Final = tuple(field.name for field in msgspec.structs.fields(Settings))


# Settings that say for how many days something is kept: at most as long as the installation keeps it.
KEPT: Final = ("log_retention_days", "job_retention_days", "event_retention_days")
KeptDays = Literal["log_retention_days", "job_retention_days", "event_retention_days"]


class Chosen(msgspec.Struct, frozen=True):
    """What one organisation has chosen by itself. `own` has a value, or None, for each of the settings."""

    org_id: OrganisationId
    org_name: str
    own: Mapping[str, Any]


class Inherited(msgspec.Struct, frozen=True):
    """What a setting is without a value of the organisation's own; `chosen_by` has chosen it, None: the default."""

    value: bool | int | str
    chosen_by: Chosen | None


class Standing(msgspec.Struct, frozen=True):
    """The settings in force, which of them are the organisation's own, and what would be in force without those."""

    settings: Settings
    own: frozenset[str]
    inherited: Mapping[str, Inherited]


def standing(org_id: OrganisationId, lineage: Sequence[Chosen]) -> Standing:
    """Where an organisation's settings come from. `lineage` goes upward, and leaves out those that chose nothing."""
    mine = next((one.own for one in lineage if one.org_id == org_id), {})
    own = {name: value for name, value in mine.items() if value is not None}
    above = [one for one in lineage if one.org_id != org_id]
    inherited = {name: _nearest(name, above) for name in NAMES}
    values = {name: own.get(name, inherited[name].value) for name in NAMES}
    return Standing(Settings(**values), frozenset(own), inherited)


def _nearest(name: str, above: Iterable[Chosen]) -> Inherited:
    for one in above:
        if one.own[name] is not None:
            return Inherited(one.own[name], one)
    return Inherited(getattr(Settings(), name), None)
