"""What somebody wants of a run: the change, whom it is for, in what waves, within which limits and when."""

from typing import Literal

import msgspec

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.public import JobClass, TypedKind, Window, default_class

RunKind = Literal["script", TypedKind, "menu"]
ParameterType = Literal["string", "integer", "boolean", "address", "duration", "list"]
ParameterValue = bool | int | str | list[str]


class Parameter(msgspec.Struct, frozen=True):
    """A value that a script names as `${name}`, or a parameter of a typed kind. A typed kind's secrets are sealed."""

    name: str
    value: ParameterValue
    type: ParameterType = "string"


class MenuState(msgspec.Struct, frozen=True):
    """How a menu is to be: `values` of the item that has `match`, which is added where it is missing.

    Without `match` it is a menu of single values, such as `/ip/dns`.
    """

    menu: str
    values: dict[str, str]
    match: dict[str, str] = {}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What every device is asked. `job_class` None means the kind's own.

    With `confirm_s` a device undoes it unless it reaches Tikfleet again within that time. One that failed is done again
    after `retry_pause_s`, until it was done `retry_attempts` times (0: it is not). `backup_first`: an export comes
    before it, and has to succeed.
    """

    kind: RunKind
    script: str | None = None
    desired: MenuState | None = None
    parameters: tuple[Parameter, ...] = ()
    job_class: JobClass | None = None
    unchecked: bool = False
    timeout_s: int = 60
    expires_in_s: int = 604_800
    confirm_s: int = 0
    retry_attempts: int = 0
    retry_pause_s: int = 0
    backup_first: bool = False

    @property
    def effective_class(self) -> JobClass:
        """The class of its jobs; what is confirmed is *once*."""
        own: JobClass = "desired-state" if self.kind == "menu" else default_class(self.kind)
        return self.job_class or ("once" if self.confirm_s else own)

    @property
    def is_typed(self) -> bool:
        """Whether it is one of the catalogue's kinds, whose parameters have types of their own."""
        return self.kind not in ("script", "menu")


class WaveWish(msgspec.Struct, frozen=True):
    """Until so many, or such a share, of all targets have been asked."""

    count: int | None = None
    percent: int | None = None
    pause_s: int = 0
    gate: bool = False


class Limits(msgspec.Struct, frozen=True):
    """How many, and what share in percent, may fail or stay silent: of the wave, and of the run. None is no limit."""

    failures: int | None = None
    percent: int | None = 10
    wave_failures: int | None = None
    wave_percent: int | None = 20


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that was asked for. `joins_until`: devices that begin to match before then join the last wave."""

    change: Change
    description: str = ""
    device_ids: tuple[str, ...] | None = None
    selection: Selection | None = None
    joins_until: str | None = None
    waves: tuple[WaveWish, ...] = ()
    limits: Limits = Limits()
    silence_s: int = 3_600
    starts_at: str | None = None
    window: Window | None = None
