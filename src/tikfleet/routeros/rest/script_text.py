"""What the scripts of REST say: of a question the text that it returned, of a job what it showed among other things."""

import re
from dataclasses import dataclass
from typing import Final

from tikfleet.routeros.rest.plan import Outcome
from tikfleet.routeros.rest.rows import read_rows

_BEGINNING: Final = "tikfleet-rest "
_END: Final = "tikfleet-end"
_HEAD: Final = re.compile(r"(value|single|rows) ([0-9]{1,9}) ([0-9]{1,9})\r?\n")


class Unreadable(ValueError):
    """The text is none of ours, or is cut off."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an answer: `following` is the row that the next part begins with, None at the end."""

    outcome: Outcome
    text: str
    following: int | None = None


def read_question(text: str) -> Stretch:
    """What a question returned. Raises Unreadable."""
    head = _HEAD.match(text)
    if head is None:
        raise Unreadable("the router's answer has no head")
    rest = text[head.end() :]
    total, sent = int(head[2]), int(head[3])
    following = sent if head[1] == "rows" and sent < total else None
    return Stretch(_outcome(head[1], rest), rest, following)


def read_output(text: str) -> Stretch:
    """What a job showed. Raises Unreadable."""
    start = text.find(_BEGINNING)
    end = text.rfind(_END)
    if start < 0 or end < 0:
        raise Unreadable("the job's output holds no answer, or was cut off")
    return read_question(text[start + len(_BEGINNING) : end])


def mark_of(output: str) -> str:
    """Why a job's script stopped by itself: `missing`, `changed`, or nothing."""
    found = re.search(r"tikfleet-(missing|changed)\b", output)
    return found[1] if found else ""


def _outcome(form: str, rest: str) -> Outcome:
    if form == "value":
        return Outcome(ret=rest)
    return Outcome(read_rows(rest), single=form == "single")
