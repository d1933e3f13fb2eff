"""Streams of MiniStack, each with a ledger in a database of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.contract.clouds import MiniStack
from tikfleet.adapters.aws.clients import Clients
from tikfleet.adapters.kinesis.inbox import KinesisInbox
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.kernel.ids import new_id
from tikfleet.ports.database import Database


class Stream(msgspec.Struct):
    """An inbox, and what a test needs to look behind it."""

    inbox: KinesisInbox
    clients: Clients
    name: str
    database: Database

    async def again(self, **options: Any) -> KinesisInbox:
        """The inbox of another process on the same stream and database."""
        made = KinesisInbox(self.clients, self.name, self.database, **options)
        await made.begin()
        return made


class Streams:
    """Makes them."""

    def __init__(self, ministack: MiniStack, directory: Path) -> None:
        self._ministack = ministack
        self._directory = directory

    @asynccontextmanager
    async def open(self, shards: int = 1, **options: Any) -> AsyncIterator[Stream]:
        name = new_id("stream")
        async with ledger_database(self._directory) as database, self._ministack.clients() as clients:
            kinesis = await clients.open("kinesis")
            await kinesis.create_stream(StreamName=name, ShardCount=shards)
            await (kinesis.get_waiter("stream_exists")).wait(StreamName=name)
            stream = Stream(KinesisInbox(clients, name, database, **options), clients, name, database)
            try:
                yield stream
            finally:
                await stream.inbox.close()


@asynccontextmanager
async def ledger_database(directory: Path) -> AsyncIterator[Database]:
    file = directory / "ledger.sqlite"
    await migrate(sqlite_url(file))
    database = SqliteDatabase(file)
    try:
        yield database
    finally:
        await database.close()
