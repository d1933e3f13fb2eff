"""People's side of subscriptions: addresses that are told of events of an organisation, as long as they are wanted."""

from typing import Final

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.callbacks import subscriptions_repository as repository
from tikfleet.domains.callbacks.errors import SubscriptionNotFound, SubscriptionsTooMany
from tikfleet.domains.callbacks.model import aim_of
from tikfleet.domains.callbacks.schemas import SubscriptionCreate, SubscriptionView
from tikfleet.domains.callbacks.service import Callbacks
from tikfleet.domains.callbacks.subscriptions_repository import Subscription
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import new_id
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database

_MOST: Final = 20


class Subscriptions:
    """The use cases of the API."""

    def __init__(self, database: Database, audit: AuditTrail, callbacks: Callbacks, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._callbacks = callbacks
        self._clock = clock

    async def all(self, org: OrgScope) -> list[SubscriptionView]:
        """Those of the organisation and of those below it, oldest first."""
        async with self._database.read() as tx:
            return [_view(one) for one in await repository.subscriptions_of(tx, org)]

    async def create(self, org: OrgScope, actor: Actor, create: SubscriptionCreate) -> SubscriptionView:
        """Tell an address from now on. Raises what `aim` raises, and SubscriptionsTooMany."""
        aim = await self._callbacks.aim(org, create.url)
        events = tuple(dict.fromkeys(create.events))
        made = Subscription(new_id("sub"), org.org_id, create.name, events, aim, to_text(self._clock()), actor.name)
        async with self._database.write() as tx:
            if len(await repository.subscriptions_of(tx, OrgScope.only(org.org_id))) >= _MOST:
                raise SubscriptionsTooMany(f"an organisation has {_MOST} subscriptions at most")
            await repository.add_subscription(tx, made)
            told = {"name": made.name, "host": aim_of(aim).host, "events": list(events)}
            await self._audit.within(tx).record(org.org_id, actor, "subscription.created", _target(made), None, told)
        return _view(made)

    async def remove(self, org: OrgScope, actor: Actor, subscription_id: str) -> None:
        """Tell it nothing more. Raises SubscriptionNotFound."""
        async with self._database.write() as tx:
            found = await repository.find_subscription(tx, org, subscription_id)
            if found is None:
                raise SubscriptionNotFound("there is no such subscription")
            await repository.remove_subscription(tx, org, found.id)
            was = {"name": found.name, "host": aim_of(found.aim).host, "events": list(found.events)}
            await self._audit.within(tx).record(found.org_id, actor, "subscription.removed", _target(found), was, None)


def _target(one: Subscription) -> Target:
    return Target("subscription", one.id, one.name)


def _view(one: Subscription) -> SubscriptionView:
    return SubscriptionView(one.id, one.name, list(one.events), aim_of(one.aim).host, one.created_at, one.created_by)
