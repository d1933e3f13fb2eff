"""Servers under test, each a process of its own: `python -m bench.servers KIND PORT DIRECTORY`.

`bare` does the check-in's work without keeping anything: body, token by hash, typed validation, an answer.
`edge` is the platform's own check-in path, durable, without the consumer; `busy` the same where hardly a report is
taken, so that nearly every answer names a later place. The whole platform is `tikfleet serve`.
"""

import sys
from pathlib import Path

import msgspec
import uvloop

from tikfleet.app.measuring.answering import durable, listener, written_tokens
from tikfleet.domains.checkin.model import REPORTS
from tikfleet.httpkit.asgi import Receive, Scope, Send, header, read_body, respond
from tikfleet.kernel.secrets import digest
from tikfleet.kernel.wireforms import Form


class BareSessions:
    """Tokens known by their hash, as a bare handler would have them."""

    def __init__(self, secrets: list[str]) -> None:
        self._hashes = {digest(secret) for secret in secrets}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, read, validate, answer; keep nothing."""
        secret = header(scope, b"authorization").removeprefix("Bearer ")
        if digest(secret) not in self._hashes:
            await respond(send, 401, [], b"")
            return
        report = REPORTS.read(Form.JSON, await read_body(receive, 65_536))
        answer = msgspec.json.encode({"ok": True, "next": 60, "seq": report.seq})
        await respond(send, 200, [(b"content-type", b"application/json")], answer)


async def _serve(kind: str, port: int, directory: Path) -> None:
    secrets = written_tokens(directory)
    app = BareSessions(secrets) if kind == "bare" else durable(directory, secrets, 1 if kind == "busy" else 1_000_000)
    await listener(app, port).serve()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
