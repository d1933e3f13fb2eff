"""Times in requests: RFC 3339 text whose form the API's description states exactly."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from tikfleet.kernel.clock import from_text
from tikfleet.kernel.errors import Conflict

# Years from 1970 to 2999, so that no zone can carry a moment out of the calendar; seconds end at 59.
MOMENT_PATTERN: Final = (
    r"^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$(?!\n)"
)
MOMENT_DESCRIPTION: Final = "RFC 3339, years 1970 to 2999."

MomentText = Annotated[
    str,
    msgspec.Meta(
        pattern=MOMENT_PATTERN,
        max_length=40,
        description=MOMENT_DESCRIPTION,
        examples=["2026-11-23T04:20:11Z"],
    ),
]


class MomentUnknown(Conflict):
    """A time has the right form but names a day that its month does not have."""

    code = "time.unknown-day"
    title = "There is no such day"
    remedy = "Send a day that the month has."


def moment_of(text: str) -> datetime:
    """The moment that a `MomentText` names. Raises MomentUnknown for a day such as 30 February."""
    try:
        return from_text(text)
    except ValueError as cause:
        raise MomentUnknown(f"{text} names a day that is not in the calendar") from cause
