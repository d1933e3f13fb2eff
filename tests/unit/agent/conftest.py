"""Routers and a server for them, in every tier."""

from functools import cache
from typing import Any

import msgspec
import pytest

from tikfleet.agent.scripts import render_installer, render_removal, render_upgrade
from tikfleet.agent.settings import AgentSettings, InstallerSettings, RemovalSettings
from tikfleet.agent.tiers import Tier
from tikfleet.kernel.wireforms import Form, parse_lines, write_answer

from .console import RosError
from .router import Router

KEY, TOKEN = "tfe_" + "k" * 49, "tfd_" + "a" * 49
TABLES = frozenset({"interfaces", "health", "wireless", "neighbors", "errors"})
SETTINGS = AgentSettings("https://fleet.example.net", "1.0.0", startup_spread_s=0)


class Server:
    """Answers as the protocol says, and remembers what it was told. `lost` answers never arrive."""

    def __init__(self, tier: Tier) -> None:
        self.tier = tier
        self.form = Form.JSON if tier is Tier.A else Form.LINES
        self.tokens = {TOKEN}
        self.enrolment: dict[str, Any] = {"ok": True, "device": "d1", "token": TOKEN, "state": "enrolled"}
        self.extra: dict[str, Any] = {}
        self.script = ""
        self.started = True
        self.lost: set[str] = set()
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.parts: list[str] = []
        self.fetched: list[str] = []

    def __call__(self, method: str, path: str, token: str, body: str | None) -> str:
        name = path.rpartition("/")[2] if "/parts/" not in path else "parts"
        if token not in self.tokens and token != KEY:
            raise RosError("Fetch failed with status 401")
        if name == "parts":
            self.parts.append(body or "")
        elif body is not None:
            self.heard.append((name, self._read(body)))
        else:
            self.fetched.append(name)
        if name in self.lost:
            raise RosError("failure: timeout")
        files = {"agent": render_upgrade(self.tier, SETTINGS), "remove": render_removal(self.tier, RemovalSettings())}
        if name == "script":
            return self.script
        if name in files:
            return files[name]
        return write_answer(self.form, self._answer(name)).decode()

    def of(self, name: str) -> list[dict[str, Any]]:
        return [body for called, body in self.heard if called == name]

    def _read(self, body: str) -> dict[str, Any]:
        assert len(body.encode()) < 65_536
        if self.form is Form.JSON:
            return msgspec.json.decode(body)
        return parse_lines(body.encode(), TABLES)

    def _answer(self, name: str) -> dict[str, Any]:
        if name == "enrol":
            return self.enrolment
        if name == "started":
            return {"ok": self.started}
        return {"ok": True, "next": 60} | (self.extra if name == "checkin" else {})


@pytest.fixture(params=list(Tier))
def server(request: pytest.FixtureRequest) -> Server:
    return Server(request.param)


@pytest.fixture
def router(server: Server) -> Router:
    return Router(server.tier, server)


@pytest.fixture
def enrolled(router: Router, server: Server) -> Router:
    install(router, server)
    return router


def install(router: Router, server: Server) -> None:
    router.console.run(_installer(server.tier))


@cache
def _installer(tier: Tier) -> str:
    return render_installer(tier, InstallerSettings(SETTINGS, KEY))
