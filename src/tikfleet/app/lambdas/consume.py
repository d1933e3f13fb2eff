"""The function that Kinesis calls with reports: `tikfleet.app.lambdas.consume.handler`.

Its event source mapping reports failures of items, and calls it once at a time for each shard.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import groupby
from typing import Any

import msgspec
import structlog

from tikfleet.adapters.kinesis.event import Record, records_of
from tikfleet.app.clouds import Clouds
from tikfleet.app.compose import Parts, parts_of
from tikfleet.app.infra import Infra, open_infra
from tikfleet.app.lambdas.start import Function
from tikfleet.app.processes.place import Place
from tikfleet.app.settings import Settings
from tikfleet.domains.checkin.public import Consumer
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.errors import Unavailable

_log = structlog.get_logger("tikfleet.lambdas")


class Reading(msgspec.Struct, frozen=True):
    """What turns reports into history and states."""

    infra: Infra
    parts: Parts
    clouds: Clouds


@asynccontextmanager
async def _opened(settings: Settings, place: Place) -> AsyncIterator[Reading]:
    async with open_infra(settings, place) as infra, AsyncExitStack() as stack:
        yield Reading(infra, parts_of(settings, infra, ""), Clouds(settings, stack))


async def _consumed(reading: Reading, event: Mapping[str, Any]) -> dict[str, Any]:
    failures = []
    for _, records in groupby(records_of(event), key=lambda record: record.shard):
        if unfinished := await _shard_consumed(reading, list(records)):
            failures.append({"itemIdentifier": unfinished})
    return {"batchItemFailures": failures}


async def _shard_consumed(reading: Reading, records: list[Record]) -> str:
    """The first record that has to come again, or nothing."""
    infra, parts = reading.infra, reading.parts
    inbox = reading.clouds.event_inbox(infra.database, records)
    consumer = Consumer(inbox, infra.warehouse, parts.states, infra.bus, parts.paces, parts.counts, utc_now)
    try:
        while await consumer.step():
            pass
    except Unavailable as error:
        _log.warning("reports wait", code=error.code, detail=error.detail, shard=records[0].shard)
        return inbox.unfinished or records[0].sequence
    return ""


_function = Function("consume", _opened, lambda reading: reading.infra.feed)


def handler(event: Mapping[str, Any], context: object) -> Any:
    """Records of a stream; what is answered names the first that has to come again."""
    return _function.run(lambda reading: _consumed(reading, event))
