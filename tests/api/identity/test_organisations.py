from typing import Any

DEFAULTS = {
    "checkin_interval_s": 60,
    "offline_after_missed": 3,
    "timezone": "UTC",
    "runs_need_approval": False,
    "job_devices_per_minute": 0,
    "job_devices_per_person_minute": 0,
    "job_devices_per_request": 0,
    "traffic_addresses": "full",
    "log_retention_days": 0,
    "job_retention_days": 0,
    "event_retention_days": 0,
}


async def active(browser):
    return (await browser.get("/session")).json()["organisation"]["id"]


async def test_organisations_nest_and_roles_reach_down(house, owner, tenants):
    house.counts.devices = {tenants.acme_id: 7}
    listed = (await owner.get("/organisations?sort=name")).json()
    assert [(one["name"], one["device_count"]) for one in listed["items"]] == [("Acme", 0), ("acme", 7), ("globex", 0)]
    below = await tenants.acme.post("/organisations", {"name": "Branch", "parent_id": tenants.acme_id})
    assert below.status_code == 201
    names = {one["name"]: one["role"] for one in (await owner.get("/session")).json()["organisations"]}
    assert names == {"Acme": "owner", "acme": "owner", "globex": "owner", "Branch": "owner"}
    assert (await tenants.globex.get("/organisations")).json()["total"] == 1


async def test_other_organisations_do_not_exist(tenants):
    for ask in (
        lambda org: tenants.acme.get(f"/organisations/{org}"),
        lambda org: tenants.acme.patch(f"/organisations/{org}", {"name": "Mine"}),
        lambda org: tenants.acme.delete(f"/organisations/{org}"),
        lambda org: tenants.acme.post("/organisations", {"name": "Sub", "parent_id": org}),
    ):
        foreign, absent = await ask(tenants.globex_id), await ask("org_0000000000000000")
        assert foreign.status_code == 404
        assert foreign.json() | {"instance": ""} == absent.json() | {"instance": ""}


