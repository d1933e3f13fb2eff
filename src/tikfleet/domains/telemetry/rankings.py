"""Who leads, how much in all, and what the fleet is made of."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from tikfleet.domains.telemetry import windows
from tikfleet.domains.telemetry.facts import CHECKINS, Retention
from tikfleet.domains.telemetry.grids import scaled
from tikfleet.domains.telemetry.metrics import TABLES, Metric, Subject, measured, metric_of, scale_of, totalled
from tikfleet.domains.telemetry.questions import BreakdownBy, Labels, Leader, Portion, Top, TopBy, Totals
from tikfleet.domains.telemetry.service import Courses, Key, Telemetry
from tikfleet.domains.telemetry.windows import Plan, Window
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.ids import DeviceId, SiteId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Aggregate, FactQuery, Fold, Measure, OneOf, Ratio, Row, Warehouse

_SPARK_POINTS: Final = 24
_MOST_KINDS: Final = 1000
_KEYS: Final[dict[TopBy, Key]] = {
    "device": ("device_id",),
    "interface": ("device_id", "interface"),
    "site": ("site_id",),
}


class TopQuestion(msgspec.Struct, frozen=True):
    """The `limit` devices, interfaces or sites where a metric is greatest over a window."""

    metric: str
    by: TopBy
    window: Window
    limit: int = 10


class Rankings:
    """Comparisons across the fleet. Each visits every device, so it reads rollups, as coarse as the range allows."""

    def __init__(
        self, warehouse: Warehouse, telemetry: Telemetry, labels: Labels, retention: Retention, clock: Clock
    ) -> None:
        self._warehouse = warehouse
        self._telemetry = telemetry
        self._labels = labels
        self._retention = retention
        self._clock = clock

    async def top(self, scope: OrgScope, question: TopQuestion) -> Top:
        """The leaders, first one first, with their course. A site's rate or count is that of all its devices together.

        Raises MetricNotFound when the metric is not one of devices (or, by interface, of interfaces).
        """
        subject: Subject = "interface" if question.by == "interface" else "device"
        metric = metric_of(subject, question.metric)
        plan = self._whole(question.window)
        measure = totalled(metric, "avg") if question.by == "site" else measured(metric, "avg")
        keys = _KEYS[question.by]
        answer = await self._warehouse.select(
            scope,
            FactQuery(
                table=TABLES[subject],
                measures=(measure,),
                since_ms=plan.since_s * 1000,
                until_ms=plan.until_s * 1000,
                resolution=plan.resolution,
                group_by=keys,
                order_by=metric.name,
                descending=True,
                # One more: devices without a site lead nothing.
                limit=question.limit + 1,
            ),
        )
        leaders = [row for row in answer.rows if row[0] and row[-1] is not None][: question.limit]
        courses = await self._courses(scope, metric, measure, keys, leaders, question.window)
        names = await self._names(scope, question.by, [row[0] for row in leaders])
        scale, course_scale = 1.0, 1.0
        if question.by == "site":
            scale, course_scale = scale_of(metric, plan.step_s), scale_of(metric, courses.plan.step_s)
        items = [
            Leader(
                key="/".join(row[:-1]),
                label=" ".join((names.get(row[0], row[0]), *row[1:-1])),
                device_id=None if question.by == "site" else row[0],
                interface=row[1] if question.by == "interface" else None,
                value=round(row[-1] * scale, 3),
                sparkline=scaled(courses.values(tuple(row[:-1])), course_scale),
            )
            for row in leaders
        ]
        return Top(metric.unit, items, round(answer.elapsed_ms + courses.answer.elapsed_ms, 3))

    async def totals(self, scope: OrgScope, window: Window) -> Totals:
        """The fleet in figures over a window (whole rollup buckets; the first one may begin a little before it)."""
        plan = self._whole(window)
        columns = {
            "checkins": Measure("checkins", Aggregate.COUNT),
            "cpu_count": Measure("cpu_count", Aggregate.MAX, "cpu_count"),
            "rx_bytes": Measure("rx_bytes", Aggregate.SUM, "rx_bytes_delta"),
            "tx_bytes": Measure("tx_bytes", Aggregate.SUM, "tx_bytes_delta"),
        }
        sums = [Measure(name, Aggregate.SUM, name) for name in columns]
        fold = Fold((), (*sums, Measure("devices", Aggregate.COUNT)))
        answer = await self._warehouse.select(scope, _per_device(plan, tuple(columns.values()), fold))
        checkins, cpu_count, rx_bytes, tx_bytes, devices = (value or 0 for value in answer.rows[0])
        return Totals(
            checkins=checkins,
            devices=devices,
            cpu_count=cpu_count,
            rx_bytes=rx_bytes,
            tx_bytes=tx_bytes,
            elapsed_ms=answer.elapsed_ms,
            rows_read=answer.rows_read,
            resolution=plan.label,
        )

    async def breakdown(self, scope: OrgScope, by: BreakdownBy, window: Window) -> Sequence[Portion]:
        """How many devices last reported each value, most first; each device that reported counts once."""
        plan = windows.named(window, self._now_s(), self._retention)
        fold = Fold((by,), (Measure("devices", Aggregate.COUNT),))
        query = _per_device(plan, (Measure(by, Aggregate.LAST, by),), fold)
        answer = await self._warehouse.select(
            scope, msgspec.structs.replace(query, order_by="devices", descending=True, limit=_MOST_KINDS)
        )
        total = sum(row[1] for row in answer.rows)
        return [Portion(row[0], row[1], round(100 * row[1] / total, 2)) for row in answer.rows]

    async def _courses(
        self,
        scope: OrgScope,
        metric: Metric,
        measure: Measure | Ratio,
        keys: Key,
        leaders: Sequence[Row],
        window: Window,
    ) -> Courses:
        plan = windows.per_device(window, _SPARK_POINTS, self._now_s(), self._retention)
        filters = tuple(OneOf(key, tuple(sorted({row[place] for row in leaders}))) for place, key in enumerate(keys))
        return await self._telemetry.courses(scope, plan, (metric,), (measure,), keys, filters)

    async def _names(self, scope: OrgScope, by: TopBy, ids: Sequence[str]) -> Mapping[str, str]:
        if by == "site":
            sites = await self._labels.sites(scope, [SiteId(key) for key in dict.fromkeys(ids)])
            return {str(key): name for key, name in sites.items()}
        devices = await self._labels.devices(scope, [DeviceId(key) for key in dict.fromkeys(ids)])
        return {str(key): name for key, name in devices.items()}

    def _whole(self, window: Window) -> Plan:
        return windows.whole(window, self._now_s(), self._retention)

    def _now_s(self) -> int:
        return int(self._clock().timestamp())


def _per_device(plan: Plan, measures: tuple[Measure, ...], fold: Fold) -> FactQuery:
    return FactQuery(
        table=CHECKINS,
        measures=measures,
        since_ms=plan.since_s * 1000,
        until_ms=plan.until_s * 1000,
        resolution=plan.resolution,
        group_by=("device_id",),
        fold=fold,
    )
