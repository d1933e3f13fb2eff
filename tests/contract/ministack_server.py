"""MiniStack as a child process whose clock stands until a test moves it. Run: `python ministack_server.py PORT`.

`GET /_time/advance?seconds=N` makes every service believe that N more seconds have passed. With `running` as a second
word the clock runs: functions wait for its moments.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

NOW_S = [time.time()]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


def held() -> float:
    return NOW_S[0]


def clocked(inner: Asgi) -> Asgi:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/_time/advance":
            await inner(scope, receive, send)
            return
        NOW_S[0] += float(parse_qs(scope["query_string"].decode())["seconds"][0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    return app


def main(port: str, clock: str = "held") -> None:
    if clock == "held":
        time.time = held
    # Only now: its modules take the clock as they find it.
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "ERROR"
    asyncio.run(serve(clocked(app), config))


if __name__ == "__main__":
    main(*sys.argv[1:])
