"""Jobs on the agent that is shipped, in every tier."""

import pytest

from .conftest import MakeHome
from .house import RELEASES, Home, House

TIERS = sorted(RELEASES)


async def enrolled(home: MakeHome, tier: str) -> Home:
    router = await home(tier)
    await router.enrol()
    await router.report()
    return router


@pytest.mark.parametrize("tier", TIERS)
async def test_what_a_query_puts_arrives(tier: str, home: MakeHome, house: House) -> None:
    router = await enrolled(home, tier)
    script = ':put ("sum " . (20 + 22)); :foreach i in=[/interface find] do={:put [/interface get $i name]}'

    job = await router.finished(house.ask(router.id, kind="script", job_class="query", script=script))

    assert (job["status"], job["error"]) == ("succeeded", None)
    assert [line.strip() for line in job["output"].split("\n")][:3] == ["sum 42", "ether1", "ether2"]


@pytest.mark.parametrize("tier", TIERS)
async def test_a_job_that_fails_tells_so_and_why_where_routeros_says_it(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)

    job = await router.finished(house.ask(router.id, kind="script", script=':put "begun"; :error "no such luck"'))

    assert job["status"] == "failed"
    if tier in "AB":
        assert "no such luck" in job["error"]


@pytest.mark.parametrize("tier", TIERS)
async def test_a_job_of_class_once_runs_once_though_every_answer_is_lost(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    router.road.lose_answer("/result")
    script = "/ip firewall address-list add list=once address=192.0.2.1 comment=counted"

    job = await router.finished(house.ask(router.id, kind="script", job_class="once", script=script))
    await router.report(2)

    assert job["status"] == "succeeded"
    assert await router.value("[:len [/ip firewall address-list find where list=once]]") == "1"
    assert len(router.road.to("/script")) == 1


@pytest.mark.parametrize("tier", TIERS)
async def test_a_job_of_class_once_whose_start_nobody_heard_does_not_run(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    router.road.lose_request("/started")
    script = "/ip firewall address-list add list=never address=192.0.2.1"

    job = await router.finished(house.ask(router.id, kind="script", job_class="once", script=script))

    assert job["status"] in ("failed", "unknown")
    assert await router.value("[:len [/ip firewall address-list find where list=never]]") == "0"


@pytest.mark.parametrize("tier", TIERS)
async def test_a_reboot_is_answered_before_it_happens_and_seen_after(tier: str, home: MakeHome, house: House) -> None:
    router = await enrolled(home, tier)
    before = len(router.reports())

    job_id = house.ask(router.id, kind="reboot")
    job = await router.finished(job_id)
    await router.until(lambda: "system,info router rebooted" in router.logged() and len(router.reports()) > before + 1)
    await router.report(2)

    assert job["status"] == "succeeded"
    assert len(router.road.to(f"/jobs/{job_id}/script")) == 1
    assert await house.until(lambda: house.device(router.id)["status"] == "online")


@pytest.mark.parametrize("tier", TIERS)
async def test_a_name_that_is_asked_for_is_set(tier: str, home: MakeHome, house: House) -> None:
    router = await enrolled(home, tier)
    name = 'Büro "7" $x'

    job = await router.finished(house.ask(router.id, kind="identity", parameters={"name": name}))

    assert job["status"] == "succeeded"
    assert router.router.identity() == name
    await router.report(12)
    assert await house.until(lambda: house.device(router.id)["identity"] == name)


async def filled(home: MakeHome, tier: str, count: int) -> Home:
    router = await enrolled(home, tier)
    add = '/ip firewall address-list add list=many address=(10.1.0.0 + $i) comment=("number " . $i)'
    assert (await router.run(f":for i from=1 to={count} do={{{add}}}")).error is None
    return router


# The agent's own script is some 33 KB of an export.
@pytest.mark.parametrize(("tier", "count"), [("A", 1_500), ("B", 1_500), ("C", 300)])
async def test_an_export_comes_whole(tier: str, count: int, home: MakeHome, house: House) -> None:
    router = await filled(home, tier, count)

    job = await router.finished(house.ask(router.id, kind="export"))

    assert (job["status"], job["error"], job["output_truncated"]) == ("succeeded", None, False)
    whole = house.api.get(f"/jobs/{job['id']}/output").text
    shown = (await router.run("/export")).shown
    assert whole.count('comment="number ') == count
    assert [line for line in whole.splitlines() if line.startswith("/")] == [
        line for line in shown.splitlines() if line.startswith("/")
    ]


@pytest.mark.parametrize(("tier", "count"), [("C", 1_500), ("D", 1)])
async def test_an_export_that_cannot_come_whole_has_failed_and_says_what_to_do(
    tier: str, count: int, home: MakeHome, house: House
) -> None:
    router = await filled(home, tier, count)

    job = await router.finished(house.ask(router.id, kind="export"))

    assert (job["status"], job["output_truncated"]) == ("failed", True)
    assert "upgrade the router to 7.13 or later, or ask for one menu at a time" in job["error"]


@pytest.mark.parametrize("tier", TIERS)
async def test_one_menu_can_be_had_on_every_release(tier: str, home: MakeHome, house: House) -> None:
    router = await filled(home, tier, 3)

    job = await router.finished(
        house.ask(router.id, kind="script", job_class="query", script="/ip firewall address-list export")
    )

    assert (job["status"], job["output_truncated"]) == ("succeeded", False)
    assert job["output"].count('comment="number ') == 3


@pytest.mark.parametrize("tier", TIERS)
async def test_typed_jobs_do_on_a_router_what_they_say(tier: str, home: MakeHome, house: House) -> None:
    router = await enrolled(home, tier)
    wanted = {"name": "blocked", "addresses": ["192.0.2.1", "198.51.100.0/24"]}

    listed = await router.finished(house.ask(router.id, kind="address-list", parameters=wanted))
    resolvers = await router.finished(house.ask(router.id, kind="dns", parameters={"servers": ["192.0.2.53"]}))
    clock = await router.finished(house.ask(router.id, kind="ntp", parameters={"servers": ["192.0.2.1"]}))
    ping = await router.finished(house.ask(router.id, kind="ping", parameters={"host": "192.0.2.1", "count": 2}))

    assert [job["status"] for job in (listed, resolvers, clock, ping)] == ["succeeded"] * 4
    assert "added 2, removed 0" in listed["output"]
    assert "sent=2" in ping["output"]
    assert await router.value("[:len [/ip firewall address-list find where list=blocked]]") == "2"
    assert await router.value("[/ip dns get servers]") == "192.0.2.53"


@pytest.mark.parametrize("tier", TIERS)
async def test_a_user_gets_a_new_password_and_the_platform_shows_it_nowhere(
    tier: str, home: MakeHome, house: House
) -> None:
    router = await enrolled(home, tier)
    told = {"user": "admin", "password": "correct horse battery"}

    job = await router.finished(house.ask(router.id, kind="user-password", parameters=told))

    assert (job["status"], job["parameters"]["password"]) == ("succeeded", "********")
    assert "correct horse" not in str(job)
