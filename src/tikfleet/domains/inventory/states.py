"""The last state of devices, written in batches by the check-in consumer and read back by it."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.inventory.model import (
    REMOVED,
    CounterBook,
    Detail,
    DeviceEvent,
    DeviceState,
    Document,
    StateBatch,
)
from tikfleet.kernel.clock import Clock, to_text, utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId, new_id
from tikfleet.ports.database import Database, Row, Transaction

_OF_DEVICE: Final = ("name", "named_by_person", "site_id")
_COLUMNS: Final = tuple(name for name in DeviceState.__struct_fields__ if name not in _OF_DEVICE)
_PACKED: Final = ("detail", "counters")
_CHANGED: Final = tuple(name for name in _COLUMNS if name not in {"device_id", "org_id"})
# What people decided meanwhile is not undone by a report.
_HELD: Final = "case when status in ('pending', 'removing', 'removed') then {0} else :{0} end"
_SETTERS: Final = ", ".join(
    f"{name} = {_HELD.format(name) if name in {'status', 'status_since'} else ':' + name}" for name in _CHANGED
)
_UPDATE: Final = f"update device_state set {_SETTERS} where device_id = :device_id"
# In the order of the struct's fields, so that a row is a state but for what is packed.
_READ: Final = (
    f"select {', '.join(('d.' if name in _OF_DEVICE else 's.') + name for name in DeviceState.__struct_fields__)} "
    "from device_state s join device d on d.id = s.device_id where d.deleted_at is null"
)
_PENDING: Final = (
    "insert into state_applied (consumer, position, pending_first, pending_last) values (:consumer, 0, 0, 0)"
)

_packer = msgspec.msgpack.Encoder()
_details = msgspec.msgpack.Decoder(Detail)
_books = msgspec.msgpack.Decoder(CounterBook)


class Progress(msgspec.Struct, frozen=True):
    """How far a consumer has come, and the stretch it had begun when it last stopped (0, 0 when none)."""

    position: int
    pending_first: int
    pending_last: int


class Sender(msgspec.Struct, frozen=True):
    """A device by where its check-ins come from: what else it sends comes from there too."""

    device_id: DeviceId
    org_id: OrganisationId
    site_id: SiteId
    address: str
    identity: str
    name: str


class DeviceStates:
    """What the check-in consumer needs of the inventory. Works over all organisations: the sender is proved already."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def load(self, device_ids: Sequence[DeviceId]) -> dict[DeviceId, DeviceState]:
        """The present states of some devices; those that do not exist (any more) are left out."""
        found: dict[DeviceId, DeviceState] = {}
        async with self._database.read() as tx:
            for start in range(0, len(device_ids), 500):
                rows = await tx.fetch(f"{_READ} and d.id in :ids", ids=list(device_ids[start : start + 500]))
                found |= {state.device_id: state for state in map(_state, rows)}
        return found

    async def seen_waiting(self, device_id: DeviceId) -> None:
        """A device that waits for approval has reported: when, and nothing else, is kept."""
        async with self._database.write() as tx:
            await tx.execute(
                "update device_state set last_seen_ms = :now where device_id = :id and status = 'pending'",
                id=device_id,
                now=int(self._clock().timestamp() * 1000),
            )

    async def senders_at(self, addresses: Sequence[str]) -> list[Sender]:
        """The devices whose last check-in came from these addresses."""
        return await self._senders("s.last_address in :addresses", addresses=list(addresses))

    async def senders_of(self, device_ids: Sequence[DeviceId]) -> list[Sender]:
        """These devices."""
        return await self._senders("d.id in :ids", ids=list(device_ids))

    async def senders_named(self, org_id: OrganisationId, names: Sequence[str]) -> list[Sender]:
        """The devices of one organisation whose address, identity or name is one of these."""
        return await self._senders(
            "d.org_id = :org_id and (s.last_address in :names or s.identity in :names or d.name in :names)",
            org_id=org_id,
            names=list(names),
        )

    async def _senders(self, condition: str, **values: Any) -> list[Sender]:
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "select d.id, d.org_id, coalesce(d.site_id, ''), s.last_address, s.identity, d.name "
                f"from device_state s join device d on d.id = s.device_id where d.deleted_at is null and {condition}",
                **values,
            )
        return [Sender(*row) for row in rows]

    async def progress(self, consumer: str) -> Progress:
        """Where to go on after a start."""
        async with self._database.write() as tx:
            rows = await tx.fetch(
                "select position, pending_first, pending_last from state_applied where consumer = :consumer",
                consumer=consumer,
            )
            if not rows:
                await tx.execute(_PENDING, consumer=consumer)
                return Progress(0, 0, 0)
            return Progress(*rows[0])

    async def begin(self, consumer: str, first: int, last: int) -> None:
        """Note the stretch that is about to be processed, so that a crash repeats exactly this one."""
        async with self._database.write() as tx:
            await tx.execute(
                "update state_applied set pending_first = :first, pending_last = :last where consumer = :consumer",
                consumer=consumer,
                first=first,
                last=last,
            )

    async def apply(self, batch: StateBatch) -> None:
        """Write states, documents and events with the consumer's position, in one transaction.

        A position that was applied already is a no-op, so a repeated batch counts once.
        """
        async with self._database.write() as tx:
            moved = await tx.execute(
                "update state_applied set position = :position, pending_first = 0, pending_last = 0 "
                "where consumer = :consumer and position < :position",
                consumer=batch.consumer,
                position=batch.position,
            )
            if moved:
                await self._write(tx, batch)

    async def _write(self, tx: Transaction, batch: StateBatch) -> None:
        await tx.execute_many(_UPDATE, [_values(state) for state in batch.states])
        now = to_text(self._clock())
        await tx.execute_many(
            """insert into device_document (device_id, kind, org_id, updated_at, body)
            values (:device_id, :kind, :org_id, :updated_at, :body)
            on conflict (device_id, kind) do update set updated_at = excluded.updated_at, body = excluded.body""",
            [_document(document, now) for document in batch.documents],
        )
        await write_events(tx, batch.events)

    async def overdue(self, now_ms: int, limit: int = 1000) -> list[DeviceState]:
        """Devices that are online in the books and should have reported by now."""
        async with self._database.read() as tx:
            rows = await tx.fetch(
                f"{_READ} and s.status = 'online' and s.offline_at_ms < :now order by s.offline_at_ms limit :rows",
                now=now_ms,
                rows=limit,
            )
        return [_state(row) for row in rows]

    async def by_status(self) -> dict[str, int]:
        """How many devices there are of each status, over all organisations."""
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "select status, count(*) from device_state where status <> :removed group by status", removed=REMOVED
            )
        return {str(status): int(count) for status, count in rows}

    async def set_offline(self, states: Sequence[DeviceState], now_ms: int) -> list[DeviceEvent]:
        """Mark devices offline since they first missed; a device that reported meanwhile stays as it is."""
        events: list[DeviceEvent] = []
        async with self._database.write() as tx:
            for state in states:
                since = to_text(utc_now().fromtimestamp(_first_missed_ms(state) / 1000, tz=utc_now().tzinfo))
                changed = await tx.execute(
                    """update device_state set status = 'offline', status_since = :since
                    where device_id = :id and status = 'online' and offline_at_ms < :now""",
                    id=state.device_id,
                    since=since,
                    now=now_ms,
                )
                if changed:
                    events.append(_offline_event(state, since))
            await write_events(tx, events)
        return events


