"""The check-in path alone, as a process: `python -m tikfleet.app.measuring.answering HTTP_PORT HTTPS_PORT DIRECTORY`.

Each report is answered when it is on the disk, and nobody processes it. A port of 0 is none. The routers' tokens are
in the file `tokens` of the directory.
"""

import asyncio
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import uvloop
from granian.constants import Interfaces, SSLProtocols
from granian.server.embed import Server

from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.app.certificates import own_certificates
from tikfleet.app.observability.measures import Measures
from tikfleet.app.observability.traffic import Timed
from tikfleet.domains.checkin.admission import Admission, AdmissionLimits
from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.http import AgentApi
from tikfleet.domains.checkin.model import plan_for
from tikfleet.domains.checkin.service import CheckIns
from tikfleet.domains.checkin.sessions import Session
from tikfleet.httpkit.asgi import App
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.secrets import DEVICE_TOKEN, new_secret

TOKENS: Final = 64


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

    def has_news(self, device_id: DeviceId) -> bool:
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


def written_tokens(directory: Path) -> list[str]:
    """Fresh tokens, also in the file from which a load takes them."""
    secrets = [new_secret(DEVICE_TOKEN) for _ in range(TOKENS)]
    (directory / "tokens").write_text("\n".join(secrets))
    return secrets


def durable(directory: Path, secrets: list[str], checkins_per_s: int = 1_000_000) -> App:
    """The platform's own check-in path with an inbox that nobody reads."""
    counts = Counts(refused=Counter())
    desk: Any = IdleDesk()
    sessions: Any = KnownSessions(secrets)
    nothing: Any = None
    parts: Any = IdleParts()
    admission = Admission(AdmissionLimits(checkins_per_s, 10_000_000), time.monotonic)
    checkins = CheckIns(SqliteInbox(directory / "inbox.sqlite"), desk, admission, counts, utc_now)
    return Timed(AgentApi(sessions, checkins, nothing, parts, nothing, nothing, counts), Measures())


def listener(app: App, port: int, **tls: Any) -> Server:
    """A server on loopback."""
    where: dict[str, Any] = {"address": "127.0.0.1", "port": port, **tls}
    return Server(app, interface=Interfaces.ASGI, websockets=False, log_enabled=False, **where)


async def _serve(http_port: int, https_port: int, directory: Path) -> None:
    app = durable(directory, written_tokens(directory))
    servers = [listener(app, http_port)] if http_port else []
    if https_port:
        files = own_certificates(directory / "keys", ["127.0.0.1"], datetime.now(UTC))
        tls = {"ssl_cert": files.chain, "ssl_key": files.key, "ssl_protocol_min": SSLProtocols.tls12}
        servers.append(listener(app, https_port, **tls))
    await asyncio.gather(*(server.serve() for server in servers))


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
