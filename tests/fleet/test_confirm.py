"""Changes that a router undoes by itself unless it reaches the platform again, in every tier."""

from typing import Any

import pytest

from tikfleet.app.bridges import AGENT_VERSION
from tikfleet.virtual.full.uplink import Uplink

from .conftest import MakeHome
from .house import RELEASES, Home, House

TIERS = sorted(RELEASES)
WITHIN_S = 120
# Each takes its router off the net in another way; the name shows whether the change is still there.
CUTS = {
    "the interface is disabled": "/interface disable ether1",
    "the address is not asked for any more": "/ip dhcp-client remove [find]",
    "a more exact route leads astray": "/ip address add address=10.9.9.1/24 interface=ether2; "
    "/ip route add dst-address=203.0.113.0/24 gateway=10.9.9.2",
    "the firewall drops what goes out": "/ip firewall filter add chain=output protocol=tcp action=drop",
    "the firewall drops every answer": "/ip firewall filter add chain=input in-interface=ether1 action=drop",
}
_OURS = "tikfleet-undo"


async def enrolled(home: MakeHome, tier: str, *, uplink: Uplink | None = None, **profile: object) -> Home:
    router = await home(tier, uplink=uplink or Uplink(), **profile)
    await router.run("/ip dhcp-client add interface=ether1 disabled=no; /system identity set name=before")
    await router.enrol()
    await router.report()
    return router


def ask(house: House, router: Home, script: str, within_s: int = WITHIN_S, **job: object) -> str:
    return house.ask(router.id, kind="script", script=script, confirm={"within_s": within_s}, **job)


async def ended(house: House, router: Home, job_id: str) -> dict[str, Any]:
    """The job when it is over, however long its router is away."""
    await router.until(lambda: house.job(job_id)["finished_at"], within_s=2_000)
    return house.job(job_id)


def armed(router: Home) -> list[str]:
    """What an undo leaves on a router while it is armed."""
    files = [name for name in router.router.files.sizes() if _OURS in name]
    return [
        *files,
        *(name for menu in ("/system/script", "/system/scheduler") for name in router.names(menu) if name == _OURS),
    ]


def notes(job: dict[str, Any]) -> str:
    return "\n".join(entry["note"] for entry in job["history"])


