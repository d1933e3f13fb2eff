"""Questions about lines: the lines themselves, how many over time, and what their fields hold."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from tikfleet.domains.logs.errors import LogSearchUnfit
from tikfleet.domains.logs.facts import COLUMNS, FIELDS, LINES
from tikfleet.domains.logs.retention import LogRetention
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    Aggregate,
    Answer,
    Beyond,
    Expired,
    FactQuery,
    Holds,
    Measure,
    OneOf,
    Warehouse,
    words_of,
)

_TERM: Final = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_CONDITION: Final = re.compile(r"([a-z_]+)(!?=)(.*)", re.DOTALL)
TOPIC: Final = "topic"
_MOST_TOPICS: Final = 2_000
_ADDRESSES: Final = ("address", "to_address")
_IPV4: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_OTHER_FIELDS: Final = ("device_id", "site_id")
_STEPS_S: Final = (1, 5, 10, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 86_400, 604_800)
_MOST_STEPS: Final = 120
_MOST_CONDITIONS: Final = 40
_DAY_S: Final = 86_400

Filter = OneOf | Holds | Beyond | Expired


class Place(msgspec.Struct, frozen=True):
    """Where a line stands: ms since 1970, and its number in that moment."""

    at_ms: int
    seq: int

    @property
    def text(self) -> str:
        """The id of a line."""
        return f"{self.at_ms}-{self.seq}"


class LogSearch(msgspec.Struct, frozen=True):
    """What is looked for: words of the message, conditions such as `action=login-failure`, and a stretch of time."""

    since_ms: int
    until_ms: int
    text: str = ""
    where: tuple[str, ...] = ()

    def filters(self) -> tuple[Filter, ...]:
        """The conditions as the warehouse takes them. Raises LogSearchUnfit."""
        return (*_words(self.text), *_fields(self.where))


class LogSearches:
    """Asks the warehouse about lines of a scope, as far back as each organisation keeps them."""

    def __init__(self, warehouse: Warehouse, retention: LogRetention, clock: Clock) -> None:
        self._warehouse = warehouse
        self._retention = retention
        self._clock = clock

    def span(self, since_ms: int | None, until_ms: int | None) -> tuple[int, int]:
        """A stretch of time from what was given of it: the last hour, or the day before a given end."""
        now_ms = int((self._clock() + timedelta(seconds=1)).timestamp() * 1000)
        until = now_ms if until_ms is None else until_ms
        since = since_ms if since_ms is not None else until - (3_600_000 if until_ms is None else _DAY_S * 1000)
        if since >= until:
            raise LogSearchUnfit("the time ends before it begins")
        return since, until

    async def lines(
        self, scope: OrgScope, search: LogSearch, limit: int, place: Place | None, *, forward: bool = False
    ) -> Answer:
        """Lines in the order of `COLUMNS`: the newest first, from before a place; `forward`: the oldest after it."""
        since, until, filters = search.since_ms, search.until_ms, _spelled(search.filters())
        if place is not None:
            filters = (*filters, Beyond("seq", place.at_ms, place.seq, after=forward))
            since = max(since, place.at_ms) if forward else since
            until = until if forward else min(until, place.at_ms + 1)
        return await self._asked(
            scope,
            FactQuery(
                LINES, (), since, until, group_by=COLUMNS, filters=filters, order_by="seq", descending=not forward,
                limit=limit, listing=True,
            ),
        )  # fmt: skip

    async def histogram(self, scope: OrgScope, search: LogSearch) -> tuple[int, Answer]:
        """How many lines of each severity came, in steps of so many seconds (the first value given)."""
        span_s = (search.until_ms - search.since_ms) / 1000
        step_s = next((step for step in _STEPS_S if span_s / step <= _MOST_STEPS), _STEPS_S[-1])
        answer = await self._counted(
            scope,
            search,
            FactQuery(
                LINES, (Measure("lines", Aggregate.COUNT),), search.since_ms, search.until_ms, bucket_s=step_s,
                group_by=("severity",), filters=search.filters(), limit=8 * (_MOST_STEPS + 2),
            ),
        )  # fmt: skip
        return step_s, answer

    async def facet(self, scope: OrgScope, search: LogSearch, field: str, limit: int) -> Answer:
        """The values of a field that most lines have, with how many have them; each `topic` of their topics alone."""
        if field == TOPIC:
            whole = await self.facet(scope, search, "topics", _MOST_TOPICS)
            counts: Counter[str] = Counter()
            for topics, lines in whole.rows:
                counts.update(dict.fromkeys(topics.split(","), lines))
            return msgspec.structs.replace(whole, columns=(TOPIC, "lines"), rows=counts.most_common(limit))
        if field not in FIELDS and field not in _OTHER_FIELDS:
            raise LogSearchUnfit(f"lines have no field {field}")
        return await self._counted(
            scope,
            search,
            FactQuery(
                LINES, (Measure("lines", Aggregate.COUNT),), search.since_ms, search.until_ms, group_by=(field,),
                filters=(*search.filters(), OneOf(field, ("", "0"), absent=True)), order_by="lines", descending=True,
                limit=limit,
            ),
        )  # fmt: skip

    async def every(self, scope: OrgScope, search: LogSearch, most: int) -> AsyncIterator[Sequence[Sequence[Any]]]:
        """Lines, the newest first, in parts, at most `most` of them together."""
        place: Place | None = None
        while most > 0:
            asked = min(most, 5_000)
            rows = (await self.lines(scope, search, asked, place)).rows
            if not rows:
                return
            yield rows
            most -= len(rows)
            if len(rows) < asked:
                return
            place = Place(rows[-1][0], rows[-1][1])

    async def _counted(self, scope: OrgScope, search: LogSearch, query: FactQuery) -> Answer:
        # A listing knows by the store's indexes that there is no such line; a count would read every message.
        if search.text and not (first := await self.lines(scope, search, 1, None)).rows:
            return msgspec.structs.replace(first, columns=())
        return await self._asked(scope, query)

    async def _asked(self, scope: OrgScope, query: FactQuery) -> Answer:
        since_ms, expired = await self._retention.shown(scope, query.since_ms or 0)
        bounded = msgspec.structs.replace(query, since_ms=since_ms, filters=(*query.filters, *expired))
        return await self._warehouse.select(scope, bounded)


def _spelled(filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """An address of a field also as a word of the message, where it always stands: words have an index."""
    return (
        *filters,
        *(
            Holds("message", one.values[0])
            for one in filters
            if isinstance(one, OneOf) and one.column in _ADDRESSES and not one.absent and len(one.values) == 1
            if _IPV4.fullmatch(one.values[0])
        ),
    )


def _words(text: str) -> list[Filter]:
    found: list[Filter] = []
    for minus, phrase, word in _TERM.findall(text):
        held = phrase or word
        if held.strip():
            found.append(Holds("message", held, absent=bool(minus)))
    _bounded(found)
    return found


def _fields(where: Sequence[str]) -> list[Filter]:
    """Values of one field are alternatives; fields have to hold together. Of topics some may be named."""
    same: dict[tuple[str, bool], list[str]] = {}
    found: list[Filter] = []
    for condition in where:
        parts = _CONDITION.fullmatch(condition)
        field = parts[1] if parts else ""
        if parts is None or field not in (*FIELDS, *_OTHER_FIELDS, TOPIC):
            raise LogSearchUnfit(f"{condition[:80]!r} is not a field of lines with a value")
        absent = parts[2] == "!="
        same.setdefault(("topics" if field == TOPIC else field, absent), []).append(parts[3])
    for (field, absent), values in same.items():
        if field == "topics" and all(map(words_of, values)):
            found.append(Holds(field, values[0], absent, tuple(values[1:])))
        else:
            found.append(OneOf(field, tuple(values), absent))
    _bounded(found)
    return found


def _bounded(found: Sequence[Filter]) -> None:
    if len(found) > _MOST_CONDITIONS:
        raise LogSearchUnfit(f"a search has at most {_MOST_CONDITIONS} conditions")
