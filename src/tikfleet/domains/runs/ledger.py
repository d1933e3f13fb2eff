"""The one way in which runs change: compare and set, history, audit, and the news once it is durable."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import msgspec

from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.audit.public import Target as Audited
from tikfleet.domains.jobs.public import notified_host
from tikfleet.domains.runs import repository
from tikfleet.domains.runs.errors import RunChangedMeanwhile
from tikfleet.domains.runs.model import Run, Step, Tally
from tikfleet.domains.runs.notices import owing, total
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.scopes import Actor
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.database import Database, Transaction

_ATTEMPTS: Final = 5

Also = Callable[[Transaction, Run], Awaitable[None]]
Find = Callable[[Transaction], Awaitable[Run]]
Rule = Callable[[Run], Step]


class RunLedger:
    """Shared by people's side and the steerer."""

    def __init__(self, database: Database, audit: AuditTrail, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._bus = bus
        self._clock = clock

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent look."""
        return self._database.read()

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """Changes of targets that happen together."""
        return self._database.write()

    async def add(self, run: Run, actor: Actor, note: str, also: Also | None = None) -> None:
        """A new run with the first entry of its history."""
        async with self._database.write() as tx:
            await repository.add_run(tx, run)
            await repository.add_entry(tx, run, note, actor, to_text(self._clock()))
            if also is not None:
                await also(tx, run)
            tally = await repository.tally(tx, run.id)
            await self._record(tx, None, run, actor, "run.created")
        self.tell(run, tally)

    async def change(
        self, before: Run, step: Step, actor: Actor, action: str = "", also: Also | None = None
    ) -> Run | None:
        """One step. Gives the run as it is then; None, and nothing written, when it was not as `before` any more."""
        owing_run = owing(before, step.run, to_text(self._clock()))
        after = msgspec.structs.replace(owing_run, version=before.version + 1)
        async with self._database.write() as tx:
            if not await repository.change_run(tx, before, owing_run):
                return None
            if step.note or after.state != before.state:
                await repository.add_entry(tx, after, step.note, actor, to_text(self._clock()))
            if also is not None:
                await also(tx, after)
            tally = await repository.tally(tx, after.id)
            if action:
                await self._record(tx, before, after, actor, action)
        if step.note or after.state != before.state:
            self.tell(after, tally)
        return after

    async def move(self, find: Find, rule: Rule, actor: Actor, action: str, also: Also | None = None) -> Run:
        """Find a run, ask the rule, write its step; again when the run changed meanwhile.

        Raises what `find` and `rule` raise, and RunChangedMeanwhile when it never held still.
        """
        for _ in range(_ATTEMPTS):
            async with self.read() as tx:
                run = await find(tx)
            after = await self.change(run, rule(run), actor, action, also)
            if after is not None:
                return after
        raise RunChangedMeanwhile("the run changed each time while this was decided")

    def tell(self, run: Run, tally: Tally) -> None:
        """How the run stands, to whoever listens."""
        counts = total(tally)
        data: dict[str, Any] = {
            "id": run.id, "name": run.name, "state": run.state, "wave": run.wave + 1, "waves": len(run.waves),
            "reason": run.reason, "counts": counts,
        }  # fmt: skip
        self._bus.publish(News("run.changed", run.org_id, data))

    async def _record(self, tx: Transaction, before: Run | None, after: Run, actor: Actor, action: str) -> None:
        audited = Audited("run", after.id, after.name)
        was = None if before is None else {"state": before.state, "wave": before.wave + 1}
        became: dict[str, Any] = {"state": after.state, "wave": after.wave + 1}
        if after.reason:
            became["reason"] = after.reason
        if action == "run.created":
            # Values of parameters may be passwords, which no pattern tells by their place.
            nameless = tuple(msgspec.structs.replace(one, value="…") for one in after.spec.change.parameters)
            change = msgspec.structs.replace(after.spec.change, parameters=nameless)
            became["notifies"] = notified_host(after.notify)
            became["spec"] = msgspec.to_builtins(msgspec.structs.replace(after.spec, change=change))
        await self._audit.within(tx).record(after.org_id, actor, action, audited, was, became)
