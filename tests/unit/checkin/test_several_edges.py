"""Check-ins where several processes answer the same routers: places, copies and overload."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tikfleet.domains.checkin.admission import Admission, AdmissionLimits
from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.model import plan_for
from tikfleet.domains.checkin.places import SharedPlaces
from tikfleet.domains.checkin.service import CheckIns, Rules, tag_of
from tikfleet.domains.checkin.sessions import Session
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.wireforms import Form

INVENTORY = {"identity": "branch-1", "version": "7.22.3"}


def session(device: str = "dev_1") -> Session:
    """What one edge has of a router in its own memory."""
    return Session(
        OrganisationId("org_a"), DeviceId(device), "secret", "A", pending=False, removing=False, plan=plan_for(60),
        inventory_tag="told", neighbors_tag="t0", known_until_s=0.0,
    )  # fmt: skip


class Kept:
    """An inbox and a desk that a test looks into."""

    def __init__(self) -> None:
        self.busy: set[str] = set()
        self.stored = 0

    async def append(self, envelope: Any) -> None:
        self.stored += 1

    def has_work(self, device_id: str) -> bool:
        return device_id in self.busy


class Copies:
    """What the consumer has stored meanwhile."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.reads = 0

    async def read_tags(self, found: Session) -> None:
        self.reads += 1
        found.inventory_tag = self.tag


def checkins(kept: Any, copies: Any = None, *, overloaded: bool = False) -> CheckIns:
    admission = Admission(AdmissionLimits(1000, 1000), lambda: 1000.0)
    return CheckIns(kept, kept, admission, Counts(), utc_now, copies, Rules(is_overloaded=lambda: overloaded))


def body(tag: str) -> bytes:
    report = {"v": "1", "boot": "b", "seq": "1", "uptime": "1h", "tags": {"inventory": tag, "neighbors": "t0"}}
    return json.dumps(report).encode()


async def test_a_copy_that_another_edge_took_is_not_asked_for_again() -> None:
    copies = Copies("tabc")
    answer = await checkins(Kept(), copies).accept(session(), Form.JSON, body("tabc"), "")
    assert "want" not in answer
    assert copies.reads == 1


async def test_a_copy_that_nobody_has_is_asked_for() -> None:
    answer = await checkins(Kept(), Copies("told")).accept(session(), Form.JSON, body("tabc"), "")
    assert answer["want"] == "inventory"


async def test_a_router_that_goes_to_and_fro_between_edges_sends_its_inventory_once() -> None:
    copies = Copies("told")
    edges, seen = [checkins(Kept(), copies), checkins(Kept(), copies)], [session(), session()]
    full = json.dumps(json.loads(body("told")) | {"inventory": INVENTORY}).encode()
    told = (await edges[0].accept(seen[0], Form.JSON, full, ""))["tags"]["inventory"]
    copies.tag = told
    answers = [await edges[n % 2].accept(seen[n % 2], Form.JSON, body(told), "") for n in range(1, 9)]
    assert [answer for answer in answers if "want" in answer] == []
    # Only the edge that had not heard of it looks it up, and only once.
    assert copies.reads == 1
    assert told.startswith("t")
    assert tag_of("x") != told


async def test_the_database_is_not_asked_while_copies_agree() -> None:
    copies = Copies("told")
    await checkins(Kept(), copies).accept(session(), Form.JSON, body("told"), "")
    assert copies.reads == 0


def test_under_overload_only_routers_with_work_are_taken_and_the_others_keep_their_rhythm() -> None:
    kept = Kept()
    kept.busy = {"dev_2"}
    pressed = checkins(kept, overloaded=True)
    waits = [pressed.wait_s(session()) for _ in range(100)]
    assert min(waits) >= 54
    assert max(waits) <= 66
    assert len(set(waits)) > 3
    assert pressed.wait_s(session("dev_2")) == 0
    assert checkins(kept).wait_s(session()) == 0


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[SharedPlaces, SharedPlaces]]:
    """The same file, opened by two processes."""
    pair = SharedPlaces(tmp_path / "places"), SharedPlaces(tmp_path / "places")
    yield pair
    for one in pair:
        one.close()


def test_a_place_that_one_edge_booked_is_kept_by_the_other(places: tuple[SharedPlaces, SharedPlaces]) -> None:
    now_s = 1000.0
    here, there = (Admission(AdmissionLimits(1, 1000), lambda: now_s, one) for one in places)
    for number in range(5):
        here.wait_s(session(f"dev_{number}"))
    wait_s = here.wait_s(session("dev_9"))
    assert wait_s >= 10
    assert there.wait_s(session("dev_9")) == pytest.approx(wait_s, abs=1)
    now_s += wait_s
    assert there.wait_s(session("dev_9")) == 0


def test_places_of_different_routers_are_not_mixed_up(places: tuple[SharedPlaces, SharedPlaces]) -> None:
    here, there = places
    for number in range(1000):
        here.write(DeviceId(f"dev_{number:016d}"), float(number + 1), float(number + 2))
    found = [there.read(DeviceId(f"dev_{number:016d}")) for number in range(1000)]
    mixed = [pair for number, pair in enumerate(found) if pair not in ((number + 1.0, number + 2.0), (0.0, 0.0))]
    assert mixed == []
    # Two may share an entry, and the first is forgotten then.
    assert sum(pair != (0.0, 0.0) for pair in found) > 980
    assert there.read(DeviceId("dev_never")) == (0.0, 0.0)
