"""What a warehouse is moved by: slices of its tables, copied one by one and compared.

A slice is a partition of a table's rows or of one of its rollups, and its tally says what it holds on either side.
"""

from collections.abc import AsyncGenerator, Sequence
from enum import Enum
from typing import Any, ClassVar, Protocol

import msgspec

from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.warehouse import FactTable


class TargetInUse(TikfleetError):
    """The warehouse to move to holds something that this move did not bring; nothing was changed there."""

    code: ClassVar[str] = "relocation.target-in-use"
    title: ClassVar[str] = "The other telemetry store is in use"
    remedy: ClassVar[str] = "Move to an empty database, which no platform has been started on."


class CopyDiffers(TikfleetError):
    """After copying, the two sides do not hold the same; the next run copies that part again."""

    code: ClassVar[str] = "relocation.differs"
    title: ClassVar[str] = "The copy is not what was copied"
    remedy: ClassVar[str] = "Run the command again; if it stays so, nothing else may be writing to either side."


class Slice(msgspec.Struct, frozen=True):
    """A partition of a table (`rollup` empty) or of a rollup: what lies from `since_s` to before `until_s`."""

    table: str
    rollup: str
    partition: str
    since_s: int
    until_s: int

    @property
    def name(self) -> str:
        """What it is called in the state file and on the screen."""
        return f"{self.table}{'_' if self.rollup else ''}{self.rollup}/{self.partition}"


class Tally(msgspec.Struct, frozen=True):
    """Rows and a checksum over them that does not depend on their order.

    A row's text is its values in order of columns, joined by the character 31: numbers in decimal; moments in ms and
    buckets in s since 1970; floats (within 1e12 of 0) as the whole part of 2^20 times the value; `~` for null; texts of
    keys cut at 255 characters; of a last value, the value. The sum, over all rows, of the first 60 bits of its MD5.
    """

    rows: int
    checksum: int


class Form(Enum):
    """How content travels: as the engine's own blocks, or as rows."""

    NATIVE = "native"
    ROWS = "rows"


class Block(msgspec.Struct, frozen=True):
    """Some rows of a slice: one Native block or more, or rows of stored columns."""

    rows_n: int
    native: bytes = b""
    rows: Sequence[Sequence[Any]] = ()


class RelocationSource(Protocol):
    """A warehouse that nobody writes to. Everything raises `WarehouseUnavailable` when the store can't answer."""

    async def slices(self) -> Sequence[Slice]:
        """All there is, without what is kept no longer. Each row of a rollup is then the only one of its key."""
        ...

    async def tally(self, part: Slice) -> Tally: ...

    def blocks(self, part: Slice, form: Form) -> AsyncGenerator[Block, None]: ...


class RelocationTarget(Protocol):
    """A warehouse that is filled, and serves only after `finish`."""

    form: Form

    async def begin(self, tables: Sequence[FactTable], *, fresh: bool) -> None:
        """Make the tables; `fresh`: this move has put nothing here yet. Raises `TargetInUse`."""
        ...

    async def tally(self, part: Slice) -> Tally: ...

    async def clear(self, part: Slice) -> None:
        """Take out what an earlier try put there."""
        ...

    async def put(self, part: Slice, block: Block) -> None: ...

    async def finish(self, tables: Sequence[FactTable]) -> None:
        """Make it ready to serve: from here on it keeps its rollups itself."""
        ...
