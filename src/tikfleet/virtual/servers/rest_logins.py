"""Who uses the REST server: HTTP Basic, logins that are kept for ten minutes, and each user's requests in turn."""

import asyncio
import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from typing import Final, ParamSpec, TypeVar

from tikfleet.virtual import waiting
from tikfleet.virtual.menus.request import Caller
from tikfleet.virtual.servers.router import Router

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")

LOGIN_S: Final = 600.0


class SessionClosed(Exception):
    """A command took too long, or waited behind one that did."""


def credentials(header: str) -> tuple[str, str] | None:
    """User and password of an `Authorization` header; `None` for anything but well-formed Basic."""
    scheme, _, word = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(word.strip(), validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon else None


class Login:
    """A user at an address. Policies are those of the moment of login, as on a router."""

    def __init__(self, caller: Caller, turn: "Turn", endings: list[Callable[[], None]]) -> None:
        self.caller = caller
        self.turn = turn
        self._endings = endings

    def end(self) -> None:
        for ending in self._endings:
            ending()


class Turn:
    """Lets the requests of one user through one at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._closings = 0

    async def run(
        self,
        limit_s: float,
        function: Callable[Parameters, Result],
        *given: Parameters.args,
        **named: Parameters.kwargs,
    ) -> Result:
        """Call a function that may wait. Raises `SessionClosed` when it, or one before it, reaches the limit."""
        closings = self._closings
        async with self._lock:
            if self._closings != closings:
                raise SessionClosed
            limit = asyncio.timeout(limit_s)
            try:
                async with limit:
                    return await waiting.run(function, *given, **named)
            except TimeoutError:
                if not limit.expired():
                    raise
                self._closings += 1
                raise SessionClosed from None


class Logins:
    """The logins that are in force. The password is checked at every request, the rest follows the login."""

    def __init__(self, router: Router, login_s: float = LOGIN_S) -> None:
        self._router = router
        self._login_s = login_s
        self._logins: dict[tuple[str, str], Login] = {}
        self._turns: dict[str, Turn] = {}
        self._timers: dict[tuple[str, str], asyncio.TimerHandle] = {}

    async def enter(self, user: str, password: str, address: str) -> Login:
        """The login of a user who comes from an address; raises `Refused` for whom the router does not know."""
        caller = await waiting.run(self._router.authenticate, user, password, "rest-api", address)
        key = (caller.user, address)
        if key not in self._logins:
            endings = await waiting.run(self._opened, caller)
            if key in self._logins:
                # Another request of the same user was faster.
                Login(caller, Turn(), endings).end()
            else:
                self._logins[key] = Login(caller, self._turns.setdefault(caller.user, Turn()), endings)
                self._timers[key] = asyncio.get_running_loop().call_later(self._login_s, self._expire, key)
        return self._logins[key]

    def _opened(self, caller: Caller) -> list[Callable[[], None]]:
        """The web server is itself a client of the API: a router lists both, the second without an address."""
        endings = [self._router.opened(caller)]
        if "api" in caller.policies:
            endings.append(self._router.opened(replace(caller, via="api", address="")))
        return endings

    def _expire(self, key: tuple[str, str]) -> None:
        del self._timers[key]
        self._logins.pop(key).end()

    def close(self) -> None:
        for key, timer in list(self._timers.items()):
            timer.cancel()
            self._expire(key)
