"""The warehouse: append-only history in facts, and questions about it. What a thing is *now* lives in the database.

A fact table and a question are values; each adapter writes them in its engine's own language.
"""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, Protocol

import msgspec

from tikfleet.kernel.errors import TikfleetError, Unavailable
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope

Row = Sequence[Any]
RAW = "raw"
_ADDRESS = re.compile(r"(?<![0-9a-z.])[0-9]+(?:\.[0-9]+){3}(?![0-9a-z.])")
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_WORD = re.compile(r"[0-9a-z\u0080-\U0010ffff]+")


class WarehouseUnavailable(Unavailable):
    """The warehouse does not answer or can't write; the batch may be appended again under its id."""

    code: ClassVar[str] = "warehouse.unavailable"
    title: ClassVar[str] = "The telemetry store does not answer"


class WarehouseNewer(TikfleetError):
    """The store was written by a newer version of Tikfleet; nothing was changed."""

    code: ClassVar[str] = "warehouse.newer"
    title: ClassVar[str] = "The telemetry store belongs to a newer version"
    remedy: ClassVar[str] = "Start the newer version of Tikfleet, or restore the backup made before it was installed."


class QueryTooHeavy(TikfleetError):
    """The question went over its bound of time or memory, and was stopped."""

    code: ClassVar[str] = "query.too-heavy"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "The question is too heavy"
    remedy: ClassVar[str] = "Ask for a shorter time, fewer devices, or a coarser step."


class Kind(Enum):
    """What a column holds. A moment is an integer: ms since 1970. A label is text with few distinct values."""

    TEXT = "text"
    LABEL = "label"
    FLAG = "flag"
    U8 = "u8"
    U16 = "u16"
    U32 = "u32"
    U64 = "u64"
    I16 = "i16"
    I32 = "i32"
    I64 = "i64"
    F32 = "f32"
    F64 = "f64"
    MOMENT = "moment"


WHOLE = frozenset({Kind.U8, Kind.U16, Kind.U32, Kind.I16, Kind.I32, Kind.I64})


class Shape(Enum):
    """How neighbouring values of a column relate, along the sort key: what a codec can use.

    Scattered values are unlike their neighbours, and some of them come again and again.
    """

    PLAIN = "plain"
    STEADY = "steady"
    GROWING = "growing"
    SCATTERED = "scattered"


class Span(Enum):
    """How much time one partition covers: what is read together and dropped together."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Aggregate(Enum):
    """Many values into one, as in standard SQL: absent values are left out; of nothing comes null (or a count of 0)."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    LAST = "last"
    DISTINCT = "distinct"


class Column(msgspec.Struct, frozen=True):
    """One column. A value that does not fit is stored as the nearest that does; NaN as absent.

    `searched`: words in it are looked for, which an engine may prepare for.
    """

    name: str
    kind: Kind
    optional: bool = False
    shape: Shape = Shape.PLAIN
    searched: bool = False


class Rollup(msgspec.Struct, frozen=True):
    """What is kept of a table per bucket of time: by some of its columns, some aggregates of others.

    Late rows count. `kept` maps a column to its aggregates; the count of rows is always kept, and MEAN is known
    where SUM is. It is made by the engine as rows arrive. For engines that have such choices: `source` names a rollup
    before it, of no fewer keys and of buckets that divide into its own, which it is made of instead of the rows; with
    `together_s` what belongs to so long a time stands together, for questions about all things in a short time; in a
    `sparse` one hardly two rows of a batch share keys and bucket, so they are added up later (it keeps sums alone).
    """

    name: str
    bucket_s: int
    keys: tuple[str, ...]
    kept: Mapping[str, tuple[Aggregate, ...]]
    partition: Span
    keep_days: int
    source: str = ""
    together_s: int = 0
    sparse: bool = False


class FactTable(msgspec.Struct, frozen=True):
    """A kind of fact. The first column is `org_id`, which leads every key; `sort_key` follows it.

    `moment` names the column that says when; `together_s` is as of a rollup. `version` grows with each change, and
    changes only add columns or rollups.
    """

    name: str
    version: int
    columns: tuple[Column, ...]
    sort_key: tuple[str, ...]
    partition: Span
    keep_days: int
    rollups: tuple[Rollup, ...] = ()
    moment: str = "received_at"
    together_s: int = 0


class Batch(msgspec.Struct, frozen=True):
    """Rows for some tables, each row's values in the order of its table's columns."""

    id: str
    rows: Mapping[str, Sequence[Row]]


class Measure(msgspec.Struct, frozen=True, tag="measure"):
    """An aggregate of a column. COUNT without a column counts rows; DISTINCT takes a key of the rollup."""

    name: str
    aggregate: Aggregate
    column: str = ""


class Ratio(msgspec.Struct, frozen=True, tag="ratio"):
    """`offset + scale * numerator / denominator`; null where the denominator is nothing or zero."""

    name: str
    numerator: Measure
    denominator: Measure
    scale: float = 1.0
    offset: float = 0.0


