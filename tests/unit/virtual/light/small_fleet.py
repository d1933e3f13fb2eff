"""What tests of virtual routers share: a moment, small fleets, and how a call reaches the stub."""

from collections.abc import Callable

from protocol_stub import Stub

from tikfleet.virtual.light.faults import NO_FAULTS, Faults
from tikfleet.virtual.light.fleet import build_fleet
from tikfleet.virtual.light.router import Call, Ending, Heard, Pause, Router

NOON = 1_795_608_000.0  # 2026-11-25 12:00:00 UTC, a Wednesday
Talk = Callable[..., Ending]


def hear(stub: Stub, call: Call | Pause, now: float, lose: str) -> Heard:
    if isinstance(call, Pause):
        return Heard(now)
    headers = {"authorization": f"Bearer {call.credential}", "content-type": call.media}
    status, body = stub.handle(call.method, call.path, headers, call.body)
    lost = call.hang_up or (lose and call.path.endswith(lose))
    return Heard(now) if lost else Heard(now, status, body)


def routers(count: int, seed: int = 5, faults: Faults = NO_FAULTS) -> list[Router]:
    return build_fleet(seed, count, NOON, faults)
