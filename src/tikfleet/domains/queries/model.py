"""A question to many routers: what is asked of whom, and within which bounds."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.queries.errors import QueryAboutSecrets, QueryUnreadable
from tikfleet.kernel.ids import DeviceId
from tikfleet.routeros.export.secrets import is_sensitive
from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.rest.menus import menus_of
from tikfleet.routeros.rest.plan import Plan
from tikfleet.routeros.rest.where import Question, QuestionRefused, plan_of, read_where


class Bounds(msgspec.Struct, frozen=True):
    """What a query takes at most, from one device and as a whole, and how many routers answer at one time."""

    devices: int = 50_000
    rows_each: int = 10_000
    bytes_each: int = 4 << 20
    rows: int = 1_000_000
    bytes: int = 256 << 20
    at_once: int = 128
    at_once_of_organisation: int = 256
    queries_of_organisation: int = 8
    answer_s: float = 20.0
    device_s: float = 90.0
    # Who has not answered by then lets the next be asked, and may still answer.
    turn_s: float = 3.0


BOUNDS: Final = Bounds()
# What is kept is read whole again; and people who ask come first.
KEPT_BOUNDS: Final = Bounds(rows=200_000, bytes=64 << 20, at_once=64)


class FleetQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One query. Without `fields` every property is wanted; `device_ids` None means all that `selection` matches.

    `wait_s`: how long a router has to come into live mode. `secrets`: who asks may see them.
    """

    question: Question
    fields: tuple[str, ...] = ()
    selection: Selection = Selection()
    device_ids: Sequence[DeviceId] | None = None
    wait_s: float = 30.0
    secrets: bool = False
    rows_each: int = BOUNDS.rows_each


def read_question(text: str, *, secrets: bool) -> Question:
    """Raises QueryUnreadable, and QueryAboutSecrets where the answer would tell what may not be seen."""
    try:
        question = read_where(text)
    except QuestionRefused as cause:
        raise QueryUnreadable(str(cause), fields={"/query": str(cause)}) from cause
    hidden = next((name for name in question.names if is_sensitive(question.menu, name)), "")
    if hidden and not secrets:
        raise QueryAboutSecrets(f"{hidden} of {question.menu} is a secret, and which records match would tell of it")
    return question


class Plans:
    """The plans of one query, one for each release."""

    def __init__(self, query: FleetQuery) -> None:
        self._query = query
        self.of = lru_cache(maxsize=64)(self._made)

    def _made(self, version: str) -> Plan | RestRefused:
        """The plan, or why the release refuses it."""
        try:
            return plan_of(self._query.question, menus_of(version), self._query.fields)
        except RestRefused as refused:
            return refused
