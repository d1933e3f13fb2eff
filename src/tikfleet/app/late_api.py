"""The API as an application that is put together when it is first asked."""

from collections.abc import Callable
from typing import cast

from litestar import Litestar

from tikfleet.httpkit.asgi import App, Receive, Scope, Send


class LateApi:
    """Putting some 220 routes together takes longer than all else of a start, and routers ask none of them."""

    def __init__(self, make: Callable[[], Litestar]) -> None:
        self._make = make
        self._made: Litestar | None = None

    def made(self) -> Litestar:
        """The application, from now on the same. Raises what making it raises."""
        if self._made is None:
            self._made = self._make()
        return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await cast("App", self.made())(scope, receive, send)
