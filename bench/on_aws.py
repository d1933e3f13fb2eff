"""What stands in for AWS while something is measured: MiniStack, PostgreSQL and ClickHouse's protocol, as children."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from bench.pipeline import ORG, device, enrolled
from tests.conftest import PostgresServer
from tests.contract.clouds import ACCESS_KEY, SECRET_KEY, MiniStack
from tests.contract.servers import ClickHouseServer
from tikfleet.adapters.postgres.database import PostgresDatabase
from tikfleet.app.measuring import reports
from tikfleet.app.schema import migrate
from tikfleet.domains.enrolment.model import Credential
from tikfleet.domains.enrolment.repository import add_credential
from tikfleet.kernel.clock import to_text, utc_now
from tikfleet.kernel.secrets import DEVICE_TOKEN, digest, new_secret


class Stands(msgspec.Struct, frozen=True):
    """The servers, the settings that name them, and the tokens of routers that are enrolled."""

    ministack: MiniStack
    postgres: PostgresServer
    settings: dict[str, str]
    tokens: list[str]

    @property
    def database_url(self) -> str:
        """The database of those settings."""
        return self.settings["TIKFLEET_DATABASE_URL"]


@contextmanager
def standing(routers: int) -> Iterator[Stands]:
    """All of it, with so many routers, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="tikfleet-bench-") as place:
        directory = Path(place)
        os.environ.update(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_REGION="eu-central-1")
        ministack = MiniStack(directory, "running")
        postgres = PostgresServer(max(Path("/usr/lib/postgresql").glob("*/bin/postgres")).parent)
        clickhouse = ClickHouseServer(directory / "clickhouse")
        try:
            clickhouse.start()
            settings = {
                "DATA": str(directory / "data"),
                "ADAPTERS": "aws",
                "BLOBS_URL": "s3://bench",
                "VAULT_URL": "kms://alias/bench",
                "QUEUE_URL": "sqs://bench",
                "CACHE_URL": "dynamodb://bench-cache",
                "INBOX_URL": "kinesis://bench-inbox",
                "AWS_ENDPOINT": ministack.url,
                "DATABASE_URL": postgres.create("bench"),
                "WAREHOUSE_URL": f"clickhouse://127.0.0.1:{clickhouse.port}/bench",
                "BESIDE_FUNCTIONS": "true",
                "HTTPS_PORT": "0",
                "LOG_LEVEL": "error",
                "CHECKINS_PER_SECOND": "1000000",
                "CHECKINS_PER_DEVICE_MINUTE": "1000000",
            }
            named = {f"TIKFLEET_{name}": value for name, value in settings.items()}
            asyncio.run(_resources(ministack))
            yield Stands(ministack, postgres, named, asyncio.run(_fleet(named["TIKFLEET_DATABASE_URL"], routers)))
        finally:
            clickhouse.kill()
            postgres.stop()
            ministack.kill()


async def transactions(stands: Stands) -> int:
    """How many the database has ended since it was made."""
    connection = await import_module("asyncpg").connect(stands.database_url.replace("+asyncpg", ""))
    try:
        # A backend tells what it did within a second or so.
        await asyncio.sleep(2)
        count = await connection.fetchval(
            "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"
        )
        return int(count)
    finally:
        await connection.close()


async def _resources(ministack: MiniStack) -> None:
    async with ministack.clients() as clients:
        await (await clients.open("s3")).create_bucket(
            Bucket="bench", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        for queue in ("callbacks", "work"):
            await (await clients.open("sqs")).create_queue(QueueName=f"bench-{queue}")
        await (await clients.open("kinesis")).create_stream(StreamName="bench-inbox", ShardCount=1)
        await (await clients.open("dynamodb")).create_table(
            TableName="bench-cache",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        kms = await clients.open("kms")
        key = (await kms.create_key())["KeyMetadata"]["KeyId"]
        await kms.create_alias(AliasName="alias/bench", TargetKeyId=key)


class _Enrolling(msgspec.Struct, frozen=True):
    database: Any


async def _fleet(database_url: str, routers: int) -> list[str]:
    await migrate(database_url)
    database = PostgresDatabase(database_url)
    made: Any = _Enrolling(database)
    await enrolled(made, routers)
    tokens = [new_secret(DEVICE_TOKEN) for _ in range(routers)]
    now = to_text(utc_now())
    believed = reports.report()["tags"]
    async with database.write() as tx:
        # What the reports believe is stored: else each is asked for it, and the database too.
        await tx.execute("update device_state set inventory_tag = :inventory, neighbors_tag = :neighbors", **believed)
        for number, token in enumerate(tokens):
            await add_credential(tx, digest(token), Credential(ORG, device(number), "active", "A"), now)
    await database.close()
    return tokens
