"""A stub server, and virtual routers that talk to it without a socket."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from protocol_stub import KEY, Stub
from small_fleet import NOON, Talk, hear, routers

from tikfleet.virtual.light.router import Ending, Router


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


@pytest.fixture
def fleet() -> list[Router]:
    return routers(150)


@pytest.fixture(params=["A", "B", "C", "D"])
def any_tier(request: pytest.FixtureRequest, fleet: list[Router]) -> Router:
    """A router of each tier of the agent in turn, with neighbours at its site."""
    return next(r for r in fleet if r.tier == request.param and len(r.machine.blueprint.site.machines) > 1)
