"""From a durable buffer to the warehouse, each stretch once: what lines and flows share."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tikfleet.domains.inventory.public import DeviceStates, StateBatch, StretchConsumer, Taking
from tikfleet.ports.inbox import Inbox, InboxBatch
from tikfleet.ports.warehouse import Batch, Row, Warehouse


class Translate(Protocol):
    """Makes rows of a stretch. The same stretch gives the same rows, or is known by its id to be stored already."""

    async def rows(self, batch: InboxBatch) -> Mapping[str, Sequence[Row]]:
        """Rows by table. What can't be read is counted, and never raised."""
        ...


class Drain(StretchConsumer):
    """The only reader of a buffer."""

    def __init__(
        self, name: str, inbox: Inbox, warehouse: Warehouse, states: DeviceStates, translate: Translate, stretch: int
    ) -> None:
        """`name` is that of the consumer, in ids and in the database; `stretch` is about how many envelopes."""
        super().__init__(inbox, states, Taking(name, stretch, stretch))
        self._warehouse = warehouse
        self._translate = translate

    def caught_up(self) -> None:
        """Nothing to do."""

    async def process(self, batch: InboxBatch) -> None:
        name = self._taking.name
        rows = {table: rows for table, rows in (await self._translate.rows(batch)).items() if rows}
        if rows:
            await self._warehouse.append(Batch(f"{name}/{batch.first}-{batch.last}", rows))
        await self._states.apply(StateBatch(name, batch.last))
