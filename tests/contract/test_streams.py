"""What a stream adds to the inbox's promises: refused records, shards that split, readers that die, and events."""

import asyncio
import base64
import random
from pathlib import Path
from typing import Any, cast

import pytest

from tests.contract.clouds import ON_AWS
from tests.contract.reshardable import ReshardableKinesis
from tests.contract.streams import Stream, Streams, ledger_database
from tests.contract.test_inbox import append, numbers, read_all
from tikfleet.adapters.aws.clients import Clients
from tikfleet.adapters.kinesis.event import EventInbox, records_of
from tikfleet.adapters.kinesis.inbox import KinesisInbox
from tikfleet.adapters.kinesis.wire import from_record, to_record
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.database import DatabaseUnavailable
from tikfleet.ports.inbox import Envelope, Inbox, InboxUnavailable

pytestmark = ON_AWS


def report(device: int, number: int) -> Envelope:
    body = b"%d" % number
    org, sender = OrganisationId("org_acme"), DeviceId(f"dev_{device}")
    return Envelope(org, sender, 1_700_000_000_000 + number, "checkin", "text/plain", "::1", body)


async def by_device(inbox: Inbox, after: int = 0, limit: int = 1000) -> dict[str, list[int]]:
    """The numbers of reports in the order in which each device's came."""
    found: dict[str, list[int]] = {}
    while (batch := await inbox.read(after, limit)) is not None:
        assert batch.damaged == 0
        for item in batch.envelopes:
            found.setdefault(item.device_id, []).append(int(item.body))
        after = batch.last
    return found


