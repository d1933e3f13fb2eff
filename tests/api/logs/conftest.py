"""One platform with a real engine for the module."""

from collections.abc import Iterator

import pytest

from tests.api.conformance.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    # A process holds one engine at a time: other modules have theirs.
    found = House(tmp_path_factory.mktemp("house"), with_telemetry=True)
    yield found
    found.close()
