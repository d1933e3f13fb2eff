"""How a process asks the worker about telemetry: frames of msgpack over a socket of this machine, answered in turn.

A frame is its length in 4 bytes, big-endian, and that many bytes.
"""

import asyncio
import struct
from typing import Any, Final

import msgspec

from tikfleet.kernel.errors import TikfleetError
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Answer, FactQuery, QueryTooHeavy, TableSize, WarehouseUnavailable

_LENGTH: Final = struct.Struct(">I")
_MAX_BYTES: Final = 256 << 20
_ERRORS: Final[dict[str, type[TikfleetError]]] = {
    WarehouseUnavailable.code: WarehouseUnavailable,
    QueryTooHeavy.code: QueryTooHeavy,
}


class Select(msgspec.Struct, frozen=True, tag="select"):
    """`Warehouse.select`; answered by `Answer`."""

    scope: OrgScope
    query: FactQuery


class Storage(msgspec.Struct, frozen=True, tag="storage"):
    """`Warehouse.storage`; answered by a list of `TableSize`."""


class Figures(msgspec.Struct, frozen=True, tag="figures"):
    """What the worker counts of itself; answered by numbers by name."""


class Failed(msgspec.Struct, frozen=True):
    """An error by its code. `value` is that of a ValueError."""

    code: str
    detail: str
    advice: str = ""
    retry_after_s: float | None = None

    @classmethod
    def of(cls, error: TikfleetError | ValueError) -> "Failed":
        """What a frame can carry of an error."""
        if isinstance(error, TikfleetError):
            return cls(error.code, error.detail, error.advice, error.retry_after_s)
        return cls("value", str(error))

    def error(self) -> TikfleetError | ValueError:
        """The error again."""
        if self.code == "value":
            return ValueError(self.detail)
        kind = _ERRORS.get(self.code, WarehouseUnavailable)
        return kind(self.detail, remedy=self.advice or None, retry_after_s=self.retry_after_s)


class Told(msgspec.Struct, frozen=True):
    """The answer to one request: one of these, or nothing."""

    failed: Failed | None = None
    answer: Answer | None = None
    sizes: list[TableSize] | None = None
    figures: dict[str, float] | None = None


Request = Select | Storage | Figures
REQUESTS: Final = msgspec.msgpack.Decoder(Request)
ANSWERS: Final = msgspec.msgpack.Decoder(Told)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next frame. Raises EOFError where the other side ended, and ValueError for one that is too long."""
    size = int(_LENGTH.unpack(await reader.readexactly(_LENGTH.size))[0])
    if size > _MAX_BYTES:
        raise ValueError(f"a frame of {size} bytes is too long")
    return await reader.readexactly(size)


async def write_frame(writer: asyncio.StreamWriter, value: Any) -> None:
    """Send one frame. Raises OSError where the other side ended."""
    content = msgspec.msgpack.encode(value)
    writer.write(_LENGTH.pack(len(content)) + content)
    await writer.drain()
