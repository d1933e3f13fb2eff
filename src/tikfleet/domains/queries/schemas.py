"""The wire types of fleet queries."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.public import DeviceIdText
from tikfleet.domains.queries.model import BOUNDS, FleetQuery, read_question
from tikfleet.kernel.ids import DeviceId

_PROPERTY: Final = r"^\.?[a-z0-9][a-z0-9.-]{0,63}$(?!\n)"

QueryText = Annotated[
    str, Meta(min_length=2, max_length=2_000, pattern=r"^[^\x00]*$", examples=["/ip/firewall/nat where chain=dstnat"])
]
FieldNames = Annotated[
    list[Annotated[str, Meta(max_length=65, pattern=_PROPERTY)]],
    Meta(max_length=50, examples=[["chain", "action", "to-addresses"]]),
]
RowsEach = Annotated[int, Meta(ge=1, le=BOUNDS.rows_each)]
WaitS = Annotated[float, Meta(ge=0, le=600)]


class QueryAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question to many routers: those of `device_ids`, or all that `selection` matches.

    `query` is a menu and a condition as `print where` takes it. `fields` are the properties wanted, none for all.
    `wait_s` is how long a router that is asleep has to check in. `rows_each` is how many rows one router may give.
    """

    query: QueryText
    fields: FieldNames = []
    device_ids: Annotated[list[DeviceIdText], Meta(min_length=1, max_length=10_000)] | None = None
    selection: Selection | None = None
    wait_s: WaitS = 30.0
    rows_each: RowsEach = BOUNDS.rows_each

    def asked(self, *, secrets: bool) -> FleetQuery:
        """Raises QueryUnreadable and QueryAboutSecrets."""
        return FleetQuery(
            question=read_question(self.query, secrets=secrets),
            fields=tuple(self.fields),
            selection=self.selection or Selection(),
            device_ids=None if self.device_ids is None else [DeviceId(one) for one in self.device_ids],
            wait_s=self.wait_s,
            secrets=secrets,
            rows_each=self.rows_each,
        )


NameText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x20\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$(?!\n)",
        examples=["Open ports of the branches"],
    ),
]
# 0 for never; in steps of five minutes.
IntervalS = Annotated[int, Meta(ge=0, le=2_592_000, multiple_of=300)]
Keep = Annotated[int, Meta(ge=1, le=100)]


class SavedQueryCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A query to keep. `shared`: all of the organisation see it, otherwise who made it.

    With `interval_s` it is asked again and again and what comes is kept: the last `keep` results. Kept results never
    hold secrets.
    """

    name: NameText
    ask: QueryAsk
    shared: bool = True
    interval_s: IntervalS = 0
    keep: Keep = 10


class SavedQueryPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to change of a saved query; what is left out stays."""

    name: NameText | UnsetType = UNSET
    ask: QueryAsk | UnsetType = UNSET
    shared: bool | UnsetType = UNSET
    interval_s: IntervalS | UnsetType = UNSET
    keep: Keep | UnsetType = UNSET


class QuerySql(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One SELECT over the rows of a result, the newest when none is named.

    They are the table `rows`, in SQLite's SQL; its columns are `device_id`, `device_name` and the properties, with
    underscores for hyphens (`dst_port`).
    """

    sql: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=10_000,
            pattern=r"^[^\x00]*$",
            examples=["select device_name, count(*) from rows group by 1"],
        ),
    ]
    result_id: Annotated[str, Meta(max_length=20, pattern=r"^(qrs_[0-9a-z]{16})?$(?!\n)")] = ""
