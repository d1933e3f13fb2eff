"""A process of its own for each statement, which ends with it."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.ports.sandbox import SqlAnswer, SqlRefused, column_names

_CHILD: Final = Path(__file__).with_name("child.py")
_AT_ONCE: Final = 2
# What starting and reading a large table takes beside the statement itself.
_BESIDE_S: Final = 10.0
_ROW: Final = msgspec.json.Encoder()


class SandboxLimits(msgspec.Struct, frozen=True):
    """What one statement may take and give."""

    seconds: float = 5.0
    memory_bytes: int = 512 << 20
    rows: int = 10_000
    bytes: int = 4 << 20


class _Said(msgspec.Struct):
    columns: list[str] = []
    rows: list[list[str | int | float | None]] = []
    truncated: bool = False
    error: str = ""


class SandboxProcesses:
    """SqlSandbox by SQLite in child processes, two at a time."""

    def __init__(self, limits: SandboxLimits | None = None) -> None:
        self._limits = limits or SandboxLimits()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def ask(self, columns: Sequence[str], rows: Sequence[Mapping[str, str]], sql: str) -> SqlAnswer:
        limits = self._limits
        asked = {"sql": sql, "names": column_names(columns), **msgspec.structs.asdict(limits)}
        given = _ROW.encode_lines([asked, *([row.get(column) for column in columns] for row in rows)])
        async with self._turns:
            said = await self._run(given)
        if said.error:
            raise SqlRefused(said.error)
        return SqlAnswer(said.columns, said.rows, said.truncated)

    async def _run(self, given: bytes) -> _Said:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(_CHILD), stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL,
            env={}, cwd="/",
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._limits.seconds + _BESIDE_S):
                out, _ = await process.communicate(given)
        except TimeoutError as cause:
            raise SqlRefused("it takes longer than it may") from cause
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            return msgspec.json.decode(out, type=_Said)
        except msgspec.MsgspecError as cause:
            # It was ended by the kernel: nothing else leaves it without an answer.
            raise SqlRefused("it needs more time or memory than it may") from cause
