"""People's side of runs: make, plan, look, start, approve, hold, go on, end, try again."""

from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from tikfleet.domains.jobs.public import JobSecrets
from tikfleet.domains.runs import model, repository
from tikfleet.domains.runs.errors import RunApprovalOwn, RunContradictory, RunNotFound, RunStateUnfit
from tikfleet.domains.runs.ledger import Also, RunLedger
from tikfleet.domains.runs.model import Run, Step, TargetState
from tikfleet.domains.runs.people import Approvals
from tikfleet.domains.runs.planning import Plan, Planner
from tikfleet.domains.runs.repository import RunFilters, TargetFilters
from tikfleet.domains.runs.request import spec_of
from tikfleet.domains.runs.schemas import RunCreate, RunRetry, RunView, run_view
from tikfleet.domains.runs.spec import RunSpec
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import RunId, new_id
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Transaction

_ALL: Final = 60_000
_RETRIED: Final[frozenset[TargetState]] = frozenset({"failed", "expired"})
_UNKNOWN: Final[frozenset[TargetState]] = frozenset({"unknown"})
_GIVEN_UP: Final[frozenset[TargetState]] = frozenset({"cancelled"})
_RETRY_FROM: Final = frozenset({"running", "scheduled", "paused", "halted", "finished"})


class Runs:
    """The use cases of the API."""

    def __init__(
        self, ledger: RunLedger, planner: Planner, approvals: Approvals, clock: Clock, secrets: JobSecrets | None = None
    ) -> None:
        """Without `secrets`, typed kinds that carry any can't be rolled out."""
        self._secrets = secrets or JobSecrets()
        self._ledger = ledger
        self._planner = planner
        self._approvals = approvals
        self._clock = clock

    async def create(self, org: OrgScope, actor: Actor, create: RunCreate, notify: str = "") -> RunView:
        """A run, planned at once unless it is to stay a draft. Raises what planning raises; nothing is made then.

        `notify`: where its news go, as `Aims` of jobs gives it.
        """
        spec = await self._sealed(org, spec_of(create))
        needed = create.needs_approval or await self._approvals.needed(org.org_id)
        run = Run(
            id=RunId(new_id("run")),
            org_id=org.org_id,
            org_ids=org.org_ids,
            name=create.name,
            spec=spec,
            needs_approval=needed,
            created_at=to_text(self._clock()),
            created_by=actor,
            notify=notify,
        )
        note, also = "made as a draft", None
        if not create.draft:
            plan = await self._planner.plan(org, run.id, spec)
            run, note, also = self._planned(run, plan), plan.note, partial(_put, plan)
        await self._ledger.add(run, actor, note, also)
        return await self.get(org, run.id)

    async def notify_like(self, org: OrgScope, create: RunCreate) -> str:
        """Where the news of another run of this organisation go, sealed as it is kept; nothing when none is named.

        Raises RunNotFound and RunContradictory.
        """
        if create.notify_like is None:
            return ""
        if create.notify_url is not None:
            raise RunContradictory("notify_url and notify_like name two addresses")
        async with self._ledger.read() as tx:
            run = await _found(tx, OrgScope.only(org.org_id), create.notify_like)
        if not run.notify:
            raise RunContradictory("the run that notify_like names tells nobody")
        return run.notify

    async def _sealed(self, org: OrgScope, spec: RunSpec) -> RunSpec:
        """What was asked for, with the secrets of a typed kind sealed."""
        change = spec.change
        given = await self._secrets.sealed(org.org_id, change.kind, {one.name: one.value for one in change.parameters})
        parameters = tuple(msgspec.structs.replace(one, value=given[one.name]) for one in change.parameters)
        return msgspec.structs.replace(spec, change=msgspec.structs.replace(change, parameters=parameters))

    async def plan(self, org: OrgScope, actor: Actor, run_id: str) -> RunView:
        """Freeze who takes part, as the inventory is now; again when it was planned before and has not been started."""
        async with self._ledger.read() as tx:
            run = await _found(tx, org, run_id)
        _require(run, "planned", "planned")
        plan = await self._planner.plan(org, run.id, run.spec)

        def rule(present: Run) -> Step:
            _require(present, "planned", "planned")
            return Step(self._planned(present, plan), plan.note)

        return await self._move(org, actor, run_id, rule, "run.planned", partial(_put, plan))

    async def start(self, org: OrgScope, actor: Actor, run_id: str) -> RunView:
        """Let it begin, or ask for approval where that is needed."""
        needed = await self._approvals.needed(org.org_id)

        def rule(run: Run) -> Step:
            if run.state != "planned":
                raise _unfit(run, "started", "only a planned run can be started")
            strict = msgspec.structs.replace(run, needs_approval=run.needs_approval or needed)
            return model.started(strict, actor, self._clock())

        return await self._move(org, actor, run_id, rule, "run.started")

    async def approve(self, org: OrgScope, actor: Actor, run_id: str) -> RunView:
        """A second person agrees. Raises RunApprovalOwn for who made or started it, by whatever credential."""
        async with self._ledger.read() as tx:
            run = await _found(tx, org, run_id)
        approver = await self._approvals.person_behind(run.org_id, actor)
        first = {
            await self._approvals.person_behind(run.org_id, one) for one in (run.created_by, run.requested_by) if one
        }
        if run.state == "awaiting_approval" and (not approver or approver in first or "" in first):
            raise RunApprovalOwn("who made or started a run cannot approve it")

        def rule(present: Run) -> Step:
            if present.state != "awaiting_approval":
                raise _unfit(present, "approved", "it does not wait for approval")
            return model.approved(present, actor, self._clock())

        return await self._move(org, actor, run_id, rule, "run.approved")

    async def pause(self, org: OrgScope, actor: Actor, run_id: str, reason: str) -> RunView:
        """Ask nobody else for now; what devices have not begun is called back."""

        def rule(run: Run) -> Step:
            _require(run, "paused", "paused")
            return model.paused(run, f"paused by {actor.name}" + (f": {reason}" if reason else ""))

        return await self._move(org, actor, run_id, rule, "run.paused")

    async def resume(self, org: OrgScope, actor: Actor, run_id: str, reason: str) -> RunView:
        """Go on after a pause, through a gate, or in spite of a halt: what failed until now does not count again."""

        def rule(run: Run) -> Step:
            if run.state not in ("paused", "halted"):
                raise _unfit(run, "resumed", "only a paused or halted run can be resumed")
            return model.scheduled(run, f"resumed by {actor.name}" + (f": {reason}" if reason else ""))

        async def also(tx: Transaction, run: Run) -> None:
            await repository.forgive(tx, run.id)

        return await self._move(org, actor, run_id, rule, "run.resumed", also)

    async def cancel(self, org: OrgScope, actor: Actor, run_id: str, reason: str) -> RunView:
        """End it: what devices have not begun is called back, what they have begun they finish."""
        now = self._clock()

        def rule(run: Run) -> Step:
            _require(run, "cancelled", "cancelled")
            return model.cancelled(run, f"cancelled by {actor.name}" + (f": {reason}" if reason else ""), now)

        async def also(tx: Transaction, run: Run) -> None:
            await repository.end_waiting(tx, run.id, to_text(now))

        return await self._move(org, actor, run_id, rule, "run.cancelled", also)

    async def retry(self, org: OrgScope, actor: Actor, run_id: str, retry: RunRetry) -> RunView:
        """Ask those again that failed, from the first of their waves on that no wave under way follows.

        Raises RunStateUnfit when there are none.
        """
        states = (
            _RETRIED | (_UNKNOWN if retry.unknown else frozenset()) | (_GIVEN_UP if retry.cancelled else frozenset())
        )
        async with self._ledger.read() as tx:
            run = await _found(tx, org, run_id)
            wanted = TargetFilters(state=sorted(states))
            targets = await repository.targets_where(tx, run.id, wanted, -1, _ALL)
            tally = await repository.tally(tx, run.id)
        if run.state not in _RETRY_FROM:
            raise _unfit(run, "retried", "it has not asked anybody, or was cancelled")
        if not targets:
            raise _unfit(run, "retried", "no device has failed")

        def rule(present: Run) -> Step:
            if present.state not in _RETRY_FROM:
                raise _unfit(present, "retried", "it has not asked anybody, or was cancelled")
            first_wave = min(one.wave for one in targets)
            return model.retried(present, first_wave, tally, f"{len(targets)} devices are asked again")

        async def also(tx: Transaction, present: Run) -> None:
            for target in targets:
                await repository.change_target(tx, target, model.again(target))

        return await self._move(org, actor, run_id, rule, "run.retried", also)

    async def page(self, org: OrgScope, filters: RunFilters, asked: PageRequest) -> Page[RunView]:
        """Runs by the time they were made."""
        if asked.after and not repository.is_place(asked.after):
            raise RunNotFound("no page of runs starts at this cursor", remedy="Start again without `cursor`.")
        async with self._ledger.read() as tx:
            runs = await repository.page_of_runs(tx, org, filters, asked)
            total = await repository.count_runs(tx, org, filters)
            views = [run_view(run, await repository.tally(tx, run.id), []) for run in runs[: asked.limit]]
        last = runs[: asked.limit][-1] if len(runs) > asked.limit else None
        return Page(views, Cursor(last.created_at, last.id).encode() if last else None, total)

    async def get(self, org: OrgScope, run_id: str) -> RunView:
        """One run with its waves, counts and history."""
        async with self._ledger.read() as tx:
            run = await _found(tx, org, run_id)
            return run_view(run, await repository.tally(tx, run.id), await repository.history_of(tx, run))

    async def _move(
        self,
        org: OrgScope,
        actor: Actor,
        run_id: str,
        rule: Callable[[Run], Step],
        action: str,
        also: Also | None = None,
    ) -> RunView:
        async def find(tx: Transaction) -> Run:
            return await _found(tx, org, run_id)

        run = await self._ledger.move(find, rule, actor, action, also)
        return await self.get(org, run.id)

    def _planned(self, run: Run, plan: Plan) -> Run:
        return msgspec.structs.replace(run, state="planned", waves=plan.waves, planned_at=to_text(self._clock()))


async def _found(tx: Transaction, org: OrgScope, run_id: str) -> Run:
    run = await repository.find_run(tx, org, run_id)
    if run is None:
        raise RunNotFound("there is no such run")
    return run


async def _put(plan: Plan, tx: Transaction, run: Run) -> None:
    await repository.put_targets(tx, run, plan.targets)


def _require(run: Run, after: model.RunState, done: str) -> None:
    if not model.legal(run.state, after):
        raise _unfit(run, done, f"it is {run.state.replace('_', ' ')}")


def _unfit(run: Run, done: str, why: str) -> RunStateUnfit:
    return RunStateUnfit(f"the run cannot be {done}: {why}", fields={"/state": run.state})