async def write_events(tx: Transaction, events: Sequence[DeviceEvent]) -> None:
    """Append events to the history."""
    await tx.execute_many(
        """insert into device_event (id, org_id, at, kind, device_id, device_name, site_id, text, data)
        values (:id, :org_id, :at, :kind, :device_id, :device_name, :site_id, :text, :data)""",
        [{**msgspec.structs.asdict(event), "data": msgspec.json.encode(event.data).decode()} for event in events],
    )


def _first_missed_ms(state: DeviceState) -> int:
    return (state.last_seen_ms or 0) + state.interval_s * 1000


def _offline_event(state: DeviceState, since: str) -> DeviceEvent:
    name = state.name or state.identity or state.device_id
    return DeviceEvent(
        id=new_id("evt"),
        at=since,
        kind="device.offline",
        org_id=state.org_id,
        device_id=state.device_id,
        device_name=name,
        site_id=state.site_id,
        text=f"{name} stopped reporting",
        data={"last_address": state.last_address},
    )


def _document(document: Document, now: str) -> dict[str, Any]:
    return {**msgspec.structs.asdict(document), "updated_at": now}


def _values(state: DeviceState) -> dict[str, Any]:
    values = msgspec.structs.asdict(state)
    for name in _PACKED:
        values[name] = _packer.encode(values[name])
    return values


def _state(row: Row) -> DeviceState:
    *values, detail, counters = row
    values += _details.decode(detail), _books.decode(counters)
    state = DeviceState(*values)
    state.named_by_person = bool(state.named_by_person)
    return state
