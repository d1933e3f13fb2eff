"""What a run did and would do, device by device: targets, previews and reports."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Sequence
from typing import Final

from tikfleet.domains.inventory.public import DeviceValues
from tikfleet.domains.jobs.public import JobScripts, JobTarget, RemarkView, masked, running_of
from tikfleet.domains.runs import repository
from tikfleet.domains.runs.checking import Checking
from tikfleet.domains.runs.errors import RunNotFound
from tikfleet.domains.runs.ledger import RunLedger
from tikfleet.domains.runs.model import Run, Target
from tikfleet.domains.runs.planning import Planner
from tikfleet.domains.runs.repository import TargetFilters
from tikfleet.domains.runs.schemas import RunPreview, RunReport, RunTargetView, run_view, target_view
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import OrgScope
from tikfleet.routeros.check.remark import Remark

_ALL: Final = 60_000
_SHOWN_REMARKS: Final = 20
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS: Final = RunTargetView.__struct_fields__


class RunLook:
    """Reading only."""

    def __init__(self, ledger: RunLedger, planner: Planner, scripts: JobScripts) -> None:
        self._ledger = ledger
        self._planner = planner
        self._scripts = scripts

    async def targets(
        self, org: OrgScope, run_id: str, filters: TargetFilters, asked: PageRequest
    ) -> Page[RunTargetView]:
        """A page of targets in the order in which they are asked."""
        _, targets, following, total = await self._page(org, run_id, filters, asked)
        return Page([target_view(target) for target in targets], following, total)

    async def preview(self, org: OrgScope, run_id: str, filters: TargetFilters, asked: PageRequest) -> Page[RunPreview]:
        """A page of exact scripts, each checked for its device's version. Nothing is sent."""
        run, targets, following, total = await self._page(org, run_id, filters, asked)
        # The devices were in the planner's scope, and the reader sees the run: that scope holds here too.
        scope = OrgScope(run.org_id, run.org_ids)
        devices = await self._planner.values(scope, [target.device_id for target in targets])
        checking = self._planner.checking(run.spec)
        previews = await asyncio.to_thread(self._previews, targets, devices, checking)
        return Page(previews, following, total)

    async def report(self, org: OrgScope, run_id: str) -> RunReport:
        """The run with all its targets."""
        async with self._ledger.read() as tx:
            run = await _found(repository.find_run(tx, org, run_id))
            targets = await repository.targets_where(tx, run.id, TargetFilters(), -1, _ALL)
            view = run_view(run, await repository.tally(tx, run.id), await repository.history_of(tx, run))
        return RunReport(view, [target_view(target) for target in targets])

    async def report_csv(self, org: OrgScope, run_id: str) -> str:
        """The targets as RFC 4180, text that a spreadsheet would run as a formula made plain."""
        report = await self.report(org, run_id)
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        for target in report.targets:
            writer.writerow([_cell(getattr(target, name)) for name in _COLUMNS])
        return out.getvalue()

    def _previews(
        self, targets: Sequence[Target], devices: dict[DeviceId, DeviceValues], checking: Checking
    ) -> list[RunPreview]:
        return [self._preview(target, devices.get(target.device_id), checking) for target in targets]

    def _preview(self, target: Target, device: DeviceValues | None, checking: Checking) -> RunPreview:
        if device is None:
            gone = "the device has left"
            return RunPreview(target.device_id, target.device_name, target.wave + 1, "", None, gone, [])
        rendered, fault, remarks = checking.look(device)
        script = rendered.script if rendered else None
        if rendered is not None and script is None:
            try:
                script = self._scripts.render(
                    rendered.kind, masked(rendered.kind, rendered.parameters), _job_target(device)
                )
            except ValueError as cause:
                fault = str(cause)
        shown = [_remark(remark) for remark in remarks[:_SHOWN_REMARKS]]
        version = running_of(device.version).version
        return RunPreview(device.id, device.name, target.wave + 1, version, script, fault or None, shown)

    async def _page(
        self, org: OrgScope, run_id: str, filters: TargetFilters, asked: PageRequest
    ) -> tuple[Run, list[Target], str | None, int]:
        after = -1
        if asked.after is not None:
            if not isinstance(asked.after.value, int) or not -1 <= asked.after.value < _ALL:
                raise RunNotFound("no page of targets starts at this cursor", remedy="Start again without `cursor`.")
            after = asked.after.value
        async with self._ledger.read() as tx:
            run = await _found(repository.find_run(tx, org, run_id))
            targets = await repository.targets_where(tx, run.id, filters, after, asked.limit + 1)
            total = await repository.count_targets(tx, run.id, filters)
        shown = targets[: asked.limit]
        following = Cursor(shown[-1].place, shown[-1].device_id).encode() if len(targets) > asked.limit else None
        return run, shown, following, total


async def _found(finding: Awaitable[Run | None]) -> Run:
    run = await finding
    if run is None:
        raise RunNotFound("there is no such run")
    return run


def _job_target(device: DeviceValues) -> JobTarget:
    return JobTarget(device.id, device.name, device.org_id, device.tier, device.status, device.version)


def _remark(remark: Remark) -> RemarkView:
    return RemarkView(
        severity=remark.severity.value,
        line=remark.line,
        column=remark.column,
        code=remark.code,
        message=remark.sentence,
        since=remark.since or None,
    )


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    text = "".join(character if character.isprintable() else " " for character in value)
    return "'" + text if text.lstrip(" ").startswith(_FORMULA) else text
