"""Runs that came to rest and of which somebody wants to be told. Another domain tells it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from tikfleet.domains.runs import repository
from tikfleet.domains.runs.model import Run, RunState, Tally
from tikfleet.ports.database import Database, Transaction

_TOLD: frozenset[RunState] = frozenset({"halted", "finished", "cancelled"})


class RunNotice(msgspec.Struct, frozen=True):
    """A run that came to rest: in which state, when, and how many of its devices were in which state then or later."""

    run: Run
    state: str
    at: str
    counts: Mapping[str, int]


class RunNotices:
    """What is to be told, until it was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, limit: int) -> list[RunNotice]:
        """The runs whose news nobody has yet."""
        async with self._database.read() as tx:
            return [await _notice(tx, run) for run in await repository.owing_runs(tx, limit)]

    async def told(self, owed: Sequence[tuple[str, str]]) -> None:
        """These news, by run and `Run.owed`, are kept elsewhere now; what a run came to since then is not."""
        async with self._database.write() as tx:
            for run_id, what in owed:
                await repository.mark_told(tx, run_id, what)


class RunFeed:
    """Turns of runs over all organisations, in the order of their histories, whose ids are of the kind `prefix`."""

    prefix: Final = "rnh"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, after: str, before: str, states: Sequence[str], limit: int) -> list[tuple[str, RunNotice]]:
        """What came to one of these states between two entries: the entry's id and the news, oldest first."""
        async with self._database.read() as tx:
            found = []
            for entry_id, state, at, run in await repository.runs_between(tx, after, before, states, limit):
                found.append((entry_id, RunNotice(run, state, at, total(await repository.tally(tx, run.id)))))
            return found


def owing(before: Run, after: Run, moment: str) -> Run:
    """The run after a change, with what is to be told of it: only the last state that it came to rest in."""
    if not after.notify or after.state == before.state or after.state not in _TOLD:
        return after
    return msgspec.structs.replace(after, owed=f"{after.state} {before.version + 1} {moment}")


def total(tally: Tally) -> dict[str, int]:
    """How many targets are in which state."""
    counts: dict[str, int] = {}
    for states in tally.states.values():
        for state, number in states.items():
            counts[state] = counts.get(state, 0) + number
    return counts


async def _notice(tx: Transaction, run: Run) -> RunNotice:
    state, _, moment = run.owed.split(" ")
    return RunNotice(run, state, moment, total(await repository.tally(tx, run.id)))
