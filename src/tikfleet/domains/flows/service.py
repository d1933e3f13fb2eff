"""Who talks to whom, how much, and when."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.flows.facts import FLOWS, FlowRetention
from tikfleet.domains.flows.names import Names
from tikfleet.domains.flows.plans import Plan, in_steps, whole
from tikfleet.domains.flows.questions import FILTERS, KEYS, By, Course, Item, Line, Only, Percentile, Sort, Top, Volume
from tikfleet.domains.telemetry.public import Window
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import RAW, Aggregate, Answer, FactQuery, Measure, OneOf, QueryTooHeavy, Total, Warehouse

_UP: Final = Measure("up", Aggregate.SUM, "up_bytes")
_DOWN: Final = Measure("down", Aggregate.SUM, "down_bytes")
_TOTAL: Final = Total("total", (_UP, _DOWN))
_VOLUME: Final = (
    _UP,
    _DOWN,
    Measure("up_packets", Aggregate.SUM, "up_packets"),
    Measure("down_packets", Aggregate.SUM, "down_packets"),
)
_RANKS: Final[Mapping[str, Measure | Total]] = {"total": _TOTAL, "up": _UP, "down": _DOWN}
_MANY: Final[frozenset[By]] = frozenset({"talker", "remote", "conversation"})
_FEW: Final = 100
_BILL_S: Final = 300
_MOST_POINTS: Final = 400_000
# Which of them answer is measured by `bench.flow_rollups`: a service alone does not.
_FEWER: Final = "Ask for the conversations of one device, site or host, or for those of the last hours."
_OF_TALKERS: Final = frozenset({"device_id", "site_id", "local_address"})


class Traffic:
    """Questions about traffic; each asks the smallest rollup that can answer it."""

    def __init__(
        self,
        warehouse: Warehouse,
        names: Names,
        retention: FlowRetention,
        clock: Clock,
        hosts: Sequence[int] = (50, 500, 2_500),
    ) -> None:
        """`hosts`: among the conversations of so many the greatest are looked for, before all are gone through."""
        self._hosts = hosts
        self._warehouse = warehouse
        self._names = names
        self._retention = retention
        self._clock = clock

    async def top(self, scope: OrgScope, by: By, window: Window, only: Only, sort: Sort, limit: int) -> Top:
        """The `limit` greatest, first one first, with their share of all. Raises TrafficTooDetailed."""
        keys = KEYS[by]
        plan = whole(window, {*keys, *_filtered(only)}, self._now_s(), self._retention)
        # Of so many that there can be, what is ranked by is read of all, and the rest of the greatest only.
        apart = by in _MANY and limit <= _FEW
        query = _ranked(plan, (_RANKS[sort],) if apart else (*_VOLUME, _TOTAL), only, (keys, sort, limit))
        answer = await self._greatest(scope, by, query, plan, only)
        if apart:
            answer = await self._volumes(scope, query, answer)
        total_plan = whole(window, _filtered(only), self._now_s(), self._retention)
        everything = await self._warehouse.select(scope, _query(total_plan, _VOLUME, only))
        total = _volume(everything.rows[0]) if everything.rows else Volume()
        found = [(dict(zip(keys, row, strict=False)), _volume(row[len(keys) :])) for row in answer.rows]
        labels = await self._names.of(scope, by, [of for of, _ in found])
        items = [
            Item(of, label, volume, round(100 * volume.total_bytes / max(1, total.total_bytes), 2))
            for (of, volume), label in zip(found, labels, strict=True)
        ]
        elapsed_ms = answer.elapsed_ms + everything.elapsed_ms
        return Top(plan, items, total, round(elapsed_ms, 3), answer.rows_read + everything.rows_read)

    async def _greatest(self, scope: OrgScope, by: By, query: FactQuery, plan: Plan, only: Only) -> Answer:
        try:
            answer = await self._conversations(scope, query, plan, only) if by == "conversation" else None
            return answer or await self._warehouse.select(scope, query)
        except QueryTooHeavy as cause:
            if by != "conversation":
                raise
            raise QueryTooHeavy(cause.detail, remedy=_FEWER) from cause

    async def _volumes(self, scope: OrgScope, query: FactQuery, ranked: Answer) -> Answer:
        """The same, in the same order, with volumes in place of what they were ranked by."""
        count = len(query.group_by)
        leaders = [tuple(row[:count]) for row in ranked.rows]
        among = _among(query.group_by, leaders)
        wide = msgspec.structs.replace(
            query, measures=_VOLUME, filters=(*query.filters, *among), order_by="", limit=_MOST_POINTS
        )
        answer = await self._warehouse.select(scope, wide)
        found = {tuple(row[:count]): row for row in answer.rows}
        rows = [found.get(leader, (*leader, *(0 for _ in _VOLUME))) for leader in leaders]
        cost = (ranked.elapsed_ms + answer.elapsed_ms, ranked.rows_read + answer.rows_read)
        return Answer(answer.columns, rows, *cost)

    async def _conversations(self, scope: OrgScope, query: FactQuery, plan: Plan, only: Only) -> Answer | None:
        """The greatest conversations, looked for among those of the hosts with the most traffic.

        None is greater than all of its host, so they are the greatest of all as soon as the last of them is no less
        than the next host. None where that does not come to an end, or where the filters leave few anyway.
        """
        if only.remote_address or (plan.resolution == RAW and _filtered(only) - _OF_TALKERS - {"service"}):
            return None
        # All the time that counts in the answer has to count for hosts.
        around = Window(plan.since_s, plan.until_s + -plan.until_s % plan.bucket_s)
        hosts_only = msgspec.structs.replace(only, service=())
        hosts_plan = whole(around, {*KEYS["talker"], *_filtered(hosts_only)}, self._now_s(), self._retention)
        ranked = (KEYS["talker"], query.order_by, self._hosts[-1] + 1)
        rank = tuple(one for name, one in _RANKS.items() if name == query.order_by)
        hosts = await self._warehouse.select(scope, _ranked(hosts_plan, rank, hosts_only, ranked))
        at = hosts.columns.index(query.order_by)
        elapsed_ms, rows_read = hosts.elapsed_ms, hosts.rows_read
        for width in self._hosts:
            leaders = hosts.rows[:width]
            beyond = hosts.rows[width][at] if len(hosts.rows) > width else 0
            among = _among(ranked[0], leaders)
            answer = await self._warehouse.select(
                scope, msgspec.structs.replace(query, filters=(*query.filters, *among))
            )
            elapsed_ms, rows_read = elapsed_ms + answer.elapsed_ms, rows_read + answer.rows_read
            least = answer.rows[-1][answer.columns.index(query.order_by)] if len(answer.rows) == query.limit else 0
            if least >= beyond:
                return msgspec.structs.replace(answer, elapsed_ms=elapsed_ms, rows_read=rows_read)
        return None

    async def course(self, scope: OrgScope, by: By | None, window: Window, only: Only, size: tuple[int, int]) -> Course:
        """The course of the greatest and of the others together; without `by`, of all. Raises TrafficTooDetailed.

        `size`: about how many points, and how many lines.
        """
        points, lines = size
        all_plan = in_steps(window, _filtered(only), points, self._now_s(), self._retention)
        if by is None:
            answer = await self._warehouse.select(scope, _stepped(all_plan, only))
            line = _line({}, "all", all_plan, {row[0]: row[1:] for row in answer.rows})
            return Course(all_plan, [line], answer.elapsed_ms, answer.rows_read)
        keys = KEYS[by]
        plan = in_steps(window, {*keys, *_filtered(only)}, points, self._now_s(), self._retention)
        top = await self.top(scope, by, window, only, "total", lines)
        leaders = [tuple(item.keys[key] for key in keys) for item in top.items]
        filters = _among(keys, leaders)
        query = _stepped(plan, only)
        answer = await self._warehouse.select(
            scope, msgspec.structs.replace(query, group_by=keys, filters=(*query.filters, *filters))
        )
        # The same steps, from a rollup that has no more keys than it needs.
        all_plan = (
            msgspec.structs.replace(plan, resolution=all_plan.resolution) if all_plan.step_s == plan.step_s else plan
        )
        whole_answer = await self._warehouse.select(scope, _stepped(all_plan, only))
        courses: dict[tuple[str, ...], dict[int, Sequence[int]]] = {leader: {} for leader in leaders}
        for row in answer.rows:
            courses.get(tuple(row[1 : 1 + len(keys)]), {})[row[0]] = row[-2:]
        drawn = [_line(item.keys, item.label, plan, courses[key]) for item, key in zip(top.items, leaders, strict=True)]
        rest = _rest(plan, {row[0]: row[-2:] for row in whole_answer.rows}, courses.values())
        elapsed_ms = top.elapsed_ms + answer.elapsed_ms + whole_answer.elapsed_ms
        return Course(plan, [*drawn, rest] if rest else drawn, round(elapsed_ms, 3), top.rows_read + answer.rows_read)

    async def percentile(self, scope: OrgScope, window: Window, only: Only, percent: float) -> Percentile:
        """For bills: five-minute means over the window, nearest rank, of each direction. Raises TrafficTooDetailed."""
        plan = in_steps(window, _filtered(only), math.ceil(window.length_s / _BILL_S), self._now_s(), self._retention)
        plan = msgspec.structs.replace(plan, step_s=max(_BILL_S, plan.bucket_s))
        answer = await self._warehouse.select(scope, _stepped(plan, only))
        count = len(plan.buckets())
        rates = [
            sorted([row[place] * 8 / plan.step_s for row in answer.rows] + [0.0] * (count - len(answer.rows)))
            for place in (1, 2)
        ]
        rank = max(0, math.ceil(percent / 100 * count) - 1)
        up, down = ([round(rate[rank], 1), round(sum(rate) / count, 1)] for rate in rates)
        return Percentile(window, percent, count, up[0], down[0], up[1], down[1], answer.elapsed_ms)

    def _now_s(self) -> int:
        return int(self._clock().timestamp())


def _filtered(only: Only) -> set[str]:
    return {name for name in FILTERS if getattr(only, name)}


def _query(plan: Plan, measures: tuple[Measure | Total, ...], only: Only) -> FactQuery:
    return FactQuery(
        table=FLOWS,
        measures=measures,
        since_ms=plan.since_s * 1000,
        until_ms=plan.until_s * 1000,
        resolution=plan.resolution,
        filters=tuple(OneOf(name, getattr(only, name)) for name in FILTERS if getattr(only, name)),
    )


def _among(keys: Sequence[str], leaders: Sequence[Sequence[str]]) -> tuple[OneOf, ...]:
    """Filters that leave these, and maybe others that are made of the same values."""
    return tuple(
        OneOf(key, tuple(sorted({leader[place] for leader in leaders})))
        for place, key in enumerate(keys)
        if key != "org_id"
    )


def _ranked(
    plan: Plan, measures: tuple[Measure | Total, ...], only: Only, ranked: tuple[tuple[str, ...], str, int]
) -> FactQuery:
    """By which keys, sorted by what, and how many."""
    keys, sort, limit = ranked
    query = _query(plan, measures, only)
    return msgspec.structs.replace(query, group_by=keys, order_by=sort, descending=True, limit=limit)


def _stepped(plan: Plan, only: Only) -> FactQuery:
    return msgspec.structs.replace(_query(plan, (_UP, _DOWN), only), bucket_s=plan.step_s, limit=_MOST_POINTS)


def _volume(row: Sequence[Any]) -> Volume:
    return Volume(*(int(value or 0) for value in row[:4]))


def _line(keys: Mapping[str, str], label: str, plan: Plan, found: Mapping[int, Sequence[int]]) -> Line:
    steps = [found.get(begin, (0, 0)) for begin in plan.buckets()]
    up, down = ([round(step[way] * 8 / plan.step_s, 1) for step in steps] for way in (0, 1))
    return Line(keys, label, up, down)


def _rest(plan: Plan, everything: Mapping[int, Sequence[int]], courses: Any) -> Line | None:
    left = {
        begin: [max(0, values[way] - sum(course.get(begin, (0, 0))[way] for course in courses)) for way in (0, 1)]
        for begin, values in everything.items()
    }
    return _line({}, "others", plan, left) if any(map(sum, left.values())) else None
