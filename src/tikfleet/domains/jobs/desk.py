"""The devices' side of jobs: hand out, hear of the start, take the outcome.

Every method takes the device id that the device's credential proved; a job of another device does not exist here.
"""

import asyncio
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from tikfleet.domains.jobs import model, repository, turns
from tikfleet.domains.jobs.devices import JobScripts, JobTarget, JobTargets
from tikfleet.domains.jobs.kinds.catalogue import secret_names
from tikfleet.domains.jobs.ledger import Find, Ledger, Rule, device_actor
from tikfleet.domains.jobs.model import Held, Job, JobClass, Reported, Step
from tikfleet.domains.jobs.output import EXPORT_NOT_WHOLE, Output, blob_name, error_of, output_of
from tikfleet.domains.jobs.turns import Asking
from tikfleet.domains.jobs.undoings import Undoings, says_undone
from tikfleet.domains.jobs.vetting import SENTENCES, Standing, Vetting
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.ids import DeviceId, JobId
from tikfleet.kernel.scopes import SYSTEM, OrgScope
from tikfleet.ports.blobs import Blobs

# As many may wait for their windows, and let others pass.
_LOOK_AHEAD: Final = 200
# Output that is made storable in under a millisecond: a thread would cost more.
_AT_ONCE: Final = 65_536


class HandOut(msgspec.Struct, frozen=True):
    """A job that a device is told to fetch and run. `size_bytes` is the script's, so that a part of it is never run."""

    id: JobId
    job_class: JobClass
    timeout_s: int
    size_bytes: int


class JobReport(msgspec.Struct, frozen=True):
    """What a check-in says about the job that the router recorded last. `state`: as in docs/protocol.md."""

    id: str
    state: str
    error: str = ""


class JobOutcome(msgspec.Struct, frozen=True):
    """How a job went. Output over 10 MiB is cut; bytes that are no UTF-8, and credentials of ours, are replaced."""

    state: Reported | Held
    error: str | bytes = ""
    output: str | bytes = b""
    truncated: bool = False


