"""A stub server, and virtual routers that talk to it without a socket."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from server import KEY, Stub

from tikfleet.virtual.faults import NO_FAULTS, Faults
from tikfleet.virtual.fleet import build_fleet
from tikfleet.virtual.router import Call, Ending, Heard, Pause, Router

NOON = 1_795_608_000.0  # 2026-11-25 12:00:00 UTC, a Wednesday
Talk = Callable[..., Ending]


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def talk(stub: Stub) -> Talk:
    """Runs one session of a router against the stub and gives its ending."""

    def run(router: Router, now: float = NOON, lose: str = "") -> Ending:
        session = router.session(now, KEY)
        try:
            call = next(session)
            while True:
                call = session.send(hear(stub, call, now, lose))
        except StopIteration as end:
            return end.value

    return run


def hear(stub: Stub, call: Call | Pause, now: float, lose: str) -> Heard:
    if isinstance(call, Pause):
        return Heard(now)
    headers = {"authorization": f"Bearer {call.credential}", "content-type": call.media}
    status, body = stub.handle(call.method, call.path, headers, call.body)
    lost = call.hang_up or (lose and call.path.endswith(lose))
    return Heard(now) if lost else Heard(now, status, body)


def routers(count: int, seed: int = 5, faults: Faults = NO_FAULTS) -> list[Router]:
    return build_fleet(seed, count, NOON, faults)


@pytest.fixture
def fleet() -> list[Router]:
    return routers(150)


@pytest.fixture(params=["A", "B", "C", "D"])
def any_tier(request: pytest.FixtureRequest, fleet: list[Router]) -> Router:
    """A router of each tier of the agent in turn, with neighbours at its site."""
    return next(r for r in fleet if r.tier == request.param and len(r.machine.blueprint.site.machines) > 1)
