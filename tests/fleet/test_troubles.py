"""What stands in the way of the agent that is shipped, and what it does then."""

import time

import pytest

from .conftest import MakeHome
from .house import RELEASES, House

TIERS = sorted(RELEASES)


async def test_device_mode_home_is_refused_in_plain_words(home: MakeHome) -> None:
    router = await home("A", device_mode="home")

    shown = await router.enrol()

    assert "device mode: /system device-mode print must show fetch: yes" in shown
    assert "Nothing was added." in shown
    assert (router.names("/system/script"), router.names("/system/scheduler")) == ([], [])
    assert router.names("/certificate") == []


@pytest.mark.parametrize("tier", TIERS)
async def test_a_clock_that_is_not_set_is_said(tier: str, home: MakeHome) -> None:
    router = await home(tier)
    router.router.menus.store.clock_offset_s = -time.time() + 3_600

    shown = await router.enrol()

    assert "the clock: /system clock print must show today" in shown
    assert "SSL" in shown
    assert (router.names("/system/script"), router.names("/certificate")) == ([], [])


@pytest.mark.parametrize("tier", TIERS)
async def test_without_the_authority_nothing_is_taken(tier: str, home: MakeHome, house: House) -> None:
    router = await home(tier)
    line = router.line(house.key())
    begin, end = line.index(":if ([:len [/certificate find"), line.index(":do {/tool fetch")

    shown = (await router.run(line[:begin] + line[end:])).shown

    assert "no trusted CA certificate found" in shown
    assert router.names("/system/script") == []


@pytest.mark.parametrize("tier", TIERS)
async def test_a_revoked_key_lets_nobody_in(tier: str, home: MakeHome, house: House) -> None:
    router = await home(tier)
    key = house.key()
    house.api.delete(f"/enrolment-keys/{key.get('id') or key['key']['id']}").raise_for_status()

    shown = await router.enrol(key)

    assert "Create a fresh enrolment key in the dashboard and paste its line." in shown
    assert "Enrolled" not in shown
    assert (router.names("/system/script"), router.names("/certificate")) == ([], [])


@pytest.mark.parametrize("tier", TIERS)
async def test_a_server_that_is_away_is_asked_no_faster_than_before(tier: str, home: MakeHome) -> None:
    router = await home(tier)
    await router.enrol()
    await router.report(2)

    router.road.close()
    before = len(router.road.trips)
    await router.later(1_800)
    asked = len(router.road.trips) - before
    router.road.reopen()
    await router.report(2)

    assert 10 <= asked <= 33


@pytest.mark.parametrize("tier", TIERS)
async def test_an_answer_that_is_lost_costs_nothing(tier: str, home: MakeHome, house: House) -> None:
    router = await home(tier)
    await router.enrol()
    await router.report()

    router.road.lose_answer("/checkin")
    await router.report(2)

    lost = next(place for place, trip in enumerate(router.road.to("/checkin")) if not trip.status)
    first, again = router.road.to("/checkin")[lost : lost + 2]
    assert sequence(first.sent) == sequence(again.sent)
    assert house.device(router.id)["missed_checkins"] == 0


@pytest.mark.parametrize("tier", TIERS)
async def test_two_runs_never_overlap(tier: str, home: MakeHome) -> None:
    router = await home(tier)
    await router.enrol()
    # Past the spread of the first five minutes, and just after a run.
    await router.report(7)
    before = len(router.road.to("/checkin"))

    await router.run(':for i from=1 to=5 do={:execute script="/system script run tikfleet-agent"}; :delay 20s')

    assert len(router.road.to("/checkin")) <= before + 1


@pytest.mark.parametrize("tier", TIERS)
async def test_a_new_token_that_does_not_work_never_costs_the_old_one(tier: str, home: MakeHome) -> None:
    router = await home(tier)
    await router.enrol()
    await router.report()
    held = router.router.menus.store.table("/system/script").named("tikfleet-token")
    assert held is not None
    token = held["source"]

    router.road.amend(token="tfd_" + "x" * 49)
    await router.report()
    offered = router.router.menus.store.table("/system/script").named("tikfleet-token")
    assert offered is not None
    assert "tfd_" + "x" * 49 in offered["source"]
    await router.report(3)

    refused = [trip for trip in router.road.to("/checkin") if b'"ok":true' not in trip.got and b"ok=1" not in trip.got]
    assert 1 <= len(refused) <= 3
    assert token.split()[-1].removeprefix("token=") in str(
        router.router.menus.store.table("/system/script").named("tikfleet-token")
    )


def sequence(sent: bytes) -> bytes:
    """The line or the member that numbers a report."""
    at = sent.index(b"seq")
    return sent[at : at + 12].split(b"\n")[0].split(b",")[0]
