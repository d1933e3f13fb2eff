"""All relational SQL of subscriptions. People's side takes an `OrgScope`; the delivery reads those of everybody."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tikfleet.domains.callbacks.model import Standing
from tikfleet.kernel.ids import OrganisationId, is_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Row, Transaction


class Subscription(msgspec.Struct, frozen=True):
    """Who wants to be told of which events, until they want no more. `aim` holds the sealed address."""

    id: str
    org_id: OrganisationId
    name: str
    events: tuple[Standing, ...]
    aim: str
    created_at: str
    created_by: str


_COLUMNS: Final = ", ".join(Subscription.__struct_fields__)
_VALUES: Final = ", ".join(f":{name}" for name in Subscription.__struct_fields__)


async def subscriptions_of(tx: Transaction, org: OrgScope) -> list[Subscription]:
    """Those within the scope, oldest first."""
    rows = await tx.fetch(
        f"select {_COLUMNS} from callback_subscription where org_id in :orgs order by id", orgs=org.org_ids
    )
    return [_subscription(row) for row in rows]


async def find_subscription(tx: Transaction, org: OrgScope, subscription_id: str) -> Subscription | None:
    """One within the scope. Text that is no id of one names none."""
    if not is_id(subscription_id, "sub"):
        return None
    rows = await tx.fetch(
        f"select {_COLUMNS} from callback_subscription where id = :id and org_id in :orgs",
        id=subscription_id,
        orgs=org.org_ids,
    )
    return _subscription(rows[0]) if rows else None


async def add_subscription(tx: Transaction, made: Subscription) -> None:
    """A new one."""
    values: dict[str, Any] = msgspec.structs.asdict(made) | {"events": msgspec.json.encode(made.events).decode()}
    await tx.execute(f"insert into callback_subscription ({_COLUMNS}) values ({_VALUES})", **values)


async def remove_subscription(tx: Transaction, org: OrgScope, subscription_id: str) -> None:
    """It is told of nothing more; what was kept for it before is still sent."""
    await tx.execute(
        "delete from callback_subscription where id = :id and org_id in :orgs", id=subscription_id, orgs=org.org_ids
    )


# -- delivery: over all organisations ---------------------------------------------------------------------------------


async def all_subscriptions(tx: Transaction) -> list[Subscription]:
    """Everybody's."""
    return [_subscription(row) for row in await tx.fetch(f"select {_COLUMNS} from callback_subscription order by id")]


async def positions(tx: Transaction) -> dict[str, str]:
    """How far each history was read."""
    return {row[0]: row[1] for row in await tx.fetch("select name, position from callback_feed")}


async def put_positions(tx: Transaction, read: Mapping[str, str]) -> None:
    """It was read so far."""
    await tx.execute_many(
        """insert into callback_feed (name, position) values (:name, :position)
        on conflict (name) do update set position = excluded.position""",
        [{"name": name, "position": position} for name, position in read.items()],
    )


def _subscription(row: Row) -> Subscription:
    subscription_id, org_id, name, events, *others = row
    return Subscription(subscription_id, org_id, name, msgspec.json.decode(events, type=tuple[Standing, ...]), *others)
