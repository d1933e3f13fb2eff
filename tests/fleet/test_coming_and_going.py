"""The agent that is shipped, in every tier: it comes by the line that is pasted, reports, and goes without a trace."""

import pytest

from tikfleet.app.bridges import AGENT_VERSION

from .conftest import MakeHome
from .house import RELEASES, House

TIERS = sorted(RELEASES)
OURS = (
    '/system script add name=mine source=":log info mine" comment="user: stays"; '
    '/system scheduler add name=nightly interval=1d on-event="/system script run mine"; '
    "/ip address add address=10.20.30.1/24 interface=ether2 comment=tikfleet-like; "
    "/system identity set name=branch"
)


def configuration(shown: str) -> list[str]:
    """An export without the lines that tell its time."""
    return [line for line in shown.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("tier", TIERS)
async def test_a_router_enrols_by_the_line_and_its_page_shows_what_it_is(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await home(tier)
    await router.run(OURS)

    shown = await router.enrol()
    await router.report(3)

    assert "importing the authority of the server as tikfleet-ca" in shown
    assert f"RouterOS  {RELEASES[tier]}" in shown
    assert "Enrolled as device" in shown
    assert {"tikfleet-agent", "tikfleet-token"} <= set(router.names("/system/script"))
    assert {"tikfleet", "tikfleet-startup"} <= set(router.names("/system/scheduler"))
    device = await house.until(lambda: (found := house.device(router.id))["status"] == "online" and found)
    assert (device["identity"], device["version"], device["agent_tier"]) == ("branch", RELEASES[tier], tier)
    assert (device["board"], device["cpu_count"]) == ("CHR", 1)
    assert device["memory_total_bytes"] == 268_435_456
    assert 0 < device["memory_free_bytes"] < device["memory_total_bytes"]
    assert device["uptime_s"] > 0
    interfaces = {row["name"]: row for row in house.get(f"/devices/{router.id}/interfaces")["items"]}
    assert {"ether1", "ether2", "ether3", "ether4"} <= set(interfaces)
    neighbours = house.get(f"/devices/{router.id}/neighbors")["items"]
    assert len(neighbours) == int(await router.value("[:len [/ip neighbor find]]"))


@pytest.mark.parametrize("tier", TIERS)
async def test_a_boards_model_serial_number_and_firmware_are_shown_as_they_are(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await home(tier, board="hAP", model="RB952Ui-5ac2nD", architecture="mipsbe")
    await router.enrol()
    await router.report(3)

    device = await house.until(lambda: (found := house.device(router.id))["firmware"] and found)

    assert (device["board"], device["model"]) == ("hAP", "RB952Ui-5ac2nD")
    assert device["serial"] == router.router.profile.serial
    assert device["firmware"] == RELEASES[tier]


@pytest.mark.parametrize("tier", TIERS)
async def test_a_new_name_is_seen_at_the_next_inventory(tier: str, home: MakeHome, house: House) -> None:
    router = await home(tier)
    await router.enrol()
    await router.report()

    await router.run("/system identity set name=renamed-by-hand")
    await router.report(12)

    assert await house.until(lambda: house.device(router.id)["identity"] == "renamed-by-hand")


@pytest.mark.parametrize("tier", TIERS)
async def test_a_removed_router_is_as_it_was_before_it_came(tier: str, home: MakeHome, house: House) -> None:
    router = await home(tier)
    await router.run(OURS)
    before = configuration((await router.run("/export")).shown)
    files = set(router.router.files.sizes())
    await router.enrol()
    await router.report(2)
    assert configuration((await router.run("/export")).shown) != before

    house.api.delete(f"/devices/{router.id}").raise_for_status()
    await router.until(lambda: "tikfleet" not in router.names("/system/scheduler"))
    await router.later(120)

    assert configuration((await router.run("/export")).shown) == before
    assert set(router.router.files.sizes()) == files
    assert router.names("/certificate") == []
    assert await router.value("[:len [/system script environment find]]") == "0"
    quiet = len(router.road.trips)
    await router.later(600)
    assert len(router.road.trips) == quiet


@pytest.mark.parametrize("tier", TIERS)
async def test_an_agent_that_is_told_of_a_newer_one_replaces_itself_once(tier: str, home: MakeHome) -> None:
    router = await home(tier)
    await router.enrol()
    await router.report()
    script = router.router.menus.store.table("/system/script").named("tikfleet-agent")
    assert script is not None
    source = script["source"]
    script["source"] = source.replace(AGENT_VERSION, "0.0.9")
    assert script["source"] != source

    router.road.amend(agent=AGENT_VERSION)
    await router.report()
    router.road.amend(agent=AGENT_VERSION)
    await router.report(2)

    found = router.router.menus.store.table("/system/script").named("tikfleet-agent")
    assert found is not None
    assert found["source"] == source
    assert len(router.road.to("/agent/v1/agent")) == 1


@pytest.mark.parametrize("tier", TIERS)
async def test_a_run_that_pauses_while_the_router_is_let_go_leaves_nothing_either(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await home(tier)
    await router.enrol()
    await router.report(2)
    house.api.delete(f"/devices/{router.id}").raise_for_status()

    await router.until(lambda: router.road.to("/agent/v1/remove"))
    # The next run begins between the answer and the removal, and pauses before it reports.
    await router.run(':delay 2s; :execute script="/system script run tikfleet-agent"')
    await router.until(lambda: "tikfleet-agent" not in router.names("/system/script"))
    await router.later(200)

    assert await router.value("[:len [/system script environment find]]") == "0"
    assert router.names("/certificate") == []
    assert not [name for name in router.router.files.sizes() if name.startswith("tikfleet")]


async def test_pasting_the_line_again_refreshes_and_keeps_the_device(home: MakeHome, house: House) -> None:
    router = await home("A")
    key = house.key()
    await router.enrol(key)
    await router.report()

    shown = (await router.run(router.line(key))).shown

    assert "enrolled before: its agent has been refreshed" in shown
    assert len(router.road.to("/agent/v1/enrol")) == 1
    assert sorted(router.names("/system/scheduler")) == ["tikfleet", "tikfleet-startup"]
