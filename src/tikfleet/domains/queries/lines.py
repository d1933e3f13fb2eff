"""What comes of a fleet query, a line at a time."""

from typing import Literal

import msgspec

# `asleep`: it was not in live mode and did not check in within `wait_s`. `silent`: it took the question and gave no
# answer. `unsupported`: its version lacks the menu or the property. `refused`: in the router's own words. `too-long`:
# it has more than a query takes from one device; the rows before that were given. `stopped`: the query had ended.
Reason = Literal["asleep", "silent", "unsupported", "refused", "too-long", "not-ready", "busy", "stopped"]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How far a query is, in devices; `waiting` has not answered and not failed."""

    devices: int
    asked: int
    answered: int
    failed: int
    waiting: int
    rows: int


class ProgressLine(Counts, frozen=True, kw_only=True, tag_field="kind", tag="progress"):
    """How far the query is: at the start, and then at most twice a second."""


class RowLine(msgspec.Struct, frozen=True, tag_field="kind", tag="row"):
    """A record of a router, with its properties as the router's own REST spells them."""

    device_id: str
    device_name: str
    values: dict[str, str]


class UnansweredLine(msgspec.Struct, frozen=True, tag_field="kind", tag="unanswered"):
    """A device that did not answer, or not wholly, and why."""

    device_id: str
    device_name: str
    reason: Reason
    detail: str


class EndLine(Counts, frozen=True, kw_only=True, tag_field="kind", tag="end"):
    """The last line. `complete`: every device answered wholly. `stopped` says which bound ended the query early."""

    complete: bool
    seconds: float
    stopped: str = ""


Line = ProgressLine | RowLine | UnansweredLine | EndLine