@pytest.mark.parametrize("tier", TIERS)
async def test_a_change_after_which_the_router_reaches_the_platform_stays(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)

    job = await ended(house, router, ask(house, router, ':put "hello"; /system identity set name=changed'))

    assert (job["status"], job["confirm"]) == ("succeeded", {"within_s": WITHIN_S, "state": "confirmed"}), job
    assert "hello" in job["output"]
    assert "the device reached Tikfleet after the change: confirmed" in notes(job)
    await router.later(2 * WITHIN_S)
    assert router.router.identity() == "changed"
    assert armed(router) == []


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
async def test_a_change_that_cuts_the_uplink_is_undone_by_the_router(
    cut: str, tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    job_id = ask(house, router, f"/system identity set name=changed; {cut}")
    await router.until(lambda: router.router.identity() == "changed")
    reached = len(router.reports())

    await router.until(lambda: router.router.identity() == "before")
    assert len(router.reports()) == reached
    job = await router.finished(job_id)

    assert (job["status"], job["confirm"]["state"]) == ("rolled_back", "undone"), (job["error"], notes(job))
    assert job["error"].startswith("undone: ")
    assert router.router.identity() == "before"
    await router.report(2)
    assert armed(router) == []
    after = await router.finished(house.ask(router.id, kind="script", script=":put well"))
    assert after["status"] == "succeeded"


@pytest.mark.parametrize("tier", TIERS)
async def test_a_script_that_fails_is_undone_at_once_and_its_error_is_told(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    begun_s = router.clock.now_s()

    script = '/system identity set name=changed; :put "so far"; :error "no such luck"'
    job = await ended(house, router, ask(house, router, script, within_s=3_600))

    assert (job["status"], job["confirm"]["state"]) == ("rolled_back", "undone"), job
    assert job["error"].startswith("undone: ")
    assert ("no such luck" in job["error"]) == (tier in "AB")
    assert "so far" in job["output"]
    assert router.router.identity() == "before"
    assert router.clock.now_s() - begun_s < 300
    await router.report()
    assert armed(router) == []


@pytest.mark.parametrize("tier", TIERS)
async def test_without_room_for_a_restore_point_nothing_is_changed(tier: str, home: MakeHome, house: House) -> None:
    router = await enrolled(home, tier, disk_bytes=4 << 20)
    used = sum(size for size in router.router.files.sizes().values() if size > 0)
    router.router.files.write("full", b"x" * ((4 << 20) - used - 20_000))

    job = await ended(house, router, ask(house, router, "/system identity set name=changed"))

    assert (job["status"], job["confirm"]["state"]) == ("failed", "none"), job
    told = job["error"] if tier in "AB" else job["output"]
    assert "not run: no restore point could be made" in told
    assert router.router.identity() == "before"
    assert armed(router) == []


@pytest.mark.parametrize("tier", TIERS)
async def test_a_reboot_inside_the_change_is_undone(tier: str, home: MakeHome, house: House) -> None:
    router = await enrolled(home, tier)

    script = "/system identity set name=changed; /system reboot; :delay 60s; :put never"
    job = await ended(house, router, ask(house, router, script, within_s=3_600))

    assert (job["status"], job["confirm"]["state"]) == ("rolled_back", "undone"), job
    assert router.router.identity() == "before"
    await router.report()
    assert armed(router) == []


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("returns", [True, False], ids=["and the platform is reached", "and it is not"])
async def test_a_reboot_after_the_change_loses_neither_the_undo_nor_the_confirmation(
    returns: bool, tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    router.road.withhold("job-confirm")
    job_id = ask(house, router, "/system identity set name=changed")
    await router.until(lambda: house.job(job_id)["confirm"]["state"] == "reached")

    router.router.reboot()
    await router.until(lambda: router.router.menus.store.uptime_s() < 5)
    assert router.router.identity() == "changed"
    if returns:
        router.road.withhold("")
    job = await ended(house, router, job_id)

    assert (job["status"], router.router.identity()) == (
        ("succeeded", "changed") if returns else ("rolled_back", "before")
    ), job
    await router.later(3 * WITHIN_S)
    assert armed(router) == []


@pytest.mark.parametrize("tier", TIERS)
async def test_a_confirmation_that_never_arrives_is_none(tier: str, home: MakeHome, house: House) -> None:
    router = await enrolled(home, tier)
    router.road.withhold("job-confirm")

    job = await ended(house, router, ask(house, router, "/system identity set name=changed"))

    assert job["status"] == "rolled_back"
    assert "the confirmation did not reach the device" in job["error"]
    assert router.router.identity() == "before"


@pytest.mark.parametrize("tier", TIERS)
async def test_lost_answers_on_the_way_to_a_confirmation_cost_nothing(tier: str, home: MakeHome, house: House) -> None:
    router = await enrolled(home, tier)
    router.road.lose_answer("/result")
    job_id = ask(house, router, ':put "kept"; /system identity set name=changed', within_s=600)
    await router.until(lambda: router.router.identity() == "changed")
    router.road.lose_answer("/checkin")

    job = await ended(house, router, job_id)
    await router.report(2)

    assert (job["status"], router.router.identity()) == ("succeeded", "changed"), job
    assert "kept" in house.job(job_id)["output"]
    assert len(router.road.to(f"/jobs/{job_id}/script")) == 1
    assert armed(router) == []


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("years", [10, -10])
async def test_a_clock_that_jumps_neither_hastens_nor_stops_the_undo(
    years: int, tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    job_id = ask(house, router, "/system identity set name=changed; /ip dhcp-client remove [find]", within_s=300)
    await router.until(lambda: router.router.identity() == "changed")
    changed_s = router.clock.elapsed_s()

    router.router.menus.store.clock_offset_s += years * 365.25 * 86_400
    await router.until(lambda: router.router.identity() == "before")
    undone_after_s = router.clock.elapsed_s() - changed_s
    router.router.menus.store.clock_offset_s = 0.0

    assert 300 <= undone_after_s < 360
    assert (await router.finished(job_id))["status"] == "rolled_back"


@pytest.mark.parametrize("tier", TIERS)
async def test_a_router_that_is_let_go_meanwhile_keeps_the_change_and_no_undo(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    router.road.withhold("job-confirm")
    job_id = ask(house, router, "/system identity set name=changed", within_s=600)
    await router.until(lambda: house.job(job_id)["confirm"]["state"] == "reached")

    house.api.delete(f"/devices/{router.id}").raise_for_status()
    await router.until(lambda: not router.names("/system/script"))
    await router.later(1_200)

    assert router.router.identity() == "changed"
    assert armed(router) == []
    assert await router.value("[:len [/system script environment find]]") == "0"


@pytest.mark.parametrize("tier", TIERS)
async def test_an_agent_that_knows_of_no_undo_is_replaced_before_it_gets_such_a_job(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    script = router.router.menus.store.table("/system/script").named("tikfleet-agent")
    assert script is not None
    script["source"] = script["source"].replace(AGENT_VERSION, "1.0.0")

    job_id = ask(house, router, "/system identity set name=changed")
    job = await ended(house, router, job_id)

    assert job["status"] == "succeeded"
    paths = [trip.path for trip in router.road.trips]
    assert paths.index("/agent/v1/agent") < paths.index(f"/agent/v1/jobs/{job_id}/script")


async def test_an_undo_that_somebody_takes_away_is_not_called_a_success(home: MakeHome, house: House) -> None:
    router = await enrolled(home, "A")
    router.road.withhold("job-confirm")
    job_id = ask(house, router, "/system identity set name=changed", within_s=3_600)
    await router.until(lambda: house.job(job_id)["confirm"]["state"] == "reached")

    await router.run("/system scheduler remove tikfleet-undo")
    job = await ended(house, router, job_id)

    assert (job["status"], job["error"]) == ("failed", "the change was neither confirmed nor undone: it stays")
    assert router.router.identity() == "changed"


async def test_a_board_with_a_flash_folder_keeps_the_restore_point_in_it(home: MakeHome, house: House) -> None:
    router = await enrolled(home, "A")
    await router.run("/file add name=flash type=directory")
    router.road.withhold("job-confirm")
    ask(house, router, "/system identity set name=changed", within_s=3_600)

    await router.until(lambda: len(armed(router)) == len(("file", "script", "scheduler")))

    assert armed(router)[0] == "flash/tikfleet-undo.backup"
