"""`/system/scheduler`: entries run on the router's clock.

Sources: reference §3. An entry with `start-time=startup` runs once about three seconds after a boot, or, with an
interval, first one interval after it. Others run at the start and every interval after it; nothing keeps runs of one
entry apart. Without an interval an entry runs once. [unverified: that an entry without a start begins at the moment
it is added, with its first run one interval later; the first line of the log for an `on-event` that is no name.]
`days` of 7.24 are not followed.
"""

import asyncio
import contextlib
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tikfleet.routeros.values import parse_duration_s, parse_moment
from tikfleet.virtual.menus.behaviours.moments import date, local, stamp
from tikfleet.virtual.menus.request import Caller, Row
from tikfleet.virtual.menus.rights import FORBIDDEN
from tikfleet.virtual.menus.table import Item
from tikfleet.virtual.scripting.console import Order, Outcome
from tikfleet.virtual.scripting.jobs import SCRIPT, ScriptJobs

SCHEDULER: Final = "/system/scheduler"
STARTUP: Final = "startup"
_AFTER_BOOT_S: Final = 3.0
_TIMING: Final = ("start-date", "start-time", "interval", "disabled")


@dataclass(slots=True)
class _Entry:
    """One entry that waits, and the times that it waits by."""

    timing: tuple[str | None, ...]
    task: "asyncio.Task[None] | None" = None


class Schedule:
    """Runs the entries of one router, from `boot` to `stop`."""

    def __init__(self, jobs: ScriptJobs) -> None:
        self._jobs = jobs
        self._menus = jobs.console.host.menus
        self._store = self._menus.store
        self._clock = jobs.console.host.clock
        self._entries: dict[str, _Entry] = {}
        self._booted_s = self._clock.elapsed_s()
        self._running = False
        self._menus.subscribe(SCHEDULER, self._changed)

    def boot(self) -> None:
        """The router has started: begin to wait for every entry. Needs a running event loop."""
        self._running = True
        self._booted_s = self._clock.elapsed_s()
        for item in list(self._store.table(SCHEDULER).items):
            self._begin(item, at_boot=True)

    async def stop(self) -> None:
        """Stop waiting. What entries have started is not touched."""
        self._running = False
        tasks = [entry.task for entry in self._entries.values() if entry.task is not None]
        self._entries.clear()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _changed(self, row: Row) -> None:
        item = self._store.table(SCHEDULER).get(row[".id"])
        if item is None:
            self._end(row[".id"])
            return
        item.setdefault("owner", self._store.caller.user)
        if "start-time" not in item:
            self._complete(item)
        entry = self._entries.get(row[".id"])
        if self._running and (entry is None or entry.timing != _timing(item)):
            self._begin(item, at_boot=False)

    def _complete(self, item: Item) -> None:
        """An entry that was added without a start begins now."""
        now_s = self._store.now_s()
        item["start-time"] = f"{local(self._store, now_s):%H:%M:%S}"
        item.setdefault("start-date", date(self._store, now_s))

    def _end(self, entry_id: str) -> None:
        entry = self._entries.pop(entry_id, None)
        if entry is not None and entry.task is not None and entry.task is not asyncio.current_task():
            entry.task.cancel()

    def _begin(self, item: Item, *, at_boot: bool) -> None:
        self._end(item[".id"])
        entry = self._entries[item[".id"]] = _Entry(_timing(item))
        profile = self._jobs.console.host.profile
        blocked = profile.at_least("7.17") and "scheduler" in FORBIDDEN.get(profile.device_mode, ())
        interval_s = _seconds(item.get("interval", "0s"))
        off = item.get("disabled") == "true" or blocked
        first_s = None if off else self._first_s(item, interval_s, at_boot=at_boot)
        if first_s is None:
            item.pop("next-run", None)
            return
        self._announce_next(item, first_s)
        entry.task = asyncio.get_running_loop().create_task(self._follow(item, interval_s, first_s))

    async def _follow(self, item: Item, interval_s: float, next_s: float) -> None:
        while True:
            self._announce_next(item, next_s)
            await self._clock.sleep(next_s - self._clock.elapsed_s())
            if not interval_s:
                item.pop("next-run", None)
            self._fire(item)
            if not interval_s:
                return
            # A late wake-up skips what it missed and stays aligned to the start.
            missed = math.floor((self._clock.elapsed_s() - next_s) / interval_s)
            next_s += interval_s * max(1, missed + 1)

    def _first_s(self, item: Item, interval_s: float, *, at_boot: bool) -> float | None:
        """When the entry runs first, by the clock that only grows; `None` for never."""
        now_s = self._clock.elapsed_s()
        if item.get("start-time") == STARTUP:
            if interval_s:
                begun_s = self._booted_s
                return begun_s + interval_s * (math.floor((now_s - begun_s) / interval_s) + 1)
            return now_s + _AFTER_BOOT_S if at_boot else None
        wait_s = self._until_start_s(item)
        if wait_s > 0:
            return now_s + wait_s
        if not interval_s:
            return None
        return now_s + wait_s + interval_s * (math.floor(-wait_s / interval_s) + 1)

    def _until_start_s(self, item: Item) -> float:
        now_s = self._store.now_s()
        here = datetime.fromisoformat(f"{local(self._store, now_s):%Y-%m-%d %H:%M:%S}")
        try:
            start = parse_moment(f"{item.get('start-date', '')} {item.get('start-time', '')}", here)
        except ValueError:
            start = None
        return 0.0 if start is None else (start.replace(tzinfo=None) - here).total_seconds() - now_s % 1

    def _announce_next(self, item: Item, next_s: float) -> None:
        now_s = self._store.now_s()
        item["next-run"] = stamp(self._store, now_s + next_s - self._clock.elapsed_s())

    def _fire(self, item: Item) -> None:
        self._jobs.noted(item)
        event, policies = item.get("on-event", ""), frozenset(item.get("policy", "").split(",")) - {""}
        caller = Caller(item.get("owner") or "admin", policies, "scheduler")
        script = self._store.table(SCRIPT).named(event)
        order = Order(event, caller, name=item.get("name", ""))
        if script is not None:
            order = Order(script.get("source", ""), caller, name=event)
            wanted = frozenset(script.get("policy", "").split(",")) - {""}
            if script.get("dont-require-permissions") != "true" and not wanted <= policies:
                self._failed(item, event, "not enough permissions (9)")
                return
            self._jobs.noted(script)
        self._jobs.begin(order, lambda outcome: self._done(item, event if script is not None else "", outcome))

    def _done(self, item: Item, script: str, outcome: Outcome) -> None:
        if outcome.error:
            self._failed(item, script, outcome.error)

    def _failed(self, item: Item, script: str, error: str) -> None:
        name = item.get("name", "")
        named = f"script {script}" if script else "script"
        self._menus.log("script,error", f"executing {named} from scheduler ({name}) failed, please check it manually")
        self._menus.log("script,error,debug", f"(scheduler:{name}) {error}")


def _timing(item: Item) -> tuple[str | None, ...]:
    return tuple(item.get(name) for name in _TIMING)


def _seconds(text: str) -> float:
    try:
        return max(0.0, parse_duration_s(text) or 0.0)
    except ValueError:
        return 0.0
