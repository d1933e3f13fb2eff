"""Whose is what arrives: claims in memory, and addresses by the check-ins of the devices behind them."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

from tikfleet.domains.inventory.public import DeviceStates, Sender
from tikfleet.domains.sources import repository
from tikfleet.domains.sources.model import Arrival, Claim, Origin, Way
from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId
from tikfleet.ports.bus import Bus
from tikfleet.ports.database import Database

_KEPT_S: Final = 20.0
_MAX_KEPT: Final = 100_000
_LOOKED_UP_AT_ONCE: Final = 500
# Addresses can be forged: so many new ones a second are looked up, and the rest count as not looked up.
_LOOKED_UP_A_SECOND: Final = 2_000
CHANGED: Final = "sources.changed"


class SourceDirectory:
    """Recognises senders, of all organisations. What it says may be some twenty seconds old."""

    def __init__(self, database: Database, states: DeviceStates, now_s: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._states = states
        self._now_s = now_s
        self._claims: dict[tuple[Way, str], Claim] = {}
        self._owners: dict[DeviceId, Sender] = {}
        self._read_s: float | None = None
        self._kept: dict[Arrival, tuple[float, Origin]] = {}
        self._named: dict[tuple[OrganisationId, str], tuple[float, Sender | None]] = {}
        self._second = 0
        self._looked_up = 0

    async def origins(self, arrivals: Collection[Arrival]) -> dict[Arrival, Origin]:
        """Whose each of these is. Asks the database once at most. Raises DatabaseUnavailable."""
        now_s = self._now_s()
        found: dict[Arrival, Origin] = {}
        missing: list[Arrival] = []
        for arrival in arrivals:
            kept = self._kept.get(arrival)
            if kept is not None and kept[0] > now_s:
                found[arrival] = kept[1]
            else:
                missing.append(arrival)
        if missing:
            found |= await self._look_up(missing, now_s)
        return found

    async def within(self, org_id: OrganisationId, names: Collection[str]) -> dict[str, Sender]:
        """The devices of one organisation that these are addresses, identities or names of; ambiguous ones are none."""
        now_s = self._now_s()
        asked = [name for name in names if self._named.get((org_id, name), (0.0, None))[0] <= now_s]
        if asked:
            if len(self._named) > _MAX_KEPT:
                self._named.clear()
            for start in range(0, len(asked), _LOOKED_UP_AT_ONCE):
                part = asked[start : start + _LOOKED_UP_AT_ONCE]
                senders = await self._states.senders_named(org_id, part)
                for name in part:
                    same = {one.device_id: one for one in senders if name in (one.address, one.identity, one.name)}
                    only = next(iter(same.values())) if len(same) == 1 else None
                    self._named[org_id, name] = (now_s + _KEPT_S, only)
        pairs = ((name, self._named[org_id, name][1]) for name in names)
        return {name: sender for name, sender in pairs if sender is not None}

    async def ports(self) -> set[int]:
        """The ports that are given to single devices. Raises DatabaseUnavailable."""
        await self._read_claims(self._now_s())
        return {int(value) for way, value in self._claims if way == "port"}

    def forget(self) -> None:
        """Read everything anew: a claim was made or taken back."""
        self._read_s = None
        self._kept.clear()

    async def follow(self, bus: Bus) -> None:
        """Forget whenever somebody changes a claim, for ever."""
        async with bus.subscribe() as news:
            async for one in news:
                if one.kind in {CHANGED, "bus.overflow"}:
                    self.forget()

    async def _look_up(self, missing: Sequence[Arrival], now_s: float) -> dict[Arrival, Origin]:
        await self._read_claims(now_s)
        found = {arrival: origin for arrival in missing if (origin := self._claimed(arrival)) is not None}
        unclaimed = [arrival for arrival in missing if arrival not in found]
        addresses = self._within_reason({arrival.address for arrival in unclaimed}, now_s)
        senders: dict[str, list[Sender]] = {}
        for start in range(0, len(addresses), _LOOKED_UP_AT_ONCE):
            for sender in await self._states.senders_at(addresses[start : start + _LOOKED_UP_AT_ONCE]):
                senders.setdefault(sender.address, []).append(sender)
        asked = set(addresses)
        for arrival in unclaimed:
            if arrival.token:
                # A token that nobody has: what it comes with must not make it anybody's.
                found[arrival] = Origin(way="token", value=arrival.token, reason="unknown")
            elif arrival.address in asked:
                found[arrival] = origin_of(arrival, senders.get(arrival.address, []))
            else:
                found[arrival] = Origin(value=arrival.address, reason="not-looked-up")
        if len(self._kept) + len(found) > _MAX_KEPT:
            self._kept.clear()
        for arrival, origin in found.items():
            if origin.reason != "not-looked-up":
                self._kept[arrival] = (now_s + _KEPT_S, origin)
        return found

    async def _read_claims(self, now_s: float) -> None:
        if self._read_s is not None and now_s - self._read_s < _KEPT_S:
            return
        async with self._database.read() as tx:
            claims = await repository.all_claims(tx)
        devices = sorted({claim.device_id for claim in claims if claim.device_id})
        owners: dict[DeviceId, Sender] = {}
        for start in range(0, len(devices), _LOOKED_UP_AT_ONCE):
            part = await self._states.senders_of(devices[start : start + _LOOKED_UP_AT_ONCE])
            owners |= {sender.device_id: sender for sender in part}
        self._claims = {(claim.way, claim.value): claim for claim in claims}
        self._owners = owners
        self._read_s = now_s

    def _claimed(self, arrival: Arrival) -> Origin | None:
        for way, value in arrival.ways():
            claim = self._claims.get((way, value))
            if claim is None:
                continue
            if claim.device_id is None:
                return Origin(claim.org_id, way=way, value=value, source_id=claim.id)
            owner = self._owners.get(claim.device_id)
            if owner is not None:
                # A device that was moved takes what it sends with it.
                return Origin(owner.org_id, owner.device_id, owner.site_id, way, value, claim.id)
        return None

    def _within_reason(self, addresses: set[str], now_s: float) -> list[str]:
        if int(now_s) != self._second:
            self._second, self._looked_up = int(now_s), 0
        taken = sorted(addresses)[: max(0, _LOOKED_UP_A_SECOND - self._looked_up)]
        self._looked_up += len(taken)
        return taken


def origin_of(arrival: Arrival, senders: Sequence[Sender]) -> Origin:
    """Whose an address is by the devices that check in from it: several share one behind the same translation."""
    value = arrival.address
    if not senders:
        return Origin(value=value, reason="unknown")
    if len({sender.org_id for sender in senders}) > 1:
        return Origin(value=value, reason="several-organisations")
    first = senders[0]
    if len(senders) > 1:
        sites = {sender.site_id for sender in senders}
        return Origin(
            first.org_id, site_id=first.site_id if len(sites) == 1 else SiteId(""), value=value,
            reason="several-devices",
        )  # fmt: skip
    return Origin(first.org_id, first.device_id, first.site_id, value=value)
