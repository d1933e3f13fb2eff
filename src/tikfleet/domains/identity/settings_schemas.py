"""Wire types of an organisation's settings."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tikfleet.domains.identity.schemas import Timezone
from tikfleet.domains.identity.settings import NAMES, Inherited, SettingsChange, Standing, TrafficAddresses

_FOLLOW: Final = "null gives it back: it follows the nearest organisation above, else the default."

Interval = Annotated[int, Meta(ge=10, le=86_400, examples=[60])]
Missed = Annotated[int, Meta(ge=1, le=100, examples=[3])]
DeviceLimit = Annotated[int, Meta(ge=0, le=1_000_000, examples=[500])]
DaysKept = Annotated[int, Meta(ge=0, le=36_500, examples=[7])]


class InheritedSetting(msgspec.Struct, frozen=True):
    """What a setting is in an organisation that has not chosen it: what the nearest above chose, else the default."""

    value: bool | int | str
    organisation_id: Annotated[str | None, Meta(description="Who chose it; null: it is the default.")]
    organisation_name: str | None

    @classmethod
    def of(cls, inherited: Inherited) -> "InheritedSetting":
        """The wire form."""
        above = inherited.chosen_by
        if above is None:
            return cls(inherited.value, None, None)
        return cls(inherited.value, above.org_id, above.org_name)


class SettingsView(msgspec.Struct, frozen=True):
    """What is in force in the active organisation: each setting is its own, or that of the nearest above it.

    `runs_need_approval`: no run begins before a second person has approved it. `job_devices_…`: how many devices may be
    asked for a change in a minute, in a minute by one person or token, and by one request that is no run. Each lowers
    the limit of the installation; 0 leaves it. `traffic_addresses`: what is kept of addresses in traffic from now on:
    all, their networks (/24, IPv6 /48), or only totals of interfaces. `log_retention_days`: how long log lines are
    kept, at most as long as the installation keeps them; 0 is as long. Older lines are not shown, and soon removed.
    `job_retention_days` and `event_retention_days`: the same of ended jobs with their output and of events of devices.
    """

    checkin_interval_s: Interval
    offline_after_missed: Missed
    timezone: str
    runs_need_approval: bool
    job_devices_per_minute: DeviceLimit
    job_devices_per_person_minute: DeviceLimit
    job_devices_per_request: DeviceLimit
    traffic_addresses: TrafficAddresses
    log_retention_days: DaysKept
    job_retention_days: DaysKept
    event_retention_days: DaysKept
    own: Annotated[
        list[str], Meta(description="Names of those that the organisation chose itself.", examples=[["timezone"]])
    ]
    inherited: Annotated[
        dict[str, InheritedSetting],
        Meta(description="For each setting, what it would be were it not the organisation's own, and whose that is."),
    ]

    @classmethod
    def of(cls, standing: Standing) -> "SettingsView":
        """The wire form of settings."""
        return cls(
            **msgspec.structs.asdict(standing.settings),
            own=[name for name in NAMES if name in standing.own],
            inherited={name: InheritedSetting.of(one) for name, one in standing.inherited.items()},
        )


class SettingsPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of the settings. What is left out stays; what is null follows the organisation above again."""

    checkin_interval_s: Annotated[Interval | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    offline_after_missed: Annotated[Missed | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    timezone: Annotated[Timezone | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    runs_need_approval: Annotated[bool | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    job_devices_per_minute: Annotated[DeviceLimit | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    job_devices_per_person_minute: Annotated[DeviceLimit | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    job_devices_per_request: Annotated[DeviceLimit | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    traffic_addresses: Annotated[TrafficAddresses | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    job_retention_days: Annotated[DaysKept | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    event_retention_days: Annotated[DaysKept | None, Meta(description=_FOLLOW)] | UnsetType = UNSET
    log_retention_days: Annotated[DaysKept | None, Meta(description=_FOLLOW)] | UnsetType = UNSET

    def change(self) -> SettingsChange:
        """The change that the request asks for."""
        return SettingsChange(**msgspec.structs.asdict(self))
