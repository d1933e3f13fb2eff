"""The wire types of fleet queries."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

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
