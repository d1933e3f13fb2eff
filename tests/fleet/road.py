"""What lies between a virtual router and the platform: real HTTPS, watched, and broken on request."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tikfleet.virtual.full.router import VirtualRouter
from tikfleet.virtual.scripting.fetch import FetchFailed

Exchange = Callable[..., Awaitable[tuple[Any, bytes, str]]]


@dataclass(frozen=True, slots=True)
class Trip:
    """One request that was made: its status is 0 where the router got no answer. `at_s` is by the router's clock."""

    method: str
    path: str
    status: int
    at_s: float
    sent: bytes
    got: bytes


class Road:
    """All that a router fetches goes over here. `under_way` counts what is not answered yet."""

    def __init__(self, router: VirtualRouter) -> None:
        self.trips: list[Trip] = []
        self.under_way = 0
        self._router = router
        self._lost: list[tuple[str, bool]] = []
        self._words: dict[str, str] = {}
        self._withheld = ""
        self._closed = False
        fetcher = router.scripting.fetcher
        self._exchange: Exchange = fetcher._exchange
        fetcher._exchange = self._travel  # type: ignore[method-assign]

    def lose_answer(self, part: str) -> None:
        """The next request whose path has this part arrives, and its answer does not."""
        self._lost.append((part, True))

    def lose_request(self, part: str) -> None:
        """The next request whose path has this part does not arrive."""
        self._lost.append((part, False))

    def amend(self, **words: str) -> None:
        """The next answer to a check-in says this as well."""
        self._words = words

    def withhold(self, word: str) -> None:
        """Answers to check-ins never say this, from now on."""
        self._withheld = word

    def close(self) -> None:
        self._closed = True

    def reopen(self) -> None:
        self._closed = False

    def to(self, part: str) -> list[Trip]:
        return [trip for trip in self.trips if part in trip.path]

    async def _travel(self, order: Any, url: str, method: str, data: bytes) -> tuple[Any, bytes, str]:
        path = urlsplit(url).path
        fault = next((fault for fault in self._lost if fault[0] in path), None)
        if fault is not None:
            self._lost.remove(fault)
        begun_s, status, got = self._router.clock.now_s(), 0, b""
        self.under_way += 1
        try:
            if self._closed or (fault is not None and not fault[1]):
                raise FetchFailed("connection failed")
            answer = await self._exchange(order, url, method, data)
            if self._words and path.endswith("/checkin"):
                answer = (answer[0], _amended(answer[1], self._words), answer[2])
                self._words = {}
            if self._withheld and path.endswith("/checkin"):
                answer = (answer[0], _without(answer[1], self._withheld), answer[2])
            if fault is not None:
                raise FetchFailed("Idle timeout - waiting data")
            status, got = answer[0].status_code, answer[1]
            return answer
        finally:
            self.under_way -= 1
            self.trips.append(Trip(method, path, status, begun_s, data, got))


def _without(body: bytes, word: str) -> bytes:
    if body.startswith(b"{"):
        return json.dumps({name: value for name, value in json.loads(body).items() if name != word}).encode()
    return b"".join(line for line in body.splitlines(keepends=True) if not line.startswith(f"{word}=".encode()))


def _amended(body: bytes, words: dict[str, str]) -> bytes:
    if body.startswith(b"{"):
        return json.dumps({**json.loads(body), **words}).encode()
    return body + "".join(f"{name}={value}\n" for name, value in words.items()).encode()
