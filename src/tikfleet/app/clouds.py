"""Which adapter stands behind objects, queue, cache, inbox and vault: AWS's where a setting names one, else ours."""

import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from tikfleet.adapters.aws.clients import AwsPlace, Clients
from tikfleet.adapters.dynamodb.cache import DynamoCache
from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.files.vault import open_file_vault
from tikfleet.adapters.kinesis.event import EventInbox, Record
from tikfleet.adapters.kinesis.inbox import KinesisInbox
from tikfleet.adapters.kms.vault import KmsVault
from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.s3.blobs import Bucket, S3Blobs
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.adapters.sqlite.queue import SqliteQueue
from tikfleet.adapters.sqlite.shared import SharedInbox
from tikfleet.adapters.sqs.queue import SqsQueue
from tikfleet.app.processes.place import Place, Role
from tikfleet.app.settings import Settings, SettingsWrong
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.cache import Cache
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import Inbox
from tikfleet.ports.queue import Queue
from tikfleet.ports.vault import Vault

# A router does not mind a fifth of a second, and a call to the stream costs as much as fifteen reports.
_GATHER_S: Final = 0.2


class Clouds:
    """Opens the adapters of a process. Without a service of AWS in the settings, nothing of AWS is loaded."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        """`stack` closes what is opened. Raises DriverMissing."""
        self._settings = settings
        self._stack = stack
        self._names = settings.cloud
        self._clients: Clients | None = None
        if self._names.any:
            self._clients = Clients(aws_place(settings))
            stack.push_async_callback(self._clients.close)

    def blobs(self) -> Blobs:
        if self._names.blobs and self._clients:
            return S3Blobs(self._clients, bucket_of(self._settings, self._names.blobs))
        return FileBlobs(self._settings.directory / "blobs")

    def cache(self) -> Cache:
        if self._names.cache and self._clients:
            return DynamoCache(self._clients, self._names.cache)
        return MemoryCache()

    def queue(self, cache: Cache) -> Queue:
        """`cache` holds the keys of messages that must not come twice, where the queue itself does not."""
        if self._names.queue and self._clients:
            return SqsQueue(self._clients, self._names.queue, cache)
        queue = SqliteQueue(self._settings.directory / "queue.sqlite")
        self._stack.push_async_callback(queue.close)
        return queue

    async def inbox(self, place: Place, database: Database) -> Inbox:
        """Where check-ins wait. On Kinesis the database keeps what was read. Raises Unavailable."""
        settings = self._settings
        if self._names.inbox and self._clients:
            # A stream has one kind of reader: functions that are called with its records, or a process.
            reads = place.works and not settings.beside_functions
            streamed = KinesisInbox(
                self._clients,
                self._names.inbox,
                database,
                reads=reads,
                high_water=settings.inbox_high_water,
                # A function has one request at a time, so nobody else would join.
                gather_s=0 if place.role is Role.FUNCTION else _GATHER_S,
            )
            self._stack.push_async_callback(streamed.close)
            if reads:
                await streamed.begin()
            return streamed
        made = (SharedInbox if place.shares else SqliteInbox)(
            settings.directory / "inbox.sqlite", high_water=settings.inbox_high_water
        )
        self._stack.push_async_callback(made.close)
        return made

    def event_inbox(self, database: Database, records: Sequence[Record]) -> EventInbox:
        """What an event of the stream brings of one shard. Raises SettingsWrong where there is no stream."""
        if not self._names.inbox or self._clients is None:
            raise SettingsWrong("inbox_url names no stream, so nobody calls with its records")
        return EventInbox(self._clients, self._names.inbox, database, records)

    def vault(self) -> Vault:
        if self._names.vault and self._clients:
            return KmsVault(self._clients, self._names.vault)
        return open_file_vault(root_key(self._settings))


def root_key(settings: Settings) -> Path:
    """The file of the root key, where secrets are sealed with one of our own."""
    return settings.directory / "keys" / "root.key"


def aws_place(settings: Settings) -> AwsPlace:
    """Where the services are."""
    endpoints = {"s3": settings.s3_endpoint} if settings.s3_endpoint else {}
    # Functions and containers of AWS are told where they are by this variable, which its own library does not read.
    region = settings.aws_region or os.environ.get("AWS_REGION", "")
    return AwsPlace(region, settings.aws_endpoint, endpoints)


def bucket_of(settings: Settings, name: str) -> Bucket:
    """The place in a bucket that `bucket/prefix` names."""
    bucket, _, prefix = name.partition("/")
    asked = settings.s3_encryption or ("none" if settings.s3_endpoint else "AES256")
    return Bucket(bucket, prefix, "" if asked == "none" else asked)
