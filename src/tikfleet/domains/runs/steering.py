"""What carries a run forward: ask, look, halt, go on.

Safe at every point: a crash between two steps loses and doubles nothing, since a target keeps the id of its
job before the job is made, and the jobs domain makes an id once.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tikfleet.domains.inventory.public import DeviceValues
from tikfleet.domains.jobs.public import JobOrder, JobOrders, JobTarget, masked, timeout_s
from tikfleet.domains.runs import model, repository
from tikfleet.domains.runs.checking import Checking
from tikfleet.domains.runs.ledger import RunLedger
from tikfleet.domains.runs.model import WITH_JOB, Run, Step, Target
from tikfleet.domains.runs.planning import Planner, takes_part, target_of
from tikfleet.domains.runs.rendering import Rendered
from tikfleet.domains.runs.repository import TargetFilters
from tikfleet.kernel.clock import Clock, from_text, to_text
from tikfleet.kernel.ids import DeviceId, JobId, RunId, new_id
from tikfleet.kernel.scopes import SYSTEM, OrgScope

_CHUNK: Final = 200
_MOST_STEPS: Final = 20
_MOST_AT_ONCE: Final = 1_000
_JOINS_EVERY: Final = timedelta(seconds=30)
_ALL: Final = 60_000
_ACTIONS: Final = {"halted": "run.halted", "finished": "run.finished", "running": "run.advanced", "paused": "run.gated"}


class Steering:
    """Works on one run at a time; calls for the same run must not overlap within a process, and may between several."""

    def __init__(self, ledger: RunLedger, planner: Planner, orders: JobOrders, clock: Clock) -> None:
        self._ledger = ledger
        self._planner = planner
        self._orders = orders
        self._clock = clock
        self._joined_at: dict[RunId, datetime] = {}

    async def busy(self) -> list[RunId]:
        """The runs to steer."""
        async with self._ledger.read() as tx:
            return await repository.busy_runs(tx)

    async def runs_of(self, job_ids: Sequence[JobId]) -> set[RunId]:
        """The runs that these jobs belong to."""
        async with self._ledger.read() as tx:
            return {target.run_id for target in await repository.targets_of_jobs(tx, job_ids)}

    async def steer(self, run_id: RunId) -> bool:
        """Do what is to be done now. True when there is more: call again soon."""
        run = await self._load(run_id)
        if run is None or not run.busy:
            self._joined_at.pop(run_id, None)
            return False
        await self._join(run)
        may_ask = await self._place(run)
        await self._observe(run)
        more = await self._advance(run, may_ask=may_ask)
        await self._settle(run_id)
        return more

    async def _advance(self, run: Run, *, may_ask: bool) -> bool:
        """Steps of the run, and targets to ask, until nothing follows or it is enough for one turn."""
        now_asked = 0
        for _ in range(_MOST_STEPS):
            async with self._ledger.read() as tx:
                found = await repository.load_run(tx, run.id)
                tally = await repository.tally(tx, run.id)
            if found is None:
                return False
            step = model.next_step(found, tally, self._clock())
            if step is not None:
                await self._ledger.change(found, step, SYSTEM, _action(found, step))
                continue
            if not may_ask or found.state != "running" or not tally.count(frozenset({"waiting"}), found.wave):
                return False
            if now_asked >= _MOST_AT_ONCE:
                return True
            now_asked += await self._ask(found)
            may_ask = await self._place(found)
        return True

    async def _ask(self, run: Run) -> int:
        """Choose and keep the ids of the next jobs, unless the run changed meanwhile."""
        now = self._clock()
        async with self._ledger.write() as tx:
            present = await repository.load_run(tx, run.id)
            if present is None or present.version != run.version:
                return 0
            waiting = await repository.waiting_targets(tx, run, _CHUNK)
            for target in waiting:
                await repository.change_target(tx, target, model.asked(target, JobId(new_id("job")), now))
        return len(waiting)

    async def _place(self, run: Run) -> bool:
        """Make the jobs whose ids were kept and that are not known to exist. False when some have to wait for a limit.

        Also for a run that was paused meanwhile: another process may be making them, and what is made can be called
        back.
        """
        wanted = TargetFilters(state=sorted(WITH_JOB), placed=False)
        async with self._ledger.read() as tx:
            unplaced = await repository.targets_where(tx, run.id, wanted, -1, _ALL)
        checking = self._planner.checking(run.spec) if unplaced else None
        for start in range(0, len(unplaced), _CHUNK):
            if checking is not None and not await self._place_some(run, unplaced[start : start + _CHUNK], checking):
                return False
        return True

    async def _place_some(self, run: Run, targets: Sequence[Target], checking: Checking) -> bool:
        scope = OrgScope(targets[0].org_id, tuple(dict.fromkeys(target.org_id for target in targets)))
        devices = await self._planner.values(scope, [target.device_id for target in targets])
        orders, faults = await asyncio.to_thread(_written, run, targets, devices, checking)
        made = await self._orders.place(orders, run.requested_by or run.created_by)
        faults |= made.refused
        now = self._clock()
        async with self._ledger.write() as tx:
            for target in targets:
                if target.job_id in made.postponed:
                    continue
                fault = faults.get(target.job_id) if target.job_id else ""
                # Its silence begins when its job is there: that may have had to wait.
                there = msgspec.structs.replace(target, placed=True, asked_at=to_text(now))
                after = model.ended(target, "failed", fault, now) if fault else there
                await repository.change_target(tx, target, after)
        return not made.postponed

    async def _observe(self, run: Run) -> None:
        """Take the outcomes of jobs, and note who stays silent."""
        targets = [target for target in await self._with_job(run) if target.placed]
        ids = [target.job_id for target in targets if target.job_id is not None]
        standings = await self._orders.standings(ids)
        now = self._clock()
        changes: list[tuple[Target, Target]] = []
        for target in targets:
            standing = standings.get(target.job_id) if target.job_id else None
            if standing is None:
                after: Target | None = model.ended(target, "unknown", "its job is gone", now)
            else:
                after = model.observed(run, target, standing.status, standing.error, now)
            if after is not None:
                changes.append((target, after))
        await self._write(changes)
        if changes and run.state in model.ACTIVE:
            async with self._ledger.read() as tx:
                tally = await repository.tally(tx, run.id)
            self._ledger.tell(run, tally)

    async def _settle(self, run_id: RunId) -> None:
        """A run that does not go on calls back what was not begun, and rests when nothing is left with devices."""
        run = await self._load(run_id)
        if run is None or run.state == "running":
            return
        await self._recall(run)
        await self._observe(run)
        if run.state == "cancelled":
            async with self._ledger.write() as tx:
                await repository.end_waiting(tx, run.id, run.finished_at or "")
        if run.busy and run.state != "scheduled" and not await self._with_job(run):
            await self._ledger.change(run, Step(msgspec.structs.replace(run, busy=False)), SYSTEM)

    async def _recall(self, run: Run) -> None:
        with_job = [target for target in await self._with_job(run) if target.placed and target.job_id]
        standings = await self._orders.standings([target.job_id for target in with_job if target.job_id])
        called = [
            target
            for target in with_job
            if target.job_id and (one := standings.get(target.job_id)) and one.status in ("queued", "delivered")
        ]
        await self._write(
            [(one, msgspec.structs.replace(one, state="recalled")) for one in called if one.state != "recalled"]
        )
        await self._orders.recall(
            [one.job_id for one in called if one.job_id], f"called back: the run {run.name} is {run.state}", SYSTEM
        )

    async def _join(self, run: Run) -> None:
        """Devices that match by now join the last wave."""
        now, until = self._clock(), run.spec.joins_until
        if until is None or from_text(until) <= now or run.state not in model.ACTIVE:
            return
        if (last := self._joined_at.get(run.id)) is not None and now - last < _JOINS_EVERY:
            return
        self._joined_at[run.id] = now
        found = await self._planner.devices(OrgScope(run.org_id, run.org_ids), run.spec)
        async with self._ledger.write() as tx:
            known, last_place = await repository.known_devices(tx, run.id)
            fresh = [device for device in found if device.id not in known]
            wave = len(run.waves) - 1
            targets = [target_of(run.id, device, wave, last_place + 1 + n) for n, device in enumerate(fresh)]
            await repository.add_targets(tx, targets)

    async def _write(self, changes: Sequence[tuple[Target, Target]]) -> None:
        for start in range(0, len(changes), _CHUNK):
            async with self._ledger.write() as tx:
                for before, after in changes[start : start + _CHUNK]:
                    await repository.change_target(tx, before, after)

    async def _with_job(self, run: Run) -> list[Target]:
        async with self._ledger.read() as tx:
            return await repository.targets_where(tx, run.id, TargetFilters(state=sorted(WITH_JOB)), -1, _ALL)

    async def _load(self, run_id: RunId) -> Run | None:
        async with self._ledger.read() as tx:
            return await repository.load_run(tx, run_id)


def _action(before: Run, step: Step) -> str:
    """What the audit trail calls it; nothing for what only the run itself notes."""
    if before.state == "scheduled":
        return "run.begun"
    return _ACTIONS.get(step.run.state, "run.held") if step.note else ""


def _written(
    run: Run, targets: Sequence[Target], devices: dict[DeviceId, DeviceValues], checking: Checking
) -> tuple[list[JobOrder], dict[JobId, str]]:
    """The orders, and by job id why a device can't be asked."""
    orders: list[JobOrder] = []
    faults: dict[JobId, str] = {}
    for target in targets:
        if target.job_id is None:
            continue
        device = devices.get(target.device_id)
        if device is None or not takes_part(device):
            faults[target.job_id] = "the device has left, or takes no jobs now"
            continue
        rendered, fault, _ = checking.look(device)
        if fault or rendered is None:
            faults[target.job_id] = fault
        else:
            orders.append(_order(run, target, device, rendered))
    return orders, faults


def _order(run: Run, target: Target, device: DeviceValues, rendered: Rendered) -> JobOrder:
    change = run.spec.change
    return JobOrder(
        id=target.job_id or JobId(""),
        batch_id=run.id,
        device=JobTarget(device.id, device.name, device.org_id, device.tier, device.status, device.version),
        kind=rendered.kind,
        job_class=change.effective_class,
        script=rendered.script,
        parameters=rendered.parameters,
        description=run.name,
        note=f"wave {target.wave + 1} of the run {run.name}, attempt {target.attempt}",
        timeout_s=timeout_s(rendered.kind, masked(rendered.kind, rendered.parameters), change.timeout_s),
        confirm_s=change.confirm_s,
        expires_in_s=change.expires_in_s,
        retry_attempts=change.retry_attempts,
        retry_pause_s=change.retry_pause_s,
        backup_first=change.backup_first,
    )
