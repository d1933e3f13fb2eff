"""The whole platform within a function, following what other processes tell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from tikfleet.app.compose import Platform, build
from tikfleet.app.processes.place import Place
from tikfleet.app.settings import Settings
from tikfleet.kernel.errors import TikfleetError

_log = structlog.get_logger("tikfleet.lambdas")


async def follow_keys(platform: Platform) -> None:
    """Hear of a new key that signs jobs. Where the store is away, the call goes on with those that are known."""
    if platform.infra.shared_key is None:
        return
    try:
        await platform.infra.shared_key.follow()
    except TikfleetError as error:
        _log.warning("the keys of jobs could not be looked at", code=error.code)


@asynccontextmanager
async def platform_of(settings: Settings, place: Place) -> AsyncIterator[Platform]:
    """Every object, and what follows news: nothing that was read goes stale, and live mode begins when it is wanted."""
    async with build(settings, "", place) as platform:
        following = [
            asyncio.create_task(platform.session_watch.run(), name="session-watch"),
            asyncio.create_task(platform.work_watch.run(), name="work-watch"),
            asyncio.create_task(platform.live_watch.run(), name="live-watch"),
        ]
        try:
            yield platform
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
