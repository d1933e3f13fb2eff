"""Running scripts: `/execute`, `/system/script/run`, the list of jobs, and the globals as a menu.

Sources: the manual's scripting page; reference §2.1 and §3; 7.21 for the isolation of errors of `:execute`.
[unverified: the words for a script that is too long; that an error's text ends the output of `:execute`.]
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from tikfleet.virtual import waiting
from tikfleet.virtual.menus.behaviours.moments import stamp
from tikfleet.virtual.menus.request import GENERAL, Answer, Caller, Refused, Request, Row
from tikfleet.virtual.menus.table import Item
from tikfleet.virtual.scripting.console import Console, Order, Outcome, current
from tikfleet.virtual.scripting.errors import Halted, RosError, ScriptFailed
from tikfleet.virtual.scripting.limits import Meter, Output
from tikfleet.virtual.scripting.listing import Listing
from tikfleet.virtual.scripting.notation import decoded, encoded
from tikfleet.virtual.scripting.values import MAX_TEXT, NOTHING, text, typename

SCRIPT: Final = "/system/script"
JOB: Final = "/system/script/job"
GLOBALS: Final = "/system/script/environment"
_NO: Final = frozenset({"no", "false"})
_FILE_BYTES: Final = 16 << 20


@dataclass(slots=True)
class Job:
    """A script that runs. `task` is its own; a script that another waits for has none."""

    id: str
    name: str
    caller: Caller
    started: str
    meter: Meter
    parent: str = ""
    task: "asyncio.Task[Outcome] | None" = None


class ScriptJobs:
    """Everything that runs on one router."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)
        self._menus = console.host.menus
        handle = self._menus.handle
        handle("/execute", self.execute)
        handle(f"{SCRIPT}/run", self.run, "read")
        for menu, listing, remove in (
            (JOB, Listing(self._rows), self._remove),
            (GLOBALS, Listing(self._globals), self._forget),
        ):
            handle(f"{menu}/print", listing.show, "read")
            handle(f"{menu}/getall", listing.show, "read")
            handle(f"{menu}/find", listing.find, "read")
            handle(f"{menu}/get", listing.get, "read")
            handle(f"{menu}/remove", remove(listing), "write")

        handle("/environment/print", Listing(self._globals).show, "read")

    def begin(self, order: Order, done: Callable[[Outcome], None] | None = None) -> Job:
        """Run a script in the background. `done` hears how it ended, unless it was removed."""
        job = self._listed(order)
        job.task = asyncio.get_running_loop().create_task(self._alone(order, job, done))
        return job

    async def stop(self) -> None:
        """End everything that runs in the background."""
        tasks = [job.task for job in self._jobs.values() if job.task is not None]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._jobs.clear()

    def halt(self) -> None:
        """End everything at its next step: for a reboot that a script asked for."""
        for job in list(self._jobs.values()):
            self.kill(job)

    async def settled(self) -> None:
        """Wait until nothing runs in the background."""
        while tasks := [job.task for job in self._jobs.values() if job.task is not None and not job.task.done()]:
            await asyncio.wait(tasks)

    async def _alone(self, order: Order, job: Job, done: Callable[[Outcome], None] | None) -> Outcome:
        try:
            outcome = await waiting.run(self.console.carry_out, order, job.meter)
            if done is not None:
                done(outcome)
            return outcome
        finally:
            self._jobs.pop(job.id, None)

    def _listed(self, order: Order) -> Job:
        store = self._menus.store
        running = current()
        order.job = f"*{next(self._numbers):X}"
        started = stamp(store, store.now_s())
        meter = Meter(self.console.limits)
        job = Job(order.job, order.name, order.caller, started, meter, running.job if running else "")
        self._jobs[job.id] = job
        return job

    def waited(self, order: Order, output: Output) -> Outcome:
        """Run a script while the caller waits; its errors are in the outcome."""
        job = self._listed(order)
        order.output = output
        try:
            return self.console.carry_out(order, job.meter)
        finally:
            self._jobs.pop(job.id, None)

    def execute(self, request: Request) -> Answer:
        """`:execute`: in the background, or with `as-string` while the caller waits. The id of the job, or the output.

        Errors of the script never reach the caller.
        """
        given = request.arguments
        source = self._source(given.get("script", ""))
        if len(source) > MAX_TEXT:
            raise Refused("failure: script is too long", GENERAL)
        order = Order(source, request.caller)
        if given.get("as-string", "no") not in _NO:
            return Answer(ret=self.waited(order, Output(MAX_TEXT, cut=True)).shown)
        name = given.get("file")
        if name is None:
            return Answer(ret=self.begin(order).id)
        order.output = Output(_FILE_BYTES, cut=True)
        path = name[:-1] if name.endswith("\0") else f"{name}.txt"
        return Answer(ret=self.begin(order, lambda outcome: self._write(path, outcome)).id)

    def _write(self, path: str, outcome: Outcome) -> None:
        try:
            self.console.host.files.write(path, outcome.shown.encode("utf-8", "surrogateescape"))
        except Refused as refused:
            self._menus.log("script,error", refused.message)

    def _source(self, script: str) -> str:
        """A source, or the source of the script of that name (7.21)."""
        found = self._menus.store.table(SCRIPT).named(script)
        return script if found is None else found.get("source", "")

    def run(self, request: Request) -> Answer:
        """`/system/script/run`: with the caller's permissions, which must cover those of the script."""
        given = request.arguments.get("number") or request.arguments.get("numbers") or request.arguments.get(".id", "")
        found = self._menus.store.find(SCRIPT, given)
        if found is None:
            raise Refused("no such item")
        item = found[1]
        caller = request.caller
        wanted = frozenset(item.get("policy", "").split(",")) - {""}
        if item.get("dont-require-permissions") != "true" and not wanted <= caller.policies:
            raise Refused("not enough permissions (9)", GENERAL)
        if request.arguments.get("use-script-permissions", "no") not in _NO:
            caller = Caller(caller.user, wanted, caller.via, caller.address)
        self.noted(item)
        running = current()
        output = running.output if running is not None else Output(self.console.limits.output_bytes, cut=True)
        order = Order(item.get("source", ""), caller, name=item.get("name", ""))
        job = self._listed(order)
        try:
            self.console.evaluate(order, output, job.meter)
        except RosError as error:
            raise ScriptFailed(error) from error
        except Halted as halt:
            if halt.message:
                raise Refused(halt.message, GENERAL) from halt
        finally:
            self._jobs.pop(job.id, None)
        return Answer()

    def noted(self, item: Item) -> None:
        """Count a run of a script or scheduler entry."""
        store = self._menus.store
        item["run-count"] = str(int(item.get("run-count", "0")) + 1)
        if "source" in item:
            item["last-started"] = stamp(store, store.now_s())
            store.announce(SCRIPT, item)

    def _rows(self) -> Iterable[Row]:
        for job in self._jobs.values():
            row = {".id": job.id, "type": "command", "owner": job.caller.user, "started": job.started}
            row["policy"] = ",".join(sorted(job.caller.policies))
            if job.name:
                row["script"] = job.name
            if job.parent:
                row["parent"] = job.parent
            yield row

    def _remove(self, listing: Listing) -> Callable[[Request], Answer]:
        def remove(request: Request) -> Answer:
            for row in listing.chosen(request):
                self.kill(self._jobs[row[".id"]])
            return Answer()

        return remove

    def kill(self, job: Job) -> None:
        """End a job: at once where it has a task of its own, else at its next step."""
        job.meter.stop()
        if job.task is not None and job.task is not asyncio.current_task():
            job.task.cancel()
            self._jobs.pop(job.id, None)

    def _globals(self) -> Iterable[Row]:
        number = itertools.count(1)
        for user, variables in self.console.globals.items():
            for name, value in sorted(variables.items()):
                shown = "(code)" if typename(value) == "code" else _limited(text(value))
                yield {".id": f"*{next(number):X}", "name": decoded(name), "user": user, "value": decoded(shown)}

    def _forget(self, listing: Listing) -> Callable[[Request], Answer]:
        def forget(request: Request) -> Answer:
            for row in listing.chosen(request):
                self.console.variables(row["user"]).pop(encoded(row["name"]), NOTHING)
            return Answer()

        return forget


def _limited(shown: str) -> str:
    """[unverified: how much of a long value the menu shows]."""
    return shown[:MAX_TEXT]
