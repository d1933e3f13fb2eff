"""Herds, crowds and routers out of step, on a clock of the test (QUALITY R7)."""

import heapq
import random

import pytest

from tikfleet.domains.checkin.admission import SOONEST_S, Admission, AdmissionLimits, DeviceTooFast
from tikfleet.domains.checkin.model import plan_for
from tikfleet.domains.checkin.sessions import Session
from tikfleet.kernel.ids import DeviceId, OrganisationId

ACME, GLOBEX = OrganisationId("org_acme000000000"), OrganisationId("org_globex00000")


class Hands:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def a_session(number: int = 1, org_id: OrganisationId = ACME) -> Session:
    return Session(
        org_id, DeviceId(f"dev_{number:016d}"), f"secret{number}", "A", pending=False, removing=False,
        plan=plan_for(60), inventory_tag="", neighbors_tag="", known_until_s=0.0,
    )  # fmt: skip


def an_admission(per_second: int, per_device_minute: int = 1_000) -> tuple[Admission, Hands]:
    hands = Hands()
    return Admission(AdmissionLimits(per_second, per_device_minute), hands), hands


def herd(routers: int, per_second: int, told_s: int | None = None) -> tuple[float, int, int]:
    """All come within a second. Until when the last was taken, the most tries of one, the most taken in one second.

    `told_s` is what a server without places tells everybody that it cannot take.
    """
    admission, hands = an_admission(per_second)
    start_s, random_ = hands.now_s, random.Random(7)
    coming = [(start_s + random_.random(), number, a_session(number)) for number in range(routers)]
    heapq.heapify(coming)
    tries = [0] * routers
    taken: dict[int, int] = {}
    last_s = start_s
    while coming and last_s < start_s + 3_600:
        hands.now_s, number, session = heapq.heappop(coming)
        tries[number] += 1
        second = int(hands.now_s)
        naive_s = (told_s or 0) if taken.get(second, 0) >= per_second else 0
        wait_s = admission.wait_s(session) if told_s is None else naive_s
        if wait_s:
            heapq.heappush(coming, (hands.now_s + wait_s + random_.random() / 10, number, session))
        else:
            taken[second] = taken.get(second, 0) + 1
            last_s = hands.now_s
    return last_s - start_s, max(tries), max(taken.values())


def test_a_returning_herd_is_taken_in_one_and_a_half_times_the_least_time() -> None:
    last_s, tries, most = herd(10_000, 500)

    # A tenth of the time is left for what a network and a busy machine add.
    assert last_s <= 1.4 * 10_000 / 500
    assert tries <= 2
    # What is taken within one second is at most five seconds of work.
    assert most <= 5 * 500


def test_without_places_the_same_herd_takes_many_times_as_long() -> None:
    last_s, tries, _ = herd(10_000, 500, told_s=60)

    assert last_s > 10 * 10_000 / 500
    assert tries > 2


def test_a_quiet_fleet_is_never_told_to_wait() -> None:
    admission, hands = an_admission(100)
    sessions = [a_session(number) for number in range(600)]
    for _ in range(10):
        for number, session in enumerate(sessions):
            hands.now_s += 0.1
            assert admission.wait_s(session) == 0, number

    assert admission.booked == 0


def test_a_place_is_kept_when_its_router_comes_early_or_late() -> None:
    admission, hands = an_admission(1)
    assert [admission.wait_s(a_session(number)) for number in range(4)] == [0] * 4
    session = a_session(9)

    wait_s = admission.wait_s(session)
    hands.now_s += 1
    again_s = admission.wait_s(session)
    hands.now_s += 600

    assert wait_s >= SOONEST_S
    assert again_s == max(SOONEST_S, wait_s - 1)
    assert admission.wait_s(session) == 0


def test_one_organisation_does_not_take_the_seconds_of_another() -> None:
    admission, hands = an_admission(100)
    refused = 0
    for second in range(60):
        hands.now_s = 1_000.0 + second
        # Ten times what the server takes, from one organisation; a little from the other, after it.
        for number in range(1_000):
            admission.wait_s(a_session(second * 1_000 + number, ACME))
            if number % 100 == 50:
                refused += admission.wait_s(a_session(second * 1_000 + number, GLOBEX)) > 0

    # The small one is served within its share although the large one fills every second that can be booked.
    assert refused <= 600 * 0.2


def test_a_router_that_never_stops_is_refused_with_a_time_to_wait() -> None:
    admission, _ = an_admission(1_000_000, per_device_minute=20)
    session = a_session()

    for _ in range(21):
        assert admission.wait_s(session) == 0
    with pytest.raises(DeviceTooFast) as refusal:
        admission.wait_s(session)

    assert 1 <= refusal.value.retry_after_s <= 3
    assert admission.wait_s(a_session(2)) == 0
