"""One platform for all tests of this folder, and routers that end with their test."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from bench.on_aws import standing
from tests.conftest import PlatformProcess, pick_port
from tests.contract.clouds import MiniStack

from .house import RELEASES, Home, House

MakeHome = Callable[..., Awaitable[Home]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker: they share the platform."""
    for item in items:
        if "tests/fleet" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("fleet"))


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The real program, on HTTPS with an authority that it makes itself."""
    with on_aws(tmp_path_factory) if os.environ.get("FLEET_ON") == "aws" else _started(tmp_path_factory) as made:
        yield made


@contextmanager
def on_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same with every adapter of AWS, on servers of this machine."""
    if missing := MiniStack.missing():
        pytest.skip(f"{missing}: no fleet is tried on AWS")
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        pytest.skip("PostgreSQL is not installed: no fleet is tried on AWS")
    with pytest.MonkeyPatch.context() as environment:
        # Those that `standing` sets too, so that they go with it.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
            environment.setenv(name, "until they are set")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        with standing(0) as stands, _started(tmp_path_factory, **_alone(stands.settings)) as made:
            yield made


def _alone(settings: dict[str, str]) -> dict[str, str]:
    own = {"TIKFLEET_DATA", "TIKFLEET_HTTPS_PORT", "TIKFLEET_BESIDE_FUNCTIONS", "TIKFLEET_LOG_LEVEL"}
    return {name: value for name, value in settings.items() if name not in own}


@contextmanager
def _started(tmp_path_factory: pytest.TempPathFactory, **settings: str) -> Iterator[House]:
    port = pick_port()
    url = f"https://127.0.0.1:{port}"
    platform = PlatformProcess(tmp_path_factory.mktemp("fleet") / "data", TIKFLEET_PUBLIC_URL=url, **settings)
    platform.https_port = port
    platform.start()
    try:
        yield House(platform)
    finally:
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
