"""The wire types of when and how a job may be done: windows, repetition, a backup before it, whom to tell."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.jobs.windows import DAYS, Day, Window, timezones

_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)"

ClockText = Annotated[str, Meta(max_length=5, pattern=_CLOCK, examples=["22:00"])]
NotifyUrl = Annotated[
    str,
    Meta(
        max_length=2_048,
        pattern=r"^https?://[^\x00-\x20\x7f#]+$(?!\n)",
        description="Told of the end with a signed POST; `https://` on the public internet.",
        examples=["https://hooks.acme.example/tikfleet"],
    ),
]


class JobConfirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The device saves a restore point before the change, and goes back to it by itself.

    The change stays when the device has reached Tikfleet again after it, within `within_s`.
    """

    within_s: Annotated[
        int, Meta(ge=60, le=3_600, description="How long the device tries to reach Tikfleet.", examples=[300])
    ] = 300


class JobRetry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A job that failed is done again after `pause_s`, until it was done `attempts` times or expires.

    For the classes `query` and `desired-state`: what takes effect once is never repeated.
    """

    attempts: Annotated[int, Meta(ge=2, le=10, examples=[3])] = 3
    pause_s: Annotated[int, Meta(ge=5, le=3_600, examples=[60])] = 60


class MaintenanceWindow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A maintenance window: nobody is asked outside of it, and what was not begun is called back when it closes.

    It begins on `days`, and may end after midnight.
    """

    start: ClockText
    end: ClockText
    days: Annotated[list[Day], Meta(min_length=1, max_length=7)] = msgspec.field(default_factory=lambda: list(DAYS))
    timezone: Annotated[
        str,
        Meta(max_length=64, pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$(?!\n)", examples=["Europe/Riga"]),
    ] = "UTC"

    def window(self) -> Window:
        """The value that it stands for. Raises ValueError for a timezone that is none."""
        if self.timezone not in timezones():
            raise ValueError(f"{self.timezone} is not in the IANA database")
        return Window(self.start, self.end, tuple(dict.fromkeys(self.days)), self.timezone)
