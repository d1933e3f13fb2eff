"""The platform as a process of its own for the fuzzer: seeded, signed in, on a free port of the loopback.

Two things stand between the fuzzer and the platform. The bearer token `owner` is good for ever: when the fuzzer revokes
the API token that it works with, as it may, another takes its place. And whoever follows the event stream goes away
after a moment, as a fuzzer that waits for the end of an answer would wait for ten minutes.
"""

import asyncio
import socket
import sys
from collections.abc import MutableMapping
from typing import Any

import httpx
import msgspec
import uvloop

from tests.api.conformance import seeding
from tikfleet.app.compose import Platform, assemble, open_infra
from tikfleet.app.observability.logs import set_up_logs
from tikfleet.app.serve import background, leave, listening
from tikfleet.app.settings import Settings
from tikfleet.domains.identity.model import Caller
from tikfleet.domains.identity.setup import FirstOwner
from tikfleet.kernel.permissions import PERMISSIONS
from tikfleet.kernel.scopes import Actor, OrgScope

ALIAS = b"Bearer owner"
PATIENCE_S = 0.05
ENDLESS = {("GET", "/api/v1/events/stream"), ("GET", "/api/v1/logs/follow"), ("POST", "/api/v1/queries")}


class Door:
    """The platform behind a token that never ends."""

    def __init__(self, platform: Platform, caller: Caller) -> None:
        self._platform = platform
        self._caller = caller
        self._bearer = b""

    async def renew(self) -> None:
        tokens = self._platform.identity.services["tokens"]
        _, secret = await tokens.create(self._caller, "fuzzer", list(PERMISSIONS), None)
        self._bearer = f"Bearer {secret}".encode()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["headers"] = [
                (name, self._bearer if name == b"authorization" and value == ALIAS else value)
                for name, value in scope["headers"]
            ]
        path = str(scope.get("path"))
        if (scope.get("method"), path) in ENDLESS or path.endswith("/ask"):
            await self._briefly(scope, receive, send)
        else:
            await self._platform.http(scope, receive, send)
        if scope.get("method") == "DELETE" and "/tokens/" in scope["path"]:
            await self.renew()

    async def _briefly(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        ended = whole = False

        async def gone() -> Any:
            nonlocal whole
            if not whole:
                message = await receive()
                whole = not message.get("more_body")
                return message
            await asyncio.sleep(PATIENCE_S)
            return {"type": "http.disconnect"}

        async def watched(message: MutableMapping[str, Any]) -> None:
            nonlocal ended
            ended = ended or (message["type"] == "http.response.body" and not message.get("more_body"))
            await send(message)

        await self._platform.http(scope, gone, watched)
        if not ended:
            await send({"type": "http.response.body", "body": b""})


async def main(directory: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(data=directory, http_port=port, https_port=0, requests_per_minute=10_000_000)
    async with open_infra(settings) as infra:
        platform = await assemble(settings, infra, "")
        owner = FirstOwner("Acme", "owner@acme.example", "Ada", "twelve monkeys ride")
        made = await platform.identity.setup.create_first_owner(owner)
        scope = OrgScope.only(made.org_id)
        door = Door(platform, Caller(Actor("person", made.person_id, "Ada"), scope, frozenset(PERMISSIONS)))
        await door.renew()
        async with background(platform), listening(msgspec.structs.replace(platform, http=door), None):
            await seed(door)
            print(f"http://127.0.0.1:{port}", flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def seed(door: Door) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://tikfleet") as client:

        async def ask(method: str, path: str, body: object, secret: str = "owner") -> Any:
            answer = await client.request(method, path, json=body, headers={"Authorization": f"Bearer {secret}"})
            answer.raise_for_status()
            return answer.json()

        await seeding.fill(ask)


if __name__ == "__main__":
    set_up_logs("warning", as_json=False)
    uvloop.run(main(sys.argv[1]))
    leave()