class JobDesk:
    """What the check-in path and the agent's job routes need.

    Call `load` once before the first check-in. With one process `has_work` is exact enough to trust a no; with several
    see `OpenWork`. It can make no job: it is given no key, and what `vetting` does not know as made by the job service
    never leaves.
    """

    def __init__(
        self,
        ledger: Ledger,
        blobs: Blobs,
        targets: JobTargets,
        scripts: JobScripts,
        clock: Clock,
        vetting: Vetting,
        undoings: Undoings | None = None,
    ) -> None:
        """Without `undoings` a change that a device took back is told in its job only."""
        self._ledger = ledger
        self._blobs = blobs
        self._targets = targets
        self._scripts = scripts
        self._clock = clock
        self.vetting = vetting
        self._undoings = undoings

    async def load(self) -> int:
        """Mark every device with work in the database; gives how many. Harmless to repeat."""
        async with self._ledger.read() as transaction:
            devices = await repository.devices_with_work(transaction)
        self._ledger.work.mark(devices)
        return len(devices)

    def has_work(self, device_id: DeviceId) -> bool:
        """Whether `next_for` is worth asking. No I/O."""
        return device_id in self._ledger.work

    def has_news(self, device_id: DeviceId) -> bool:
        """The same, but for work that was just found to wait: for its window, or for its next attempt. No I/O."""
        return self._ledger.work.is_ready(device_id)

    async def next_for(
        self, device_id: DeviceId, boot_id: str, now: datetime, *, confirms: bool = True
    ) -> HandOut | None:
        """The job that the device is to run next, marked delivered durably; None when there is none, or it must wait.

        `confirms`: whether its agent knows of changes that are undone unless they are confirmed. Call this after
        `note_report` of the same check-in: what the device says of its last job comes first.
        """
        mark = self._ledger.work.mark_of(device_id)
        async with self._ledger.read() as transaction:
            waiting = await repository.waiting_for(transaction, device_id, _LOOK_AHEAD)
            wanted = [JobId(job.backup_job_id) for job in waiting if job.backup_job_id]
            found = await repository.statuses_of(transaction, wanted)
        if not waiting:
            self._ledger.work.clear(device_id, mark)
            return None
        standings: dict[JobId, Standing] = {}

        def refuse(job: Job) -> Step | None:
            standings[job.id] = standing = self.vetting.standing(job)
            return None if standing.is_good else _refused(job, standing, now)

        steps, script = (
            turns.plan(waiting, Asking(boot_id, now, confirms), refuse, {one: found[one][0] for one in found}),
            "",
        )
        if not steps:
            self._ledger.work.rest(device_id, mark)
        if steps and steps[-1][1].job.status == "delivered" and standings[steps[-1][0].id] is Standing.LATE:
            before, step = steps.pop()
            step, script, standings[before.id] = await self._written(before, step, now)
            steps.append((before, step))
        if not steps or not await self._take(steps, script, now):
            return None
        for before, _ in steps:
            if not standings.get(before.id, Standing.WHOLE).is_good:
                await self.vetting.tell(before, standings[before.id])
        job = steps[-1][1].job
        return None if job.status != "delivered" else HandOut(job.id, job.job_class, job.timeout_s, job.script_bytes)

    async def note_report(
        self, device_id: DeviceId, boot_id: str, report: JobReport | None, now: datetime
    ) -> str | None:
        """Take what a check-in says of its recorded job; gives the id that the device may forget, if any.

        A job that is not this device's, or has ended, is acknowledged too: the device need not mention it again. So is
        one that the device was cut off from by a reboot: it takes no other job before that; and the start of one that
        may be repeated.
        """
        if report is None:
            return None
        error = error_of(report.error)
        if error:
            error = await self._told(device_id, report.id, error)

        def rule(job: Job) -> Step | None:
            match report.state:
                case "succeeded" | "failed" | "confirmed" | "rolled-back" as state:
                    return turns.settle(job, state, error, now)
                case "changed":
                    return model.reach(job)
                case "undoing":
                    return model.hold(job, "undoing", error, now)
                case "started":
                    return model.says_started(job, boot_id, now)
                case _:
                    return None

        job = await self._moved(partial(repository.job_of_device, device_id=device_id, job_id=report.id), rule, now)
        if job is not None and not job.ended and job.confirm_s:
            return None
        if job is None or job.ended or job.status == "queued" or job.boot_id != boot_id:
            return report.id
        # A reboot inside it leaves such a record behind, and the device takes nothing while it stands: were the job
        # handed out to the new boot meanwhile, both would wait for each other until it expires.
        return report.id if report.state == "started" and job.job_class != "once" else None

    async def confirms(self, device_id: DeviceId, report: JobReport | None) -> bool:
        """Whether the device may keep the change that this check-in, taken by `note_report`, says it has made."""
        if report is None or report.state != "changed":
            return False
        async with self._ledger.read() as transaction:
            job = await repository.job_of_device(transaction, device_id, report.id)
        return job is not None and job.is_reached

    async def script_for(self, device_id: DeviceId, job_id: str) -> str | None:
        """The script of a job that this device has been handed; None when it has not, or may not run it any more."""
        async with self._ledger.read() as transaction:
            job = await repository.job_of_device(transaction, device_id, job_id)
            if job is None or not model.may_fetch(job, self._clock()):
                return None
            text = await repository.script_of_device(transaction, device_id, job)
        standing = self.vetting.standing(job)
        if standing is Standing.LATE:
            try:
                standing, text = await self._rendered(job)
            except ValueError:
                # Its device said meanwhile that it is another one; the next hand-out says so.
                return None
        elif standing is Standing.WHOLE and text is not None and repository.digest_of(text) != job.script_digest:
            standing = Standing.ALTERED
        if standing.is_good:
            return text
        await self._refuse(job, standing)
        return None

    async def started(self, device_id: DeviceId, job_id: str, boot_id: str) -> bool:
        """The device is about to run a job. True when that is recorded durably: only then may a *once* job run."""
        now = self._clock()
        job = await self._ledger.move(
            partial(repository.job_of_device, device_id=device_id, job_id=job_id),
            lambda job: model.begin(job, boot_id, now),
            device_actor,
            now,
        )
        return job is not None and job.status == "running" and job.boot_id == boot_id

    async def result(self, device_id: DeviceId, job_id: str, outcome: JobOutcome) -> bool:
        """Take an outcome with its output, durably. False when the job is not this device's; repeats change nothing.

        An export that is not whole has failed, whatever the device says. A job that had ended keeps its state; what
        came later is noted beside it. Raises BlobsUnavailable or DatabaseUnavailable, and the device then tells it
        again with its next check-ins.
        """
        now = self._clock()
        find = partial(repository.job_of_device, device_id=device_id, job_id=job_id)
        async with self._ledger.read() as transaction:
            job = await find(transaction)
        if job is None or job.reported_finally:
            return job is not None
        outcome = await self._without_secrets(job, outcome)
        output = await _stored_output(outcome)
        if output.apart:
            # Before the row says so: a row never points to an object that is not there.
            await self._blobs.put(blob_name(job), output.content)
        state, error = outcome.state, error_of(outcome.error)
        if job.kind == "export" and state == "succeeded" and not output.whole:
            state, error = "failed", EXPORT_NOT_WHOLE
        await self._moved(find, lambda job: _with_output(_taken(job, state, error, now), output), now)
        return True

    async def withdraw(self, device_id: DeviceId, note: str) -> int:
        """Cancel whatever the device has not begun, since it leaves the fleet; gives how many jobs that were."""
        now = self._clock()
        cancelled = 0
        async with self._ledger.write() as entries:
            for job in await repository.waiting_for(entries.transaction, device_id, limit=10_000):
                step = model.cancel(job, note, now)
                cancelled += bool(step and await entries.change(job, step, device_actor(job), now))
        return cancelled

    async def _moved(self, find: Find, rule: Rule, now: datetime) -> Job | None:
        """What the device says of its job, taken; people hear when that is that it undid the change."""
        undone = False

        def watched(job: Job) -> Step | None:
            nonlocal undone
            step = rule(job)
            undone = says_undone(job, step)
            return step

        job = await self._ledger.move(find, watched, device_actor, now)
        if undone and job is not None and self._undoings is not None:
            await self._undoings.tell(job)
        return job

    async def _written(self, before: Job, step: Step, now: datetime) -> tuple[Step, str, Standing]:
        """A hand-out with its script, written for the device as it is now; a rejection or refusal when it can't be."""
        try:
            standing, script = await self._rendered(before)
        except ValueError as cause:
            return model.reject(before, str(cause), now), "", Standing.LATE
        if script is None:
            return _refused(before, standing, now), "", standing
        if has_secrets(before):
            # Its text rests nowhere: it is written again when the device fetches it.
            job = msgspec.structs.replace(step.job, script_bytes=len(script.encode()))
            return Step(job, step.note), "", standing
        return Step(with_script(step.job, script), step.note), script, standing

    async def _rendered(self, job: Job) -> tuple[Standing, str | None]:
        """The script of a job that was signed without it, from what was signed. Raises ValueError as `render` does."""
        found = await self._targets.find(OrgScope.only(job.org_id), [job.device_id], 1)
        async with self._ledger.read() as transaction:
            source = await repository.source_of_device(transaction, job.device_id, job)
        if source is not None and repository.digest_of(source) != job.source_digest:
            return Standing.ALTERED, None
        return Standing.LATE, render(self._scripts, await self._opened(job), found[0] if found else None, source)

    async def _refuse(self, job: Job, standing: Standing) -> None:
        """End a job that must not leave, though it was handed out."""
        now = self._clock()
        find = partial(repository.job_of_device, device_id=job.device_id, job_id=job.id)
        await self._ledger.move(
            find, lambda found: None if found.ended else _refused(found, standing, now), lambda _: SYSTEM, now
        )
        await self.vetting.tell(job, standing)

    async def _told(self, device_id: DeviceId, job_id: str, error: str) -> str:
        """An error's text without the job's own secrets."""
        async with self._ledger.read() as transaction:
            job = await repository.job_of_device(transaction, device_id, job_id)
        if job is None:
            return error
        clean = await self._without_secrets(job, JobOutcome("failed", error))
        return error_of(clean.error)

    async def _opened(self, job: Job) -> Job:
        if not has_secrets(job):
            return job
        parameters = await self._ledger.secrets.opened(job.kind, parameters_of(job))
        return msgspec.structs.replace(job, parameters=msgspec.json.encode(parameters).decode())

    async def _without_secrets(self, job: Job, outcome: JobOutcome) -> JobOutcome:
        if not has_secrets(job):
            return outcome
        secrets, parameters = self._ledger.secrets, parameters_of(job)
        output = await secrets.without(job.kind, parameters, _bytes(outcome.output))
        error = await secrets.without(job.kind, parameters, _bytes(outcome.error))
        return msgspec.structs.replace(outcome, output=output, error=error)

    async def _take(self, steps: list[tuple[Job, Step]], script: str, now: datetime) -> bool:
        try:
            async with self._ledger.write() as entries:
                if script:
                    job = steps[-1][1].job
                    await repository.add_scripts(entries.transaction, {(job.org_id, job.script_digest): script})
                for before, step in steps:
                    actor = SYSTEM if step.job.status == "failed" else device_actor(before)
                    if not await entries.change(before, step, actor, now):
                        raise _ChangedMeanwhileError
        except _ChangedMeanwhileError:
            # Somebody cancelled it, or the same check-in came twice: the next check-in finds the truth.
            return False
        return True