async def test_siblings_have_different_names(owner, tenants):
    answer = await owner.patch(f"/organisations/{tenants.acme_id}", {"name": "globex"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict.exists")
    renamed = await owner.patch(f"/organisations/{tenants.acme_id}", {"name": "Acme East"})
    assert renamed.json()["name"] == "Acme East"


async def test_only_an_empty_organisation_below_is_deleted(house, owner, tenants):
    assert (await owner.delete(f"/organisations/{await active(owner)}")).json()["code"] == "organisation.active"
    assert (await owner.delete(f"/organisations/{tenants.acme_id}")).json()["code"] == "organisation.in-use"
    empty = (await owner.post("/organisations", {"name": "Empty", "parent_id": tenants.acme_id})).json()["id"]
    house.counts.devices = {empty: 1}
    assert (await owner.delete(f"/organisations/{empty}")).json()["code"] == "organisation.in-use"
    house.counts.devices = {}
    assert (await owner.delete(f"/organisations/{empty}")).status_code == 204
    assert (await owner.get(f"/organisations/{empty}")).status_code == 404


async def test_whoever_acts_in_a_deleted_organisation_signs_in_again(house, owner, tenants):
    empty = (await owner.post("/organisations", {"name": "Empty", "parent_id": tenants.acme_id})).json()["id"]
    await tenants.acme.put("/session/organisation", {"organisation_id": empty})
    await owner.delete(f"/organisations/{empty}")
    assert (await tenants.acme.get("/session")).status_code == 401


async def test_nesting_ends_somewhere(owner):
    parent = await active(owner)
    statuses = []
    for depth in range(9):
        answer = await owner.post("/organisations", {"name": f"level {depth}", "parent_id": parent})
        statuses.append(answer.status_code)
        parent = answer.json().get("id", parent)
    assert statuses == [201] * 7 + [409, 409]


async def values(client) -> dict[str, Any]:
    """The settings in force, without where they come from."""
    found = (await client.get("/settings")).json()
    return {name: found[name] for name in DEFAULTS}


async def test_a_setting_comes_from_above_until_an_organisation_has_its_own(house, owner, tenants):
    assert await values(tenants.acme) == DEFAULTS
    await owner.patch("/settings", {"checkin_interval_s": 300})
    assert await values(tenants.acme) == DEFAULTS | {"checkin_interval_s": 300}
    await tenants.acme.patch("/settings", {"timezone": "Europe/Riga"})
    assert await values(tenants.acme) == DEFAULTS | {"checkin_interval_s": 300, "timezone": "Europe/Riga"}
    await owner.patch("/settings", {"checkin_interval_s": 30, "timezone": "Asia/Tokyo"})
    acme, globex = await house.settings.of(tenants.acme_id), await house.settings.of(tenants.globex_id)
    assert (acme.checkin_interval_s, acme.timezone) == (30, "Europe/Riga")
    assert (globex.checkin_interval_s, globex.timezone) == (30, "Asia/Tokyo")
    unknown = await owner.patch("/settings", {"timezone": "Mars/Olympus"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "settings.timezone-unknown")
    for bad in ({"checkin_interval_s": 9}, {"timezone": "../etc"}, {"interval": 60}):
        assert (await owner.patch("/settings", bad)).status_code == 400


async def test_each_setting_says_whose_it_is_and_what_it_would_be(owner, tenants):
    await owner.patch("/settings", {"timezone": "Asia/Tokyo", "runs_need_approval": True})
    found = (await tenants.acme.patch("/settings", {"timezone": "Europe/Riga"})).json()
    assert (found["timezone"], found["own"], sorted(found["inherited"])) == (
        "Europe/Riga",
        ["timezone"],
        sorted(DEFAULTS),
    )
    above = (await owner.get("/organisations")).json()["items"]
    top = next(one for one in above if one["parent_id"] is None)
    chosen = {"organisation_id": top["id"], "organisation_name": top["name"]}
    assert found["inherited"]["timezone"] == {"value": "Asia/Tokyo"} | chosen
    assert found["inherited"]["runs_need_approval"] == {"value": True} | chosen
    nobody = {"organisation_id": None, "organisation_name": None}
    assert found["inherited"]["checkin_interval_s"] == {"value": 60} | nobody


async def test_a_setting_given_back_follows_the_organisation_above_again(house, owner, tenants):
    await owner.patch("/settings", {"timezone": "Asia/Tokyo"})
    await tenants.acme.patch("/settings", {"timezone": "Europe/Riga", "checkin_interval_s": 120})
    back = (await tenants.acme.patch("/settings", {"timezone": None})).json()
    assert (back["timezone"], back["checkin_interval_s"], back["own"]) == ("Asia/Tokyo", 120, ["checkin_interval_s"])
    assert (await house.settings.of(tenants.acme_id)).timezone == "Asia/Tokyo"
    none = (await tenants.acme.patch("/settings", {"checkin_interval_s": None})).json()
    assert (none["checkin_interval_s"], none["own"]) == (60, [])
    assert (await tenants.acme.patch("/settings", {"checkin_interval_s": None})).json() == none
    changed = (await tenants.acme.get("/audit?action=settings.changed")).json()["items"]
    assert [entry["after"]["timezone"] for entry in changed] == [None, None, "Europe/Riga"]


async def test_lines_are_kept_as_long_as_the_nearest_organisation_above_says(house, owner, tenants):
    assert await house.settings.log_days() == {}
    assert (await tenants.acme.patch("/settings", {"log_retention_days": 7})).json()["log_retention_days"] == 7
    assert await house.settings.log_days() == {tenants.acme_id: 7}
    await owner.patch("/settings", {"log_retention_days": 14})
    days = await house.settings.log_days()
    assert (days[tenants.acme_id], days[tenants.globex_id]) == (7, 14)
    await tenants.acme.patch("/settings", {"log_retention_days": 0})
    assert tenants.acme_id not in await house.settings.log_days()
    changed = [
        entry for entry in (await tenants.acme.get("/audit")).json()["items"] if entry["action"] == "settings.changed"
    ]
    assert [entry["after"]["log_retention_days"] for entry in changed] == [0, 7]


async def test_lines_are_kept_no_longer_than_the_installation_keeps_them(house, owner):
    house.settings._most_days["log_retention_days"] = 30
    assert (await owner.patch("/settings", {"log_retention_days": 30})).status_code == 200
    assert await house.settings.log_days() == {}
    refused = await owner.patch("/settings", {"log_retention_days": 31})
    assert (refused.status_code, refused.json()["code"]) == (409, "settings.retention-too-long")
    for bad in (-1, 1.5, "week"):
        assert (await owner.patch("/settings", {"log_retention_days": bad})).status_code == 400