async def refuse_some(stream: Stream, share: float) -> list[int]:
    """Leave records out of each PutRecords and say so, as a full shard does; gives how many records went each time."""
    chance, sizes = random.Random(7), []
    client = await stream.clients.open("kinesis")

    def leave_out(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        records = params["Records"]
        sizes.append(len(records))
        refused = [number for number in range(len(records)) if chance.random() < share]
        if len(refused) == len(records):
            refused.pop()
        context["refused"] = set(refused)
        params["Records"] = [record for number, record in enumerate(records) if number not in context["refused"]]

    def say_so(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        stored = iter(parsed.get("Records", []))
        count = len(parsed.get("Records", [])) + len(context["refused"])
        full = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded for shard"}
        parsed["Records"] = [full if number in context["refused"] else next(stored) for number in range(count)]
        parsed["FailedRecordCount"] = len(context["refused"])

    client.meta.events.register("provide-client-params.kinesis.PutRecords", leave_out)
    client.meta.events.register("after-call.kinesis.PutRecords", say_so)
    return sizes


async def test_refused_records_go_again_and_no_device_changes_its_order(streams: Streams) -> None:
    async with streams.open(shards=3) as stream:
        sizes = await refuse_some(stream, 0.2)
        told = await asyncio.gather(
            *(stream.inbox.append(report(device, number)) for number in range(6) for device in range(40)),
            return_exceptions=True,
        )
        assert told == [None] * 240
        assert sum(sizes) > 240
        assert await by_device(stream.inbox) == {f"dev_{device}": list(range(6)) for device in range(40)}


async def test_a_stream_that_stays_full_is_told_to_whom_it_concerns(streams: Streams) -> None:
    async with streams.open() as stream:
        client = await stream.clients.open("kinesis")

        def refuse(parsed: dict[str, Any], **_: Any) -> None:
            parsed["Records"] = [{"ErrorCode": "ProvisionedThroughputExceededException"} for _ in parsed["Records"]]

        client.meta.events.register("after-call.kinesis.PutRecords", refuse, unique_id="full")
        with pytest.raises(InboxUnavailable, match="takes no more reports") as raised:
            await append(stream.inbox, 1)
        assert raised.value.retry_after_s
        assert stream.inbox.refusal() == "the stream takes no reports"
        client.meta.events.unregister("after-call.kinesis.PutRecords", unique_id="full")
        await append(stream.inbox, 2)
        assert stream.inbox.refusal() == ""


@pytest.mark.parametrize("limit", [1, 7, 1000])
async def test_a_device_keeps_its_order_while_shards_split_and_merge(tmp_path: Path, limit: int) -> None:
    kinesis = ReshardableKinesis()
    async with ledger_database(tmp_path) as database:
        inbox = KinesisInbox(cast("Clients", kinesis), "stream", database)
        for turn, bounds in enumerate([(8,), (3, 8, 12), (8,), ()]):
            await append_all(inbox, range(turn * 3, turn * 3 + 3))
            kinesis.reshard(*bounds)
        await append_all(inbox, range(12, 15))

        expected = {f"dev_{device}": list(range(15)) for device in range(8)}
        assert await by_device(inbox, limit=limit) == expected
        # And once more exactly so, from what was noted.
        assert await by_device(KinesisInbox(cast("Clients", kinesis), "stream", database), limit=limit) == expected
        await append_all(inbox, range(15, 18))
        assert len(await by_device(inbox, limit=limit)) == 8


async def append_all(inbox: Inbox, wanted: range) -> None:
    for number in wanted:
        await asyncio.gather(*(inbox.append(report(device, number)) for device in range(8)))


async def test_a_reader_that_died_is_followed_by_one_that_reads_the_same_stretches(streams: Streams) -> None:
    async with streams.open(shards=2) as stream:
        await append(stream.inbox, *range(20))
        first = await stream.inbox.read(0, 8)
        assert first is not None
        await append(stream.inbox, *range(20, 30))

        heir = await stream.again()
        assert heir.depth() == len(first.envelopes)
        assert await heir.read(0, 1000) == first
        assert await heir.read_range(first.first, first.last) == first
        await heir.forget(first.last)
        assert sorted(await read_all(heir, first.last) + numbers(first)) == list(range(30))


async def test_what_was_read_and_not_noted_is_read_again(streams: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    async with streams.open() as stream:
        await append(stream.inbox, 1, 2, 3)

        async def fail(parts: object) -> None:
            raise DatabaseUnavailable("the database is away")

        with monkeypatch.context() as broken:
            broken.setattr(stream.inbox._ledger, "note", fail)
            with pytest.raises(DatabaseUnavailable):
                await stream.inbox.read(0, 100)
        assert await read_all(stream.inbox) == [1, 2, 3]


async def test_a_process_that_only_appends_counts_nothing_as_waiting(streams: Streams) -> None:
    async with streams.open(reads=False, high_water=5) as stream:
        await append(stream.inbox, *range(20))
        assert stream.inbox.depth() == 0
        reader = await stream.again()
        assert await read_all(reader) == list(range(20))


async def test_a_record_that_is_none_of_ours_is_damaged_and_stops_nothing(streams: Streams) -> None:
    async with streams.open() as stream:
        kinesis = await stream.clients.open("kinesis")
        await append(stream.inbox, 1)
        for data in (b"", b"\x01", b"\x02nonsense", b"\x07", b"text"):
            await kinesis.put_record(StreamName=stream.name, PartitionKey="dev_1", Data=data or b"\x00")
        await append(stream.inbox, 2)
        batch = await stream.inbox.read(0, 100)
    assert batch is not None
    assert (numbers(batch), batch.damaged) == ([1, 2], 5)
    assert batch.last - batch.first + 1 == 7


def test_a_record_holds_what_was_put_into_it_and_is_small() -> None:
    for body in (b"", b"x", bytes(range(256)) * 40, b"cpu-load=3\n" * 120):
        item = report(1, 1)
        item = Envelope(item.org_id, item.device_id, 5, "checkin", "text/plain", "::1", body)
        assert from_record(to_record(item)) == item
    assert len(to_record(item)) < 200
    bomb = to_record(Envelope(item.org_id, item.device_id, 5, "checkin", "text/plain", "::1", bytes(40 << 20)))
    assert from_record(bomb) is None


async def events(stream: Stream, size: int) -> list[dict[str, Any]]:
    """What a function would be called with: the records of the stream's one shard, so many at a time."""
    kinesis = await stream.clients.open("kinesis")
    (shard,) = (await kinesis.list_shards(StreamName=stream.name))["Shards"]
    iterator = await kinesis.get_shard_iterator(
        StreamName=stream.name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    records = (await kinesis.get_records(ShardIterator=iterator["ShardIterator"]))["Records"]
    items = [
        {
            "eventID": f"{shard['ShardId']}:{record['SequenceNumber']}",
            "kinesis": {
                "sequenceNumber": record["SequenceNumber"],
                "data": base64.b64encode(record["Data"]).decode(),
                "partitionKey": record["PartitionKey"],
            },
        }
        for record in records
    ]
    return [{"Records": items[start : start + size]} for start in range(0, len(items), size)]


def event_inbox(stream: Stream, event: dict[str, Any]) -> EventInbox:
    return EventInbox(stream.clients, stream.name, stream.database, records_of(event))


async def test_an_event_is_read_once_however_often_and_however_cut_it_comes(streams: Streams) -> None:
    async with streams.open(reads=False) as stream:
        await append(stream.inbox, *range(10))
        (whole,) = await events(stream, 10)
        inbox = event_inbox(stream, whole)
        assert len(inbox.name) <= 40
        first = await inbox.read(0, 4)
        assert first is not None
        # The function dies here: the stretch was noted, not forgotten. The next event is cut otherwise.
        small = {"Records": whole["Records"][:2]}
        again = event_inbox(stream, small)
        assert await again.read(0, 1000) == first
        assert await again.read_range(first.first, first.last) == first
        await again.forget(first.last)
        assert await again.read(first.last, 1000) is None
        assert again.unfinished == ""

        rest = event_inbox(stream, whole)
        batch = await rest.read(first.last, 1000)
        assert batch is not None
        assert numbers(batch) == list(range(4, 10))
        assert rest.unfinished == whole["Records"][4]["kinesis"]["sequenceNumber"]
        await rest.forget(batch.last)
        assert (rest.unfinished, rest.depth()) == ("", 0)


def test_an_event_of_another_kind_is_refused() -> None:
    for event in ({}, {"Records": [{"messageId": "1"}]}, {"Records": [None]}):
        with pytest.raises(ValueError, match="no records of a stream"):
            records_of(event)
