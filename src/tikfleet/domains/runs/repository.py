"""All relational SQL of runs. People's side takes an `OrgScope`; the steerer works on what was permitted before."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.runs.model import FAILURES, Run, RunState, Tally, Target, TargetState, Wave
from tikfleet.domains.runs.spec import RunSpec
from tikfleet.kernel.clock import from_text
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId, RunId, is_id, new_id
from tikfleet.kernel.paging import Cursor, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Row, Transaction

_RUN: Final = Run.__struct_fields__
_TARGET: Final = Target.__struct_fields__
_RUN_COLUMNS: Final = ", ".join(_RUN)
_TARGET_COLUMNS: Final = ", ".join(_TARGET)
_FIXED: Final = frozenset({"id", "org_id", "name", "spec", "created_at", "created_by", "notify"})
# What a change does not say is to be told stays as it is: it may have been told since the run was read.
_OWED: Final = "owed = case when :owed <> :expected_owed then :owed else owed end"
_SETTERS: Final = ", ".join([*(f"{name} = :{name}" for name in _RUN if name not in _FIXED | {"owed"}), _OWED])
_CHANGED: Final = ("wave", "state", "attempt", "job_id", "placed", "forgiven", "asked_at", "ended_at", "error")
_TARGET_SETTERS: Final = ", ".join(f"{name} = :{name}" for name in _CHANGED)
_FAILING: Final = sorted(FAILURES)
_CHUNK: Final = 500


class RunEntry(msgspec.Struct, frozen=True):
    """A change of a run: when, to what state, what was noted, and who did it."""

    at: str
    state: RunState
    note: str
    actor: Actor


class RunFilters(msgspec.Struct, frozen=True):
    """Which runs are wanted; empty is no condition."""

    state: Sequence[RunState] = ()


class TargetFilters(msgspec.Struct, frozen=True):
    """Which targets are wanted; `wave` counts from 0."""

    state: Sequence[TargetState] = ()
    wave: int | None = None
    device_id: Sequence[str] = ()
    placed: bool | None = None


async def find_run(tx: Transaction, org: OrgScope, run_id: str) -> Run | None:
    """One run, when it is within the scope. Text that is no run's id names none."""
    if not is_id(run_id, "run"):
        return None
    rows = await tx.fetch(
        f"select {_RUN_COLUMNS} from run where id = :id and org_id in :orgs", id=run_id, orgs=org.org_ids
    )
    return _run(rows[0]) if rows else None


async def load_run(tx: Transaction, run_id: RunId) -> Run | None:
    """One run, for the steerer."""
    rows = await tx.fetch(f"select {_RUN_COLUMNS} from run where id = :id", id=run_id)
    return _run(rows[0]) if rows else None


async def page_of_runs(tx: Transaction, org: OrgScope, filters: RunFilters, page: PageRequest) -> list[Run]:
    """The page's runs and one more when there is another page, by the time they were made."""
    where, values = _run_conditions(org, filters)
    if page.after:
        where += f" and (created_at, id) {'<' if page.descending else '>'} (:after_at, :after_id)"
        values |= {"after_at": page.after.value, "after_id": page.after.id}
    order = "desc" if page.descending else "asc"
    rows = await tx.fetch(
        f"select {_RUN_COLUMNS} from run where {where} order by created_at {order}, id {order} limit :most",
        most=page.limit + 1,
        **values,
    )
    return [_run(row) for row in rows]


async def count_runs(tx: Transaction, org: OrgScope, filters: RunFilters) -> int:
    """How many runs fit."""
    where, values = _run_conditions(org, filters)
    return int((await tx.fetch(f"select count(*) from run where {where}", **values))[0][0])


async def busy_runs(tx: Transaction) -> list[RunId]:
    """The runs that the steerer has to look at."""
    return [row[0] for row in await tx.fetch("select id from run where busy = 1 order by id")]


async def owing_runs(tx: Transaction, limit: int) -> list[Run]:
    """The runs of which something is to be told."""
    rows = await tx.fetch(f"select {_RUN_COLUMNS} from run where owed <> '' order by id limit :most", most=limit)
    return [_run(row) for row in rows]


async def mark_told(tx: Transaction, run_id: str, owed: str) -> None:
    """What was owed is told, unless something else is owed by now."""
    await tx.execute("update run set owed = '' where id = :id and owed = :owed", id=run_id, owed=owed)


