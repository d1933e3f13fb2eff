"""What is refused when there is more to do than can be done, in order: dashboards first, results of jobs last."""

import random
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from tikfleet.httpkit.asgi import App, Receive, Scope, Send, respond_problem
from tikfleet.kernel.errors import Unavailable

# An event loop that is late by so much on average does nothing in time any more.
_LATE_S: Final = 2.0
_WAIT_S: Final = (5.0, 20.0)


class Load(Enum):
    """A kind of work, with the pressure (0 none, 1 all there can be) from which it is refused."""

    DASHBOARDS = 0.5
    READS = 0.6
    FLOWS = 0.65
    LOGS = 0.7
    TELEMETRY = 0.85
    RESULTS = 1.0


class Overloaded(Unavailable):
    """More is asked than can be answered in time; what matters least is refused first. Nothing was done."""

    code = "server.overloaded"
    title = "There is more to do than can be done"
    remedy = "Try again after the time in Retry-After. If it stays, give the platform more edges or a larger machine."


class Overload:
    """How near the process is to its end: by its event loop's mean lateness, and by what waits in the inbox."""

    def __init__(self, lateness_s: Callable[[], float], fullness: Callable[[], float]) -> None:
        """`fullness` is the share of the inbox's high-water mark that waits."""
        self._lateness_s = lateness_s
        self._fullness = fullness

    @property
    def pressure(self) -> float:
        """From 0 to 1, and beyond."""
        return max(self._lateness_s() / _LATE_S, self._fullness())

    def sheds(self, load: Load) -> bool:
        """Whether work of this kind is refused now. Results of jobs are only where nothing can be stored."""
        return self.pressure >= load.value


class Shedding:
    """Wraps the API: reading is refused before anything is done for it, and changes never are."""

    def __init__(self, app: App, overload: Overload) -> None:
        self._app = app
        self._overload = overload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        load = load_of(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if load is not None and self._overload.sheds(load):
            # Each comes back at a time of its own.
            wait_s = random.uniform(*_WAIT_S)
            await respond_problem(scope, send, Overloaded("the platform is overloaded", retry_after_s=wait_s))
        else:
            await self._app(scope, receive, send)


_KINDS: Final[Mapping[str, Load | None]] = {
    "/api/v1/telemetry/": Load.DASHBOARDS,
    "/api/v1/events/stream": Load.DASHBOARDS,
    # How busy it is, is asked most of all now; and nobody is to be signed out.
    "/api/v1/server": None,
    "/api/v1/session": None,
}


def load_of(method: str, path: str) -> Load | None:
    """The kind of a request to the API; None for one that is always let in."""
    for prefix, load in _KINDS.items():
        if path.startswith(prefix):
            return load
    return Load.READS if method in {"GET", "HEAD"} else None
