"""The edges that `tikfleet serve` starts beside itself: each is started again when it ends, later each time."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog

from tikfleet.app.settings import Settings

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
# Who lived so long had no trouble in starting.
_SETTLED_S: Final = 60.0
_PATIENCE_S: Final = 20.0
_LOOK_EVERY_S: Final = 0.1
_READY_LOOKS: Final = 600
_log = structlog.get_logger("tikfleet.edges")


class Pauses:
    """How long to wait before the next start: twice as long each time, from the beginning after a settled life."""

    def __init__(self) -> None:
        self._next_s = _FIRST_PAUSE_S

    def after(self, lived_s: float) -> float:
        """The pause after a life that lasted so long."""
        if lived_s >= _SETTLED_S:
            self._next_s = _FIRST_PAUSE_S
        pause_s, self._next_s = self._next_s, min(_LONGEST_PAUSE_S, self._next_s * 2)
        return pause_s


@asynccontextmanager
async def edges(settings: Settings, ready: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """As many as the settings say, until the block ends. Begins when one of them answers, or after a minute."""
    keepers = [asyncio.create_task(_keep(settings, f"edge-{number + 1}")) for number in range(settings.edges)]
    try:
        for _ in range(_READY_LOOKS if keepers else 0):
            if await ready():
                break
            await asyncio.sleep(_LOOK_EVERY_S)
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(settings: Settings, name: str) -> None:
    """One edge for ever; cancelled, it is asked to end and waited for."""
    pauses = Pauses()
    while True:
        began_s = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tikfleet", "edge", "--name", name, "--child",
            # It ends when this pipe does, so that no edge outlives a parent that was killed.
            stdin=subprocess.PIPE,
            env=_environment(settings),
        )  # fmt: skip
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        pause_s = pauses.after(time.monotonic() - began_s)
        _log.warning("an edge ended and is started again", name=name, code=code, in_s=pause_s)
        await asyncio.sleep(pause_s)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def _environment(settings: Settings) -> dict[str, str]:
    """The settings as variables: what was an option of the parent too."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIKFLEET_")}
    values = msgspec.structs.asdict(settings)
    return kept | {f"TIKFLEET_{name.upper()}": _text(value) for name, value in values.items() if value != ""}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