async def runs_between(
    tx: Transaction, after: str, before: str, states: Sequence[str], limit: int
) -> list[tuple[str, str, str, Run]]:
    """Id, state and time of the entries between two in all histories that say one of these states, with their runs."""
    entries = await tx.fetch(
        """select id, state, at, run_id from run_history where id > :after and id <= :before and state in :states
        order by id limit :most""",
        after=after,
        before=before,
        states=list(states),
        most=limit,
    )
    ids = sorted({row[3] for row in entries})
    rows = await tx.fetch(f"select {_RUN_COLUMNS} from run where id in :ids", ids=ids) if ids else []
    runs = {run.id: run for run in map(_run, rows)}
    return [(row[0], row[1], row[2], runs[row[3]]) for row in entries if row[3] in runs]


async def add_run(tx: Transaction, run: Run) -> None:
    """A new run."""
    names = ", ".join(f":{name}" for name in _RUN)
    await tx.execute(f"insert into run ({_RUN_COLUMNS}) values ({names})", **_run_values(run))


async def change_run(tx: Transaction, before: Run, after: Run) -> bool:
    """Compare and set; the version grows by one. False, and nothing written, when it is not as `before` any more."""
    values = _run_values(msgspec.structs.replace(after, version=before.version + 1))
    kept = {name: value for name, value in values.items() if name not in _FIXED}
    return (
        await tx.execute(
            f"update run set {_SETTERS} where id = :id and version = :expected",
            id=before.id,
            expected=before.version,
            expected_owed=before.owed,
            **kept,
        )
        == 1
    )


async def add_entry(tx: Transaction, run: Run, note: str, actor: Actor, moment: str) -> None:
    """Write a change into the run's history."""
    await tx.execute(
        """insert into run_history (id, run_id, at, state, note, actor)
        values (:id, :run_id, :at, :state, :note, :actor)""",
        id=new_id("rnh"),
        run_id=run.id,
        at=moment,
        state=run.state,
        note=note,
        actor=_packed(actor),
    )


async def history_of(tx: Transaction, run: Run) -> list[RunEntry]:
    """What happened to the run, oldest first, at most the last 200 changes."""
    rows = await tx.fetch(
        "select at, state, note, actor from run_history where run_id = :id order by id desc limit 200", id=run.id
    )
    return [RunEntry(at, state, note, _person(actor)) for at, state, note, actor in reversed(rows)]


async def put_targets(tx: Transaction, run: Run, targets: Sequence[Target]) -> None:
    """The targets of a fresh plan, in the place of those that were."""
    await tx.execute("delete from run_target where run_id = :id", id=run.id)
    await add_targets(tx, targets)


async def add_targets(tx: Transaction, targets: Sequence[Target]) -> None:
    """More targets."""
    names = ", ".join(f":{name}" for name in _TARGET)
    await tx.execute_many(
        f"insert into run_target ({_TARGET_COLUMNS}) values ({names})", [_target_values(one) for one in targets]
    )


async def change_target(tx: Transaction, before: Target, after: Target) -> bool:
    """Compare and set by state and attempt. False, and nothing written, when it is not as `before` any more."""
    values = _target_values(after)
    return (
        await tx.execute(
            f"""update run_target set {_TARGET_SETTERS} where run_id = :run_id and device_id = :device_id
            and state = :expected and attempt = :expected_attempt""",
            run_id=before.run_id,
            device_id=before.device_id,
            expected=before.state,
            expected_attempt=before.attempt,
            **{name: values[name] for name in _CHANGED},
        )
        == 1
    )


async def forgive(tx: Transaction, run_id: RunId) -> None:
    """What has failed so far does not count against the limits any more."""
    await tx.execute(
        "update run_target set forgiven = 1 where run_id = :id and forgiven = 0 and state in :failing",
        id=run_id,
        failing=_FAILING,
    )


async def end_waiting(tx: Transaction, run_id: RunId, moment: str) -> None:
    """Targets that were never asked, or not again, are not asked any more."""
    await tx.execute(
        "update run_target set state = 'cancelled', ended_at = :moment where run_id = :id and state = 'waiting'",
        id=run_id,
        moment=moment,
    )


async def tally(tx: Transaction, run_id: RunId) -> Tally:
    """How the targets stand, by wave."""
    rows = await tx.fetch(
        "select wave, state, forgiven, count(*) from run_target where run_id = :id group by wave, state, forgiven",
        id=run_id,
    )
    states: dict[int, dict[TargetState, int]] = {}
    failures: dict[int, int] = {}
    for wave, state, forgiven, number in rows:
        counts = states.setdefault(wave, {})
        counts[state] = counts.get(state, 0) + int(number)
        if state in FAILURES and not forgiven:
            failures[wave] = failures.get(wave, 0) + int(number)
    return Tally(states, failures)


