"""Every router's own REST at one address: reads in live mode, writes as jobs, and all as jobs when it is silent."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import msgspec

from tikfleet.domains.jobs.public import Job, Jobs, JobTarget, JobTargets, Written
from tikfleet.domains.live.public import DeviceSilent, LiveHub
from tikfleet.domains.routeros.reading import RouterReads, device_of
from tikfleet.domains.routeros.translation import RestScripts, Translation, recalled, remembered
from tikfleet.kernel.errors import Forbidden
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.routeros.rest.call import RestCall, RestRefused
from tikfleet.routeros.rest.plan import Reply, reads_only

_EXPIRES_S: Final = 3_600
_LOOK_S: Final = 0.05


class Asked(msgspec.Struct, frozen=True):
    """One request. `secrets`: who asks may see them. `matches` says whether a record is as If-Match names it."""

    org: OrgScope
    actor: Actor
    device_id: DeviceId
    call: RestCall
    may_write: bool
    secrets: bool
    wait_s: float
    matches: Callable[[bytes], bool] | None = None


class Waiting(msgspec.Struct, frozen=True):
    """There is no answer yet: the job will have it."""

    job: Job


class RouterRest:
    """Answers as the router would. Raises RestRefused with the router's own refusal."""

    def __init__(self, hub: LiveHub, jobs: Jobs, targets: JobTargets, scripts: RestScripts) -> None:
        self._hub = hub
        self._jobs = jobs
        self._targets = targets
        self._scripts = scripts
        self._reads = RouterReads(hub, scripts)
        self._waiting: dict[tuple[str, str, str], str] = {}

    async def want(self, org: OrgScope, device_id: DeviceId) -> tuple[bool, float]:
        """Ask for live mode: whether the router is in it, and for how many seconds it is wanted."""
        device = await device_of(self._targets, org, device_id)
        lasting_s = self._hub.want(device.id)
        return self._hub.is_live(device.id), lasting_s

    async def answer(self, asked: Asked) -> Reply | Waiting:
        """REST's reply, or the job that will bring it."""
        device = await device_of(self._targets, asked.org, asked.device_id)
        if not asked.may_write and not reads_only(asked.call):
            raise Forbidden("this needs the permission routeros:write")
        self._hub.want(device.id)
        translation = Translation(asked.call, device.version)
        ends_s = time.monotonic() + asked.wait_s
        if translation.plan.reads:
            try:
                outcome, _ = await self._reads.whole(device, translation.plan, ends_s)
            except DeviceSilent:
                return await self._later(asked, device, translation)
            return translation.reply(outcome, secrets=asked.secrets)
        expected = await self._matched(asked, device, ends_s) if asked.matches else ""
        job = await self._made(asked.actor, device, translation, expected)
        self._hub.wake(device.id)
        return await self._brought(asked, job, ends_s)

    async def of_job(self, org: OrgScope, job_id: str, *, secrets: bool) -> Reply | Waiting:
        """The reply to a request that became a job."""
        job, output = await self._jobs.outcome(org, job_id)
        return recalled(job).of_job(job, output, secrets=secrets) if job.ended else Waiting(job)

    async def _matched(self, asked: Asked, device: JobTarget, ends_s: float) -> str:
        """The record's text when it is as If-Match names it; the router compares it again. Raises RestRefused."""
        translation = Translation(RestCall("GET", asked.call.words), device.version)
        outcome, text = await self._reads.whole(device, translation.plan, ends_s)
        current = encoded(translation.reply(outcome, secrets=asked.secrets).value)
        if asked.matches is not None and not asked.matches(current):
            raise RestRefused(412, "the record is not in the state that If-Match names")
        return text

    async def _made(self, actor: Actor, device: JobTarget, translation: Translation, expected: str = "") -> Job:
        reads = translation.plan.reads
        script = self._scripts.rest_job(translation.plan, device.tier or "D", expected)
        return await self._jobs.write(
            actor,
            device,
            Written(
                script=script,
                job_class="query" if reads else "once",
                description=translation.call.text,
                parameters=remembered(translation, device),
                expires_in_s=_EXPIRES_S,
                audited=None if reads else translation.audited,
            ),
        )

    async def _later(self, asked: Asked, device: JobTarget, translation: Translation) -> Reply | Waiting:
        """A job for the next check-in; the one that waits already when the same was asked before."""
        key = (device.id, asked.call.text, repr(asked.call.filters) + repr(asked.call.body))
        known = self._waiting.get(key)
        if known is not None:
            job, _ = await self._jobs.outcome(asked.org, known)
            if not job.ended:
                return Waiting(job)
        job = await self._made(asked.actor, device, translation)
        if len(self._waiting) > 10_000:  # noqa: PLR2004 - a bound, not a figure
            self._waiting.clear()
        self._waiting[key] = job.id
        return Waiting(job)

    async def _brought(self, asked: Asked, job: Job, ends_s: float) -> Reply | Waiting:
        while True:
            now, output = await self._jobs.outcome(asked.org, job.id)
            if now.ended:
                return recalled(now).of_job(now, output, secrets=asked.secrets)
            if time.monotonic() >= ends_s:
                return Waiting(now)
            await asyncio.sleep(_LOOK_S)


def encoded(value: object) -> bytes:
    """A reply as JSON: names in alphabetical order, as RouterOS sends them."""
    return msgspec.json.encode(value, order="deterministic")
