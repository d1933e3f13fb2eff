"""Which devices are meant: the filters that lists, facets, bulk actions and jobs share, as SQL."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.inventory.model import REMOVED, Status
from tikfleet.domains.inventory.schemas import GroupIdText, SiteIdText, Tag
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.scopes import OrgScope

LONGEST_S: Final = 10 * 366 * 86_400
Seconds = Annotated[int, Meta(ge=1, le=LONGEST_S)]
Values = Annotated[list[Annotated[str, Meta(max_length=100, pattern=r"^[^\x00]*$")]], Meta(max_length=50)]
Query = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]

_SEARCHED = ("d.name", "s.identity", "d.serial", "s.model", "s.board", "s.wan_address", "s.last_address", "d.id")


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Filters that all must hold; the values of one filter are alternatives. Nothing given means every device."""

    q: Query = ""
    status: Annotated[list[Status], Meta(max_length=10)] = []
    site_id: Annotated[list[SiteIdText], Meta(max_length=200)] = []
    site_group_id: Annotated[list[GroupIdText], Meta(max_length=200)] = []
    model: Values = []
    version: Values = []
    architecture: Values = []
    tag: Annotated[list[Tag], Meta(max_length=50)] = []
    # Seconds: the last check-in was within so many of them, and was not (or never was).
    seen_within_s: Seconds | None = None
    unseen_for_s: Seconds | None = None

    def only(self, *names: str) -> bool:
        """Whether no filter is given but these."""
        return not any(getattr(self, name) for name in self.__struct_fields__ if name not in names)


# What a device is, as its state has it: these columns stand in one index of `device_state`, in this order.
KINDS: Final = ("status", "model", "version", "architecture")

FROM = """
from device d join device_state s on s.device_id = d.id
left join site p on p.id = d.site_id
"""


def where(scope: OrgScope, selection: Selection, among: Sequence[str] | None = None) -> tuple[str, dict[str, Any]]:
    """The condition and its values. The organisation always leads; deleted devices never match.

    `among` are the ids of all devices that the words of the search find, where that was asked before.
    """
    parts = ["d.org_id in :org_ids", "d.deleted_at is null"]
    values: dict[str, Any] = {"org_ids": list(scope.org_ids)}
    for name, column in (
        *((name, f"s.{name}") for name in KINDS),
        ("site_id", "d.site_id"),
        ("site_group_id", "p.site_group_id"),
    ):
        if wanted := getattr(selection, name):
            parts.append(f"{column} in :{name}")
            values[name] = list(wanted)
    if selection.tag:
        parts.append("d.id in (select t.device_id from device_tag t where t.org_id in :org_ids and t.tag in :tag)")
        values["tag"] = list(selection.tag)
    now_ms = int(utc_now().timestamp() * 1000)
    if selection.seen_within_s:
        parts.append("s.last_seen_ms >= :seen_ms")
        values["seen_ms"] = now_ms - selection.seen_within_s * 1000
    if selection.unseen_for_s:
        parts.append("coalesce(s.last_seen_ms, 0) < :unseen_ms")
        values["unseen_ms"] = now_ms - selection.unseen_for_s * 1000
    if among is not None:
        parts.append("d.id in :among")
        values["among"] = list(among)
    for number, word in enumerate(selection.q.split()[:5] if among is None else ()):
        # The escape keeps a typed % or _ from meaning anything.
        escaped = word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values[f"word{number}"] = f"%{escaped}%"
        alternatives = [f"{column} ilike :word{number} escape '!'" for column in _SEARCHED]
        alternatives.append(f"coalesce(p.name, '') ilike :word{number} escape '!'")
        parts.append("(" + " or ".join(alternatives) + ")")
    return " and ".join(parts), values


def where_of_state(scope: OrgScope, selection: Selection) -> tuple[str, dict[str, Any]]:
    """The same of `device_state s` alone, for a selection that has no filters but `KINDS`."""
    parts = ["s.org_id in :org_ids", "s.status <> :removed"]
    values: dict[str, Any] = {"org_ids": list(scope.org_ids), "removed": REMOVED}
    for name in KINDS:
        if wanted := getattr(selection, name):
            parts.append(f"s.{name} in :{name}")
            values[name] = list(wanted)
    return " and ".join(parts), values