async def targets_where(
    tx: Transaction, run_id: RunId, filters: TargetFilters, after_place: int, limit: int
) -> list[Target]:
    """Targets by their place in the run."""
    where, values = _target_conditions(run_id, filters)
    rows = await tx.fetch(
        f"select {_TARGET_COLUMNS} from run_target where {where} and place > :after order by place limit :most",
        after=after_place,
        most=limit,
        **values,
    )
    return [_target(row) for row in rows]


async def count_targets(tx: Transaction, run_id: RunId, filters: TargetFilters) -> int:
    """How many targets fit."""
    where, values = _target_conditions(run_id, filters)
    return int((await tx.fetch(f"select count(*) from run_target where {where}", **values))[0][0])


async def waiting_targets(tx: Transaction, run: Run, limit: int) -> list[Target]:
    """The next targets to ask, of the waves that have begun."""
    rows = await tx.fetch(
        f"""select {_TARGET_COLUMNS} from run_target where run_id = :id and state = 'waiting' and wave <= :wave
        order by place limit :most""",
        id=run.id,
        wave=run.wave,
        most=limit,
    )
    return [_target(row) for row in rows]


async def targets_of_jobs(tx: Transaction, job_ids: Sequence[JobId]) -> list[Target]:
    """The targets that these jobs belong to."""
    found: list[Target] = []
    for start in range(0, len(job_ids), _CHUNK):
        rows = await tx.fetch(
            f"select {_TARGET_COLUMNS} from run_target where job_id in :ids", ids=list(job_ids[start : start + _CHUNK])
        )
        found += [_target(row) for row in rows]
    return found


async def known_devices(tx: Transaction, run_id: RunId) -> tuple[set[DeviceId], int]:
    """The devices that are targets already, and the last place."""
    rows = await tx.fetch("select device_id, place from run_target where run_id = :id", id=run_id)
    return {row[0] for row in rows}, max((row[1] for row in rows), default=-1)


def is_place(cursor: Cursor) -> bool:
    """Whether a page of runs can start there."""
    try:
        return isinstance(cursor.value, str) and bool(from_text(cursor.value)) and is_id(cursor.id, "run")
    except ValueError:
        return False


def _run_conditions(org: OrgScope, filters: RunFilters) -> tuple[str, dict[str, Any]]:
    where, values = "org_id in :orgs", {"orgs": org.org_ids}
    if not filters.state:
        return where, dict(values)
    return where + " and state in :states", {**values, "states": list(filters.state)}


def _target_conditions(run_id: RunId, filters: TargetFilters) -> tuple[str, dict[str, Any]]:
    where, values = "run_id = :id", dict[str, Any](id=run_id)
    for condition, name, wanted in (
        ("state in :states", "states", list(filters.state)),
        ("device_id in :device_ids", "device_ids", list(filters.device_id)),
    ):
        if wanted:
            where += f" and {condition}"
            values[name] = wanted
    if filters.placed is not None:
        where += " and placed = :placed"
        values["placed"] = int(filters.placed)
    if filters.wave is not None:
        where += " and wave = :wave"
        values["wave"] = filters.wave
    return where, values


def _packed(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _person(text: str) -> Actor:
    return msgspec.json.decode(text, type=Actor)


_PACKED: Final[dict[str, Any]] = {
    "org_ids": tuple[OrganisationId, ...],
    "spec": RunSpec,
    "waves": tuple[Wave, ...],
    "created_by": Actor,
    "requested_by": Actor,
    "approved_by": Actor,
}


def _run_values(run: Run) -> dict[str, Any]:
    values = {name: getattr(run, name) for name in _RUN}
    for name in _PACKED:
        values[name] = None if values[name] is None else _packed(values[name])
    return values | {"busy": int(run.busy), "needs_approval": int(run.needs_approval)}


def _run(row: Row) -> Run:
    values = dict(zip(_RUN, row, strict=True))
    for name, kind in _PACKED.items():
        values[name] = None if values[name] is None else msgspec.json.decode(values[name], type=kind)
    return Run(**values | {"busy": bool(values["busy"]), "needs_approval": bool(values["needs_approval"])})


def _target_values(target: Target) -> dict[str, Any]:
    values = {name: getattr(target, name) for name in _TARGET}
    return values | {"placed": int(target.placed), "forgiven": int(target.forgiven)}


def _target(row: Row) -> Target:
    values = dict(zip(_TARGET, row, strict=True))
    return Target(**values | {"placed": bool(values["placed"]), "forgiven": bool(values["forgiven"])})
