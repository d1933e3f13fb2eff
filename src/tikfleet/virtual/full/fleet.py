"""A fleet of whole virtual routers that enrol by the line that a person would paste, and run the agent that it brings.

Each keeps its configuration in a file, so that a fleet that comes back neither enrols again nor loses what jobs did.
"""

import asyncio
import contextlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tikfleet.virtual.full.population import Resident, residents
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.menus.profile import Profile

_TOKEN: Final = "tikfleet-token"  # noqa: S105 - the name of the script that holds it
_SAVE_EVERY_S: Final = 60.0
_AGAIN_S: Final = 30.0

# The line for a router, and the number of its site to choose a key by. Raises nothing.
Line = Callable[[Profile, int], str]


@dataclass(frozen=True, slots=True)
class FullFleetOptions:
    """How many, of which seed, kept in which directory (nowhere when `None`), and how fast they are switched on."""

    routers: int
    seed: int = 1
    directory: Path | None = None
    start_per_s: float = 2.0


class FullFleet:
    """`run` until it is cancelled."""

    def __init__(self, options: FullFleetOptions, line: Line, surroundings: Surroundings) -> None:
        self._options = options
        self._line = line
        self._surroundings = surroundings
        self._routers: dict[int, VirtualRouter] = {}

    @property
    def enrolled(self) -> int:
        """How many hold a token."""
        return sum(is_enrolled(router) for router in self._routers.values())

    async def run(self) -> None:
        """Switch all on, one after the other; when cancelled, keep what each has become."""
        members = residents(self._options.seed, self._options.routers)
        lives = [
            asyncio.create_task(self._live(member, place / self._options.start_per_s))
            for place, member in enumerate(members)
        ]
        try:
            await asyncio.gather(*lives)
        finally:
            for life in lives:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)

    async def _live(self, member: Resident, after_s: float) -> None:
        await asyncio.sleep(after_s)
        router = VirtualRouter(member.profile, self._surroundings)
        fresh = not self._restored(member, router)
        self._routers[member.number] = router
        await router.start()
        try:
            if fresh:
                await router.run(member.configuration)
            while not is_enrolled(router):
                await router.run(self._line(member.profile, member.site))
                self._keep(member, router)
                await asyncio.sleep(0 if is_enrolled(router) else _AGAIN_S)
            while True:
                await asyncio.sleep(_SAVE_EVERY_S)
                self._keep(member, router)
        finally:
            self._keep(member, router)
            await router.stop()

    def _file(self, member: Resident) -> Path | None:
        return None if self._options.directory is None else self._options.directory / f"router-{member.number}.z"

    def _keep(self, member: Resident, router: VirtualRouter) -> None:
        """One that holds a token only: others begin anew."""
        file = self._file(member)
        if file is None or not is_enrolled(router):
            return
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = file.with_suffix(".new")
        written.touch(mode=0o600)
        written.write_bytes(zlib.compress(router.menus.snapshot(), 1))
        written.replace(file)

    def _restored(self, member: Resident, router: VirtualRouter) -> bool:
        file = self._file(member)
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, zlib.error):
            if file is not None:
                router.menus.restore(zlib.decompress(file.read_bytes()))
                return True
        return False


def is_enrolled(router: VirtualRouter) -> bool:
    """Whether the agent's token is there."""
    return router.menus.store.table("/system/script").named(_TOKEN) is not None