class _ChangedMeanwhileError(Exception):
    """Rolls a hand-out back."""


def _refused(job: Job, standing: Standing, now: datetime) -> Step:
    return model.refuse(job, f"{standing.value}: {SENTENCES[standing]}", now)


def render(scripts: JobScripts, job: Job, device: JobTarget | None, source: str | None) -> str:
    """The text that the device fetches. Raises ValueError, with the reason, when it can't be written."""
    if device is None or device.tier is None:
        raise ValueError("the device has not said which version of RouterOS it runs")
    parameters = parameters_of(job)
    if source is not None:
        parameters["source"] = source
    script = scripts.render(job.kind, parameters, device)
    return scripts.guarded(script, device, job.confirm_s, job.timeout_s) if job.confirm_s else script


def parameters_of(job: Job) -> dict[str, Any]:
    """A job's parameters, secrets sealed."""
    return msgspec.json.decode(job.parameters, type=dict[str, Any])


def has_secrets(job: Job) -> bool:
    """Whether a parameter of the job is a secret."""
    names = secret_names(job.kind)
    return bool(names) and not names.isdisjoint(parameters_of(job))


async def _stored_output(outcome: JobOutcome) -> Output:
    if len(outcome.output) <= _AT_ONCE:
        return output_of(outcome.output, truncated=outcome.truncated)
    # Ten MiB take some tenths of a second, in which others are answered.
    return await asyncio.to_thread(output_of, outcome.output, truncated=outcome.truncated)


def _bytes(text: str | bytes) -> bytes:
    return text.encode(errors="replace") if isinstance(text, str) else text


def with_script(job: Job, script: str) -> Job:
    """The job whose device is to fetch this text."""
    return msgspec.structs.replace(job, script_digest=repository.digest_of(script), script_bytes=len(script.encode()))


def _taken(job: Job, state: Reported | Held, error: str, now: datetime) -> Step | None:
    if state == "changed" or state == "undoing":  # noqa: PLR1714 - a type checker follows this, and no membership
        return model.hold(job, state, error, now)
    return turns.settle(job, state, error, now)


def _with_output(step: Step | None, output: Output) -> Step | None:
    if step is None:
        return None
    job = msgspec.structs.replace(
        step.job,
        output=output.inline,
        output_bytes=len(output.content),
        output_truncated=int(output.truncated),
    )
    return Step(job, step.note)
