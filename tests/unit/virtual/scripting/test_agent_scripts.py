"""The agent's own scripts, installed, run and removed on a virtual router of each tier."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tikfleet.agent.scripts import render_installer, render_removal, render_upgrade
from tikfleet.agent.settings import AgentSettings, InstallerSettings, RemovalSettings
from tikfleet.agent.tiers import Tier
from tikfleet.kernel.wireforms import Form, parse_lines, write_answer

from .small_router import HastyClock, SmallRouter

KEY, TOKEN = "tfe_" + "k" * 49, "tfd_" + "a" * 49
RELEASES = {Tier.A: "7.20.8", Tier.B: "7.14.3", Tier.C: "7.12.1", Tier.D: "6.49.10"}


class Fleet:
    """A server that answers as the protocol says."""

    def __init__(self, tier: Tier) -> None:
        self.tier = tier
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.extra: dict[str, Any] = {}
        self.script = ""
        self.url = ""

    def of(self, name: str) -> list[dict[str, Any]]:
        return [body for called, body in self.heard if called == name]

    def settings(self) -> AgentSettings:
        return AgentSettings(self.url, "1.0.0", startup_spread_s=0)

    def answer(self, path: str, body: bytes) -> bytes:
        name = path.rpartition("/")[2]
        if body:
            tables = frozenset({"interfaces", "health", "wireless", "neighbors", "errors"})
            read = json.loads(body) if self.tier is Tier.A else parse_lines(body, tables)
            self.heard.append((name, read))
        if name == "agent":
            return render_upgrade(self.tier, self.settings()).encode()
        if name == "remove":
            return render_removal(self.tier, RemovalSettings(pause_s=0)).encode()
        if name == "script":
            return self.script.encode()
        form = Form.JSON if self.tier is Tier.A else Form.LINES
        answers: dict[str, dict[str, Any]] = {
            "enrol": {"ok": True, "device": "d1", "token": TOKEN, "state": "enrolled"},
            "checkin": {"ok": True, "next": 60, **self.extra},
        }
        return write_answer(form, answers.get(name, {"ok": True}))


@pytest.fixture(params=list(Tier), ids=lambda tier: tier.value)
def fleet(request: pytest.FixtureRequest) -> Iterator[Fleet]:
    fleet = Fleet(request.param)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            made = fleet.answer(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(made)))
            self.end_headers()
            self.wfile.write(made)

        do_GET = do_POST = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fleet.url = f"http://127.0.0.1:{server.server_port}"
    yield fleet
    server.shutdown()
    server.server_close()
    thread.join()


async def installed(fleet: Fleet, router_of: Callable[..., SmallRouter]) -> SmallRouter:
    router = router_of(RELEASES[fleet.tier], clock=HastyClock())
    source = render_installer(fleet.tier, InstallerSettings(fleet.settings(), KEY, pause_s=0))
    router.files.write("install.rsc", source.encode())
    outcome = await router.run("/import file-name=install.rsc")
    assert outcome.error is None, outcome.shown
    assert "Enrolled as device d1 (enrolled)." in outcome.printed
    await router.jobs.settled()
    return router


async def test_the_installer_enrols_and_the_first_report_follows(
    fleet: Fleet, router_of: Callable[..., SmallRouter]
) -> None:
    router = await installed(fleet, router_of)

    [enrolment] = fleet.of("enrol")
    assert enrolment["inventory"]["identity"] == "MikroTik"
    assert enrolment["inventory"]["version"].startswith(RELEASES[fleet.tier])
    [report] = fleet.of("checkin")
    assert {row["name"] for row in report["interfaces"]} >= {"ether1", "ether4"}
    assert str(report["seq"]) == "1"
    assert (
        await router.shown(":put [/system/scheduler get tikfleet interval]".replace("system/", "system ")) == "00:01:00"
    )


async def test_a_job_runs_and_its_outcome_is_told(fleet: Fleet, router_of: Callable[..., SmallRouter]) -> None:
    router = await installed(fleet, router_of)
    fleet.script = '/system identity set name="renamed"\n:put "all done"\n'
    fleet.extra = {"job": {"id": "j1", "class": "repeatable", "timeout": 30, "size": len(fleet.script)}}

    outcome = await router.run("/system script run tikfleet-agent")

    assert outcome.error is None
    assert await router.shown(":put [/system identity get name]") == "renamed"
    [result] = fleet.of("result")
    assert result["state"] == "succeeded", result
    assert "all done" in result["output"]


async def test_removal_takes_away_what_enrolment_added(fleet: Fleet, router_of: Callable[..., SmallRouter]) -> None:
    router = await installed(fleet, router_of)
    fleet.extra = {"remove": True}

    await router.run("/system script run tikfleet-agent")
    await router.jobs.settled()

    left = await router.shown(":put [/system script find]; :put [/system scheduler find]")
    assert left == ""
