"""Runs on a platform of which every adapter is one of AWS, with PostgreSQL and ClickHouse's protocol.

`API_ON=aws python -m pytest tests/api` runs all tests of the shared platform so; these few are always run.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.api.conformance.house import House

from . import test_run_conditions_api, test_runs_api
from .conftest import Field


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = House(tmp_path_factory.mktemp("aws"), on_aws=True)
    yield found
    found.close()


def test_it_stands_on_aws(house: House) -> None:
    adapters = house.root.get("/server")["adapters"]

    assert adapters["inbox"] == "Kinesis"
    assert [adapters[part] for part in ("blobs", "queue", "cache", "vault")] == ["S3", "SQS", "DynamoDB", "KMS"]
    assert (adapters["database"], adapters["warehouse"]) == ("PostgreSQL", "ClickHouse")


@pytest.mark.parametrize(
    "embedded",
    [
        test_run_conditions_api.test_what_is_called_back_takes_its_backup_with_it,
        test_run_conditions_api.test_a_failure_is_tried_again_before_it_counts,
        test_runs_api.test_a_run_goes_wave_by_wave_and_ends_when_everybody_has_answered,
    ],
    ids=["backup", "again", "waves"],
)
def test_what_holds_on_one_machine_holds_on_aws(
    embedded: Callable[[Callable[[int], Field]], None], field: Callable[[int], Field]
) -> None:
    embedded(field)
