"""Tests of routers on a platform of which every part stands on AWS's services, PostgreSQL and ClickHouse's protocol.

`FLEET_ON=aws python -m pytest tests/fleet` runs all tests of this folder so; these few are always run.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from . import test_coming_and_going, test_jobs
from .conftest import MakeHome, on_aws
from .house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with on_aws(tmp_path_factory) as made:
        yield made


def test_it_stands_on_aws(house: House) -> None:
    adapters = house.get("/server")["adapters"]

    assert adapters["inbox"] == "Kinesis"
    assert [adapters[part] for part in ("blobs", "queue", "cache", "vault")] == ["S3", "SQS", "DynamoDB", "KMS"]
    assert (adapters["database"], adapters["warehouse"]) == ("PostgreSQL", "ClickHouse")


@pytest.mark.parametrize(
    ("embedded", "tier"),
    [
        (test_coming_and_going.test_a_new_name_is_seen_at_the_next_inventory, "A"),
        (test_jobs.test_what_a_query_puts_arrives, "D"),
        (test_jobs.test_a_job_of_class_once_runs_once_though_every_answer_is_lost, "A"),
    ],
    ids=["inventory", "query", "once"],
)
async def test_what_holds_on_one_machine_holds_on_aws(
    embedded: Callable[..., Awaitable[Any]], tier: str, home: MakeHome, house: House
) -> None:
    await embedded(tier, home, house)
