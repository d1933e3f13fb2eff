"""Configurations are compared in RouterOS's terms. Nothing is kept."""

import asyncio
from typing import Any, Final

import msgspec

from tikfleet.domains.configs.errors import ConfigDiffBusy, ConfigUnreadable
from tikfleet.domains.configs.schemas import (
    MAX_CHANGES,
    MAX_PROBLEMS,
    ConfigChange,
    ConfigDiff,
    ConfigDifference,
    ConfigProblem,
    Side,
)
from tikfleet.routeros.export.difference import Difference, difference
from tikfleet.routeros.export.migration import migration
from tikfleet.routeros.export.model import Configuration
from tikfleet.routeros.export.reader import read
from tikfleet.routeros.export.wording import document
from tikfleet.routeros.script.builder import Dialect

_AT_ONCE: Final = 2
_PATIENCE_S: Final = 10.0


class ConfigComparisons:
    """What is different between two exports."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def compare(self, asked: ConfigDiff) -> ConfigDifference:
        """The changes from one to the other, off the event loop. Raises ConfigUnreadable and ConfigDiffBusy."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._turns.acquire()
        except TimeoutError as cause:
            raise ConfigDiffBusy(f"others were compared for {_PATIENCE_S:g} s", retry_after_s=2) from cause
        try:
            return await asyncio.to_thread(_compared, asked)
        finally:
            self._turns.release()


def _compared(asked: ConfigDiff) -> ConfigDifference:
    old, new = read(asked.old), read(asked.new)
    if strange := {f"/{side}": _refusal(text) for side, text in (("old", old), ("new", new)) if _is_strange(text)}:
        raise ConfigUnreadable("there is nothing of an export in it", fields=strange)
    found = difference(old, new)
    shown = document(Difference(found.changes[:MAX_CHANGES], found.notes))
    problems = [*_problems("old", old), *_problems("new", new)]
    script, script_notes = _script(asked, old, new) if asked.script else (None, [])
    return ConfigDifference(
        change_count=len(found.changes),
        changes=msgspec.convert(_text(shown["changes"]), list[ConfigChange]),
        problem_count=len(problems),
        problems=problems[:MAX_PROBLEMS],
        notes=_text(shown["notes"]),
        script=script,
        script_notes=script_notes,
    )


def _is_strange(configuration: Configuration) -> bool:
    """Whether a text has lines, and none of them is one of an export."""
    return bool(configuration.unread) and not configuration.menus and not configuration.unexported


def _refusal(configuration: Configuration) -> str:
    count, first = len(configuration.unread), configuration.unread[0].line
    return f"line {first} is no line of an export" + (f", and {count - 1} more are none" if count > 1 else "")


def _problems(side: Side, configuration: Configuration) -> list[ConfigProblem]:
    return [ConfigProblem(side, one.line) for one in configuration.unread]


def _script(asked: ConfigDiff, old: Configuration, new: Configuration) -> tuple[str, list[str]]:
    plan = migration(old, new)
    version = asked.version or new.header.version
    text: str = _text(plan.text(Dialect.V6 if version.startswith("6.") else Dialect.V7))
    notes: list[str] = _text(plan.notes)
    return text, notes


def _text(value: Any) -> Any:
    """The same with bytes that are no UTF-8, which an export may hold in escapes, replaced: JSON has only text."""
    match value:
        case str():
            return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        case list():
            return [_text(item) for item in value]
        case dict():
            return {_text(name): _text(item) for name, item in value.items()}
        case _:
            return value
