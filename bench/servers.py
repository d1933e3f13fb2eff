"""Servers under test, each a process of its own: `python -m bench.servers KIND PORT DIRECTORY`.

`bare` does the check-in's work without keeping anything: body, token by hash, typed validation, an answer.
`edge` is the platform's own check-in path, durable, without the consumer; `busy` the same where hardly a report is
taken, so that nearly every answer names a later place. The whole platform is `tikfleet serve`.
"""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.app.observability.measures import Measures
from tikfleet.app.observability.traffic import Timed
from tikfleet.domains.checkin.admission import Admission, AdmissionLimits
from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.http import AgentApi
from tikfleet.domains.checkin.live import LiveRequests
from tikfleet.domains.checkin.model import REPORTS, plan_for
from tikfleet.domains.checkin.service import CheckIns
from tikfleet.domains.checkin.sessions import Session
from tikfleet.domains.live.public import LiveHub
from tikfleet.httpkit.asgi import Receive, Scope, Send, header, read_body, respond
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.secrets import DEVICE_TOKEN, digest, new_secret
from tikfleet.kernel.wireforms import Form

TOKENS = 64


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


class KnownSessions:
    """Every token is in memory, as on a server that has run for a while."""

    def __init__(self, secrets: list[str]) -> None:
        self._sessions = {secret: _session(secret, number) for number, secret in enumerate(secrets)}

    def known(self, secret: str) -> Session | None:
        """The session of a token."""
        return self._sessions.get(secret)

    async def find(self, secret: str) -> Session | None:
        """The same."""
        return self._sessions.get(secret)


class IdleDesk:
    """No jobs."""

    def has_work(self, device_id: DeviceId) -> bool:
        """Never."""
        return False


class IdleParts:
    """No parts of outputs."""

    desk = IdleDesk()


def _session(secret: str, number: int) -> Session:
    return Session(
        OrganisationId("org_0000000000000000"), DeviceId(f"dev_{number:016d}"), secret, "A", pending=False,
        removing=False, plan=plan_for(60), inventory_tag="t1a2b3c4d5e6", neighbors_tag="t0f9e8d7c6b5",
        known_until_s=0.0,
    )  # fmt: skip


async def _serve(kind: str, port: int, directory: Path) -> None:
    secrets = [new_secret(DEVICE_TOKEN) for _ in range(TOKENS)]
    (directory / "tokens").write_text("\n".join(secrets))
    app: Any
    if kind == "bare":
        app = BareSessions(secrets)
    else:
        counts = Counts(refused=Counter())
        desk: Any = IdleDesk()
        sessions: Any = KnownSessions(secrets)
        nothing: Any = None
        parts: Any = IdleParts()
        admission = Admission(AdmissionLimits(1 if kind == "busy" else 1_000_000, 10_000_000), time.monotonic)
        live = LiveRequests(LiveHub(), desk)
        checkins = CheckIns(SqliteInbox(directory / "inbox.sqlite"), desk, admission, live, counts, utc_now)
        app = Timed(AgentApi(sessions, checkins, nothing, parts, nothing, nothing, counts), Measures())
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    await server.serve()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
