"""How devices divide by each filter: counts for pages that are shown all the time, so each from the least that tells.

What a device is stands in one index of `device_state`, where it is in one of `device`; a fleet's rows are read only for
filters that need them. `bench.dashboards` says what that takes.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.inventory.schemas import Facet, Facets
from tikfleet.domains.inventory.selection import FROM, KINDS, Selection, where, where_of_state
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Row, Transaction

_MOST: Final = 200
# A search that finds more is asked each time: the list of ids would cost more than it saves.
_FEW: Final = 1_000

Ids = Sequence[str] | None


async def found_by_words(tx: Transaction, scope: OrgScope, selection: Selection) -> Ids:
    """The ids of all devices that have the words of the search, when they are few; None for many or for no words.

    A search reads every device, so a page that counts and lists does it once.
    """
    if not selection.q.split():
        return None
    condition, values = where(scope, Selection(q=selection.q))
    rows = await tx.fetch(f"select d.id {FROM} where {condition} limit :rows", rows=_FEW + 1, **values)
    return [row[0] for row in rows] if len(rows) <= _FEW else None


async def count(tx: Transaction, scope: OrgScope, selection: Selection, among: Ids) -> int:
    """How many devices match. `among` is of `found_by_words`."""
    origin, condition, values = _states(scope, selection, among)
    return int((await tx.fetch(f"select count(*) {origin} where {condition}", **values))[0][0])


async def facets(tx: Transaction, scope: OrgScope, selection: Selection) -> Facets:
    """How the matching devices divide by each filter; each filter is counted without its own values."""
    among = await found_by_words(tx, scope, selection)
    divided: dict[bytes, list[Row]] = {}

    async def by(name: str) -> list[Facet]:
        wanted = _without(selection, name)
        key = msgspec.json.encode(wanted)
        if key not in divided:
            divided[key] = await _divided(tx, scope, wanted, among)
        counts: Counter[str] = Counter()
        for row in divided[key]:
            counts[row[KINDS.index(name)]] += row[-1]
        del counts[""]
        ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        return [Facet(value, number, value) for value, number in ordered[:_MOST]]

    status, model, version, architecture = [await by(name) for name in KINDS]
    whole = divided.get(msgspec.json.encode(selection))
    return Facets(
        status=status,
        model=model,
        version=version,
        architecture=architecture,
        site=await _sites(tx, scope, _without(selection, "site_id"), among),
        tag=await _tags(tx, scope, _without(selection, "tag"), among),
        total=await count(tx, scope, selection, among) if whole is None else sum(row[-1] for row in whole),
    )


def _without(selection: Selection, name: str) -> Selection:
    return msgspec.structs.replace(selection, **{name: []})


def _states(scope: OrgScope, selection: Selection, among: Ids) -> tuple[str, str, dict[str, Any]]:
    """Tables, condition and values of the devices that match; the state's alone when the filters need no other."""
    if among is None and selection.only(*KINDS):
        return "from device_state s", *where_of_state(scope, selection)
    return FROM, *where(scope, selection, among)


async def _divided(tx: Transaction, scope: OrgScope, selection: Selection, among: Ids) -> list[Row]:
    """The values of `KINDS` and how many devices have just these."""
    origin, condition, values = _states(scope, selection, among)
    columns = ", ".join(f"s.{name}" for name in KINDS)
    return await tx.fetch(f"select {columns}, count(*) {origin} where {condition} group by {columns}", **values)


async def _sites(tx: Transaction, scope: OrgScope, selection: Selection, among: Ids) -> list[Facet]:
    condition, values = where(scope, selection, among)
    origin = "from device d" if among is None and selection.only() else FROM
    rows = await tx.fetch(
        f"select d.site_id, count(*) {origin} where {condition} and d.site_id is not null "
        "group by d.site_id order by 2 desc, 1 limit :rows",
        rows=_MOST,
        **values,
    )
    named = await tx.fetch(
        "select id, name from site where id in :ids and org_id in :org_ids",
        ids=[row[0] for row in rows],
        org_ids=list(scope.org_ids),
    )
    names = {row[0]: str(row[1]) for row in named}
    return [Facet(site_id, int(number), names[site_id]) for site_id, number in rows if site_id in names]


async def _tags(tx: Transaction, scope: OrgScope, selection: Selection, among: Ids) -> list[Facet]:
    if among is None and selection.only():
        # Devices that have left have no tags.
        origin, condition, values = "from device_tag g", "g.org_id in :org_ids", {"org_ids": list(scope.org_ids)}
    else:
        origin, condition, values = _states(scope, selection, among)
        origin += " join device_tag g on g.device_id = " + ("d.id" if origin == FROM else "s.device_id")
    rows = await tx.fetch(
        f"select g.tag, count(*) {origin} where {condition} group by g.tag order by 2 desc, 1 limit :rows",
        rows=_MOST,
        **values,
    )
    return [Facet(tag, int(number), tag) for tag, number in rows]
