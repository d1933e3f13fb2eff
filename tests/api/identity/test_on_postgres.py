"""Every statement of identity and audit once more, on PostgreSQL."""

import asyncio

import pytest

PASSWORD = "twelve monkeys ride"


@pytest.fixture
def store(postgres_store):
    return postgres_store


async def test_first_run(house):
    token = await house.setup.open()
    first = {"organisation": "Acme", "email": "ada@acme.example", "name": "Ada", "password": PASSWORD}
    assert (await house.browser().post("/setup", {"token": token, **first})).status_code == 201
    assert await house.setup.open() is None


async def test_organisations_people_and_their_rules(house, owner, tenants, join):
    root = (await owner.get("/session")).json()["organisation"]["id"]
    assert (await owner.get("/organisations?sort=-name&q=ACM")).json()["total"] == 2
    twice = await owner.post("/organisations", {"name": "acme", "parent_id": root})
    assert (twice.status_code, twice.json()["code"]) == (409, "conflict.exists")
    await owner.patch(f"/organisations/{tenants.acme_id}", {"name": "Acme East"})
    empty = (await owner.post("/organisations", {"name": "Empty", "parent_id": tenants.acme_id})).json()["id"]
    assert (await owner.delete(f"/organisations/{tenants.acme_id}")).json()["code"] == "organisation.in-use"
    assert (await owner.delete(f"/organisations/{empty}")).status_code == 204
    guest = (await (await join(owner, "guest@x.example", "admin")).get("/session")).json()["person"]["id"]
    assert (await owner.patch(f"/people/{guest}", {"disabled": True})).json()["disabled"] is True
    for sort in ("name", "-email", "role", "created_at", "-last_signed_in_at"):
        page = (await owner.get(f"/people?limit=1&sort={sort}")).json()
        rest = (await owner.get(f"/people?limit=1&sort={sort}&cursor={page['next_cursor']}")).json()
        assert rest["items"][0]["id"] != page["items"][0]["id"]
        assert rest["next_cursor"] is None
    assert (await owner.delete(f"/people/{guest}")).status_code == 204
    me = (await owner.get("/session")).json()["person"]["id"]
    assert (await owner.patch(f"/people/{me}", {"role": "viewer"})).json()["code"] == "person.last-owner"
    assert (await tenants.acme.get(f"/people/{me}")).status_code == 404


async def test_credentials(house, owner):
    made = [(await owner.post("/tokens", {"name": f"t{n}", "scopes": ["audit:read"]})).json() for n in range(3)]
    page = (await owner.get("/tokens?limit=2&sort=-created_at")).json()
    assert (await owner.get(f"/tokens?limit=2&sort=-created_at&cursor={page['next_cursor']}")).json()["total"] == 3
    program = house.browser()
    program.token = made[0]["secret"]
    assert (await program.get("/audit")).status_code == 200
    assert (await owner.get(f"/tokens/{made[0]['id']}")).json()["last_used_at"] is not None
    await owner.delete(f"/tokens/{made[0]['id']}")
    assert (await program.get("/audit")).status_code == 401
    house.clock.pass_(hours=1)
    assert (await owner.get("/session")).status_code == 200
    fresh = {"current_password": PASSWORD, "new_password": "another horse stapler"}
    assert (await owner.put("/session/password", fresh)).status_code == 204
    assert (await owner.sign_in("ada@acme.example", "another horse stapler")).status_code == 200
    assert (await owner.delete("/session")).status_code == 204


async def test_settings_and_audit(house, owner, tenants):
    await owner.patch("/settings", {"checkin_interval_s": 300})
    await tenants.acme.patch("/settings", {"timezone": "Europe/Riga"})
    assert (await house.settings.of(tenants.acme_id)).checkin_interval_s == 300
    found = (await owner.get("/audit?action=settings.changed&q=ettin&from=2026-01-01T00:00:00Z&limit=1")).json()
    assert found["total"] == 2
    older = (await owner.get(f"/audit?action=settings.changed&limit=1&cursor={found['next_cursor']}")).json()
    assert older["items"][0]["after"]["checkin_interval_s"] == 300
    assert (await tenants.globex.get("/audit?action=settings.changed")).json()["items"] == []


async def test_two_owners_who_step_down_at_once_leave_one(owner, join):
    browsers = [owner, await join(owner, "second@x.example", "owner")]
    ids = [(await browser.get("/session")).json()["person"]["id"] for browser in browsers]
    answers = await asyncio.gather(
        *(browser.patch(f"/people/{one}", {"role": "viewer"}) for browser, one in zip(browsers, ids, strict=True))
    )
    assert [answer.status_code for answer in answers].count(200) == 1
    assert {answer.status_code for answer in answers} <= {200, 409, 503}
