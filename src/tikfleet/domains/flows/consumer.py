"""Stretches of the buffer to rows of the warehouse, as much of them as each organisation keeps."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import structlog

from tikfleet.domains.flows.counts import FlowCounts
from tikfleet.domains.flows.facts import FLOWS
from tikfleet.domains.flows.model import Part, Privacy, parts_in
from tikfleet.domains.flows.rows import Owner, Places, rows_of
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.inbox import InboxBatch
from tikfleet.ports.warehouse import Row

_log = structlog.get_logger("tikfleet.flows")


class Privacies(Protocol):
    """How much of addresses each organisation keeps."""

    async def of(self, org_id: OrganisationId) -> Privacy: ...


class FlowRows:
    """Makes rows of what waits; keeps `tikfleet.domains.sources.drain.Translate`."""

    def __init__(self, privacies: Privacies, places: Places, counts: FlowCounts) -> None:
        self._privacies = privacies
        self._places = places
        self._counts = counts

    async def rows(self, batch: InboxBatch) -> Mapping[str, Sequence[Row]]:
        parts: list[tuple[Owner, Any]] = []
        if batch.damaged:
            _log.error("stored flows are damaged", envelopes=batch.damaged)
            self._counts.set_aside += batch.damaged
        for envelope in batch.envelopes:
            try:
                decoded = [(part, part.decoded()) for part in parts_in(envelope)]
            except ValueError:
                self._counts.set_aside += 1
                continue
            parts += [(await self._owner(part), flows) for part, flows in decoded]
        return {FLOWS: rows_of(parts, self._places)} if parts else {}

    async def _owner(self, part: Part) -> Owner:
        return Owner(part.org_id, part.device_id, part.site_id, await self._privacies.of(part.org_id))
