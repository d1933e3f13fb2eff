"""One platform for most of these tests, two organisations for each of them."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.api.conformance.house import House, Tenant

_numbers = count(1)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = House(tmp_path_factory.mktemp("house"))
    yield found
    found.close()


@pytest.fixture
def acme(house: House) -> Tenant:
    return house.tenant(f"Acme {next(_numbers)}")


@pytest.fixture
def globex(house: House) -> Tenant:
    return house.tenant(f"Globex {next(_numbers)}")