class Total(msgspec.Struct, frozen=True, tag="total"):
    """The sum of several measures."""

    name: str
    parts: tuple[Measure, ...]


class OneOf(msgspec.Struct, frozen=True, tag="one-of"):
    """Keeps rows whose column (in a rollup: a key) holds one of these texts. None at all keeps no row.

    `absent`: keeps the others instead. A number is compared as it is written.
    """

    column: str
    values: tuple[str, ...]
    absent: bool = False


class Holds(msgspec.Struct, frozen=True, tag="holds"):
    """Keeps rows whose text has all words of this one, in its order with what stands between them; case is ignored.

    A word is a run of letters and digits, and is found whole, as is an IPv4 address; an engine may find one in a longer
    row of numbers with dots, or not. `others` are alternatives to the text. `absent`: keeps
    the rows with none of them instead.
    """

    column: str
    text: str
    absent: bool = False
    others: tuple[str, ...] = ()


class Beyond(msgspec.Struct, frozen=True, tag="beyond"):
    """Keeps rows before a place in the order of moment and of a number column; with `after` those after it."""

    column: str
    moment_ms: int
    value: int
    after: bool = False


class Expired(msgspec.Struct, frozen=True, tag="expired"):
    """Leaves out rows of these organisations from before a moment. Of rollups this cannot be asked."""

    org_ids: tuple[OrganisationId, ...]
    before_ms: int


def words_of(text: str) -> list[str]:
    """The words of a text as `Holds` takes them, in lower case."""
    return _WORD.findall(text.lower())


def addresses_of(text: str) -> list[str]:
    """The IPv4 addresses of a text, as `Holds` takes them."""
    return _ADDRESS.findall(text.lower())


def numbers_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Those of `OneOf` that are written as a whole number is."""
    return tuple(filter(_NUMBER.fullmatch, texts))


class Fold(msgspec.Struct, frozen=True):
    """A second aggregation, over the groups of the first; `by` and the measures name what the first gave."""

    by: tuple[str, ...]
    measures: tuple[Measure, ...]


class FactQuery(msgspec.Struct, frozen=True):
    """A question: measures of one table from `since_ms` until before `until_ms` (None: without end), in groups.

    `resolution` is `raw` or the name of a rollup (then `bucket_s` is a multiple of the rollup's, and its bucket that
    `since_ms` falls into counts whole). The answer's columns are `bucket` (its first second since 1970, when
    `bucket_s` is not 0), the `group_by` columns, the measures; after a fold, its `by` and its measures. Rows come by
    `order_by`, then by the groups, at most `limit` of them.
    `listing` gives the rows themselves instead of groups, each column of `group_by` as it is, without measures; they
    come by moment and then by `order_by`, both descending where that is asked for.
    """

    table: str
    measures: tuple[Measure | Ratio | Total, ...]
    since_ms: int | None
    until_ms: int | None
    resolution: str = RAW
    bucket_s: int = 0
    group_by: tuple[str, ...] = ()
    filters: tuple[OneOf | Holds | Beyond | Expired, ...] = ()
    fold: Fold | None = None
    order_by: str = ""
    descending: bool = False
    limit: int = 100_000
    listing: bool = False


class Answer(msgspec.Struct, frozen=True):
    """Columns and rows, and what they cost. No value is NaN."""

    columns: tuple[str, ...]
    rows: Sequence[Row]
    elapsed_ms: float
    rows_read: int


class TableSize(msgspec.Struct, frozen=True):
    """What one table or rollup (`table_rollup`) takes."""

    name: str
    rows: int
    size_bytes: int


class Warehouse(Protocol):
    """Append-only history that answers while it is written.

    A batch lands whole or not at all, and once: when `append` returns, it survives a power cut; when it raises or the
    process dies inside it, appending the same batch again completes it, and replaying any of the last 1,000 batches
    is a no-op, in tables and rollups alike. Between the two, some of its tables may show rows.
    Reads may lag writes by some seconds, and never cross the scope they were given. A question is stopped at the
    store's bound of time or memory: `QueryTooHeavy`. Everything raises `WarehouseUnavailable` when the store can't
    answer, and ValueError for a table, column or aggregate that was not declared.
    """

    async def prepare(self, tables: Sequence[FactTable]) -> None:
        """Make or extend the tables, before all else. Raises `WarehouseNewer` where the store has newer versions."""
        ...

    async def append(self, batch: Batch) -> None: ...

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer: ...

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None:
        """Remove the rows of a scope from before a moment; what rollups hold of them stays.

        They are gone soon after it returns, and again is a no-op. Where there are none it only looks.
        """
        ...

    async def storage(self) -> Sequence[TableSize]:
        """What each table and rollup takes, by name."""
        ...

    async def close(self) -> None: ...
