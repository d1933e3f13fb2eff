"""One office router a module and release: peers of other people's making talk to it."""

from collections.abc import Iterator

import pytest

from .office import Office


@pytest.fixture(scope="module", params=["7.20.8", "7.16.2", "6.49.10"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """Releases that differ on the wire: 7.16 does not say `!empty`, 6 has menus of its own."""
    with Office.open(request.param) as router:
        yield router


@pytest.fixture(scope="module", params=["7.20.8", "7.16.2"])
def office7(request: pytest.FixtureRequest) -> Iterator[Office]:
    """Releases that have REST."""
    with Office.open(request.param) as router:
        yield router
