"""What the checker says about a script."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error is what RouterOS refuses, a warning what it does though it may not be meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about one place. Line and column count from 1, in bytes, as RouterOS's own messages do.

    The sentence of an error starts with the words that RouterOS uses. Codes are stable; `docs/reference/scripts.md`
    lists them. `since` is the release that brought what an older one lacks; empty for any other remark.
    """

    severity: Severity
    line: int
    column: int
    code: str
    sentence: str
    since: str = ""
