"""One platform for all tests of this folder, and routers that end with their test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import pytest_asyncio

from tests.conftest import PlatformProcess, pick_port

from .house import RELEASES, Home, House

MakeHome = Callable[..., Awaitable[Home]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker: they share the platform."""
    for item in items:
        if "tests/fleet" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("fleet"))


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The real program, on HTTPS with an authority that it makes itself."""
    port = pick_port()
    url = f"https://127.0.0.1:{port}"
    platform = PlatformProcess(tmp_path_factory.mktemp("fleet") / "data", TIKFLEET_PUBLIC_URL=url)
    platform.https_port = port
    platform.start()
    yield House(platform)
    platform.end()


@pytest_asyncio.fixture
async def home(house: House) -> AsyncIterator[MakeHome]:
    """Makes routers of a tier's release, which are on."""
    made: list[Home] = []

    async def one(tier: str, *, version: str = "", **profile: object) -> Home:
        made.append(Home(house, version or RELEASES[tier], **profile))
        await made[-1].router.start()
        return made[-1]

    yield one
    for place in made:
        await place.router.stop()
