"""Questions about telemetry: what is asked of the facts, at which resolution, and how the answer is laid out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.telemetry import windows
from tikfleet.domains.telemetry.errors import InterfaceOfNoDevice
from tikfleet.domains.telemetry.facts import CHECKINS, Retention
from tikfleet.domains.telemetry.grids import Reading, Value, laid
from tikfleet.domains.telemetry.metrics import TABLES, Metric, measured, metric_of, scale_of, totalled
from tikfleet.domains.telemetry.questions import Series, SeriesAnswer, SeriesQuestion
from tikfleet.domains.telemetry.windows import Plan, Window
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    Aggregate,
    Answer,
    FactQuery,
    Fold,
    Measure,
    OneOf,
    QueryTooHeavy,
    Ratio,
    Warehouse,
)

_MOST_POINTS: Final = 100_000
# Reports reach the store some seconds after their routers sent them; until then a step would show too little.
_LAG_S: Final = 10
_EVERY: Final = Measure("every_s", Aggregate.MEAN, "interval_s")

Key = tuple[str, ...]
Course = Mapping[int, Reading]


class Courses(msgspec.Struct, frozen=True):
    """How some metrics went, for each key asked for: a reading for each step that has one."""

    plan: Plan
    metrics: Sequence[Metric]
    by_key: Mapping[Key, Course]
    answer: Answer

    def values(self, key: Key, column: int = 0) -> list[Value]:
        """One metric of one key on the plan's grid."""
        counts = self.metrics[column].kind == "count"
        return laid(self.by_key.get(key, {}), self.plan.buckets(), column, counts=counts)


class Telemetry:
    """Series of devices, interfaces and the fleet. Every question is bounded in range, rows, time and memory."""

    def __init__(self, warehouse: Warehouse, retention: Retention, clock: Clock) -> None:
        self._warehouse = warehouse
        self._retention = retention
        self._clock = clock

    async def series(self, scope: OrgScope, question: SeriesQuestion) -> SeriesAnswer:
        """A line for each metric of each device; None where nothing was reported.

        Of the whole fleet, rates and counts are those of all devices together, and the steps that may still fill are
        left out of them. Raises MetricNotFound, AggregateNotKept, InterfaceOfNoDevice, QueryTooHeavy.
        """
        if question.interface and not question.devices:
            raise InterfaceOfNoDevice("an interface was named, but no device")
        if not question.devices:
            return await self._fleet(scope, question)
        subject: Final = "interface" if question.interface else "device"
        metrics = [metric_of(subject, name) for name in question.metrics]
        filters = [OneOf("device_id", question.devices)]
        if question.interface:
            filters.append(OneOf("interface", (question.interface,)))
        plan = windows.in_steps(question.window, question.points, self._now_s(), self._retention)
        if len(question.devices) * len(plan.buckets()) > _MOST_POINTS:
            raise QueryTooHeavy(
                f"{len(question.devices)} devices in {len(plan.buckets())} steps are over {_MOST_POINTS} points"
            )
        measures = [measured(metric, question.aggregation) for metric in metrics]
        courses = await self.courses(scope, plan, metrics, measures, ("device_id",), tuple(filters))
        lines = [
            Series(metric.name, metric.unit, device, question.interface or None, courses.values((device,), column))
            for column, metric in enumerate(metrics)
            for device in question.devices
        ]
        return SeriesAnswer(plan, lines, courses.answer.elapsed_ms, courses.answer.rows_read)

    async def sparklines(
        self, scope: OrgScope, metric: str, devices: Sequence[str], window: Window, points: int
    ) -> SeriesAnswer:
        """One short line of one metric for each device."""
        return await self.series(scope, SeriesQuestion((metric,), window, points, tuple(devices)))

    async def courses(
        self,
        scope: OrgScope,
        plan: Plan,
        metrics: Sequence[Metric],
        measures: Sequence[Measure | Ratio],
        keys: tuple[str, ...],
        filters: tuple[OneOf, ...],
    ) -> Courses:
        """How metrics of one subject went over a plan, in groups."""
        query = _query(plan, metrics, (*measures, _EVERY), keys, filters)
        answer = await self._warehouse.select(scope, query)
        by_key: dict[Key, dict[int, Reading]] = defaultdict(dict)
        for row in answer.rows:
            values = row[1 + len(keys) :]
            by_key[tuple(row[1 : 1 + len(keys)])][row[0]] = Reading(values[:-1], values[-1])
        return Courses(plan, metrics, by_key, answer)

    async def _fleet(self, scope: OrgScope, question: SeriesQuestion) -> SeriesAnswer:
        metrics = [metric_of("device", name) for name in question.metrics]
        if question.aggregation == "sum" and any(metric.kind == "gauge" for metric in metrics):
            plan = windows.per_device(question.window, question.points, self._now_s(), self._retention)
            answer = await self._warehouse.select(scope, _sum_over_devices(plan, metrics))
            filling = set(range(len(metrics)))
        else:
            plan = windows.of_fleet(question.window, question.points)
            measures = tuple(totalled(metric, question.aggregation) for metric in metrics)
            answer = await self._warehouse.select(scope, _query(plan, metrics, (*measures, _EVERY), (), ()))
            filling = {column for column, metric in enumerate(metrics) if metric.kind != "gauge"}
        course = {row[0]: Reading(_scaled(metrics, row[1:-1], plan.step_s, row[-1]), row[-1]) for row in answer.rows}
        lines = []
        for column, metric in enumerate(metrics):
            values = laid(course, plan.buckets(), column, counts=metric.kind == "count")
            if column in filling:
                _withhold(values, plan, self._now_s())
            lines.append(Series(metric.name, metric.unit, None, None, values))
        return SeriesAnswer(plan, lines, answer.elapsed_ms, answer.rows_read)

    def _now_s(self) -> int:
        return int(self._clock().timestamp())


