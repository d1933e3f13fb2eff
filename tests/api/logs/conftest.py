"""One platform with a real engine for the module, two organisations for each test."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.api.conformance.house import House, Tenant

_numbers = count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    # A process holds one engine at a time: other modules have theirs.
    found = House(tmp_path_factory.mktemp("house"), with_telemetry=True)
    yield found
    found.close()


@pytest.fixture
def acme(house: House) -> Tenant:
    return house.tenant(f"Acme {next(_numbers)}")


@pytest.fixture
def globex(house: House) -> Tenant:
    return house.tenant(f"Globex {next(_numbers)}")
