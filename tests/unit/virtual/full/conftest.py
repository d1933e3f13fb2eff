"""Whole routers that listen on loopback, and end with their test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
import pytest_asyncio

from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.profile import Profile

Make = Callable[..., Awaitable[VirtualRouter]]
OPEN = Doors(api=0, api_ssl=0, www=0, www_ssl=0, ssh=0)


@pytest_asyncio.fixture
async def make() -> AsyncIterator[Make]:
    """Makes routers of a release that are on; `doors` and other words are those of `Surroundings`."""
    made: list[VirtualRouter] = []

    async def one(version: str = "7.20.8", profile: Profile | None = None, **around: object) -> VirtualRouter:
        board = replace(profile or Profile(), version=RouterOSVersion.parse(version))
        made.append(VirtualRouter(board, replace(Surroundings(doors=OPEN, boot_s=0.05), **around)))  # type: ignore[arg-type]
        await made[-1].start()
        return made[-1]

    yield one
    for router in made:
        await router.stop()


@pytest.fixture
def typed() -> Callable[[VirtualRouter, str], Awaitable[str]]:
    """What a terminal of the full user shows for a line, without the last line's end."""

    async def line(router: VirtualRouter, source: str) -> str:
        return (await router.run(source)).shown.rstrip("\n")

    return line