def _query(
    plan: Plan,
    metrics: Sequence[Metric],
    measures: tuple[Measure | Ratio, ...],
    keys: tuple[str, ...],
    filters: tuple[OneOf, ...],
) -> FactQuery:
    return FactQuery(
        table=TABLES[metrics[0].subject] if metrics else CHECKINS,
        measures=measures,
        since_ms=plan.since_s * 1000,
        until_ms=plan.until_s * 1000,
        resolution=plan.resolution,
        bucket_s=plan.step_s,
        group_by=keys,
        filters=filters,
        limit=_MOST_POINTS,
    )


def _sum_over_devices(plan: Plan, metrics: Sequence[Metric]) -> FactQuery:
    """Each device's own figure in each step, then their sum: a device that reports twice as often counts once."""
    measures = tuple(totalled(metric, "avg") for metric in metrics)
    query = _query(plan, metrics, (*measures, _EVERY), ("device_id",), ())
    sums = tuple(Measure(metric.name, Aggregate.SUM, metric.name) for metric in metrics)
    fold = Fold(("bucket",), (*sums, Measure(_EVERY.name, Aggregate.MEAN, _EVERY.name)))
    return msgspec.structs.replace(query, fold=fold)


def _scaled(metrics: Sequence[Metric], values: Sequence[Any], step_s: int, every_s: Value) -> list[Value]:
    # A device's first report counts no bytes. A step of nothing but such has no rate, which is not a rate of 0.
    return [
        None if value is None or (metric.kind == "rate" and not every_s) else value * scale_of(metric, step_s)
        for metric, value in zip(metrics, values, strict=True)
    ]


def _withhold(values: list[Value], plan: Plan, now_s: int) -> None:
    """Leave out the newest steps of a sum as long as reports may be missing from it."""
    for place, begin in enumerate(plan.buckets()):
        if begin + plan.step_s > now_s - _LAG_S:
            values[place] = None
