import asyncio
import json

import pytest

JSON = {"Content-Type": "application/json"}
PASSWORD = "twelve monkeys ride"


async def me(browser):
    return (await browser.get("/session")).json()["person"]["id"]


async def test_an_invited_person_is_pending_then_joins(owner, join):
    invited = await owner.post("/people", {"email": "Bob@Acme.example", "name": "Bob", "role": "viewer"})
    person = invited.json()
    assert (person["email"], person["pending"], person["role"]) == ("bob@acme.example", True, "viewer")
    listed = (await owner.get("/people?sort=email&q=bob")).json()
    assert [one["id"] for one in listed["items"]] == [person["id"]]
    assert "invitation_token" not in listed["items"][0]

    again = await owner.post("/people", {"email": "bob@acme.example", "name": "Bob", "role": "viewer"})
    assert (again.status_code, again.json()["code"]) == (409, "person.exists")


async def test_an_invitation_works_once_and_for_a_week(house, owner):
    body = {"name": "Bob", "password": PASSWORD}
    first = (await owner.post("/people", {"email": "b@x.example", "name": "B", "role": "viewer"})).json()
    late = (await owner.post("/people", {"email": "c@x.example", "name": "C", "role": "viewer"})).json()
    joined = await house.browser().post("/invitations/accept", {"token": first["invitation_token"], **body})
    assert joined.json()["role"] == "viewer"
    used = await house.browser().post("/invitations/accept", {"token": first["invitation_token"], **body})
    house.clock.pass_(days=8)
    expired = await house.browser().post("/invitations/accept", {"token": late["invitation_token"], **body})
    unknown = await house.browser().post("/invitations/accept", {"token": "tfi_x", **body})
    assert used.status_code == expired.status_code == unknown.status_code == 404
    assert used.content == expired.content == unknown.content


async def test_whoever_has_an_account_joins_with_its_password(house, owner, tenants):
    """An invitation lets nobody take over an account, not even the one who made it."""
    made = await tenants.globex.post("/people", {"email": "owner@acme.example", "name": "A", "role": "viewer"})
    token = made.json()["invitation_token"]
    stolen = await house.browser().post(
        "/invitations/accept", {"token": token, "name": "Mallory", "password": "mallory was here"}
    )
    assert stolen.status_code == 401
    joined = await house.browser().post("/invitations/accept", {"token": token, "name": "Anna", "password": PASSWORD})
    assert joined.status_code == 201
    assert joined.json()["organisation"]["id"] == tenants.globex_id
    assert {one["id"] for one in joined.json()["organisations"]} == {tenants.acme_id, tenants.globex_id}


@pytest.mark.parametrize(
    ("role", "granted", "status"),
    [("admin", "owner", 403), ("admin", "admin", 201), ("operator", "viewer", 403), ("viewer", "viewer", 403)],
)
async def test_nobody_grants_more_than_they_have(owner, join, role, granted, status):
    inviter = await join(owner, "inviter@x.example", role)
    answer = await inviter.post("/people", {"email": "new@x.example", "name": "New", "role": granted})
    assert answer.status_code == status


async def test_an_admin_does_not_touch_an_owner(owner, join):
    admin = await join(owner, "admin@x.example", "admin")
    target = await me(owner)
    for answer in (
        await admin.patch(f"/people/{target}", {"role": "viewer"}),
        await admin.patch(f"/people/{target}", {"disabled": True}),
        await admin.delete(f"/people/{target}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission.beyond")
    raised = await admin.patch(f"/people/{await me(admin)}", {"role": "owner"})
    assert raised.json()["code"] == "permission.beyond"


async def test_a_token_grants_no_more_than_its_scopes(owner):
    made = await owner.post("/tokens", {"name": "hr", "scopes": ["people:read", "people:write"]})
    owner.token = made.json()["secret"]
    answer = await owner.post("/people", {"email": "new@x.example", "name": "New", "role": "viewer"})
    assert answer.json()["code"] == "permission.beyond"


async def test_the_last_owner_stays(owner):
    target = await me(owner)
    demoted = await owner.patch(f"/people/{target}", {"role": "admin"})
    assert (demoted.status_code, demoted.json()["code"]) == (409, "person.last-owner")
    for answer in (await owner.patch(f"/people/{target}", {"disabled": True}), await owner.delete(f"/people/{target}")):
        assert (answer.status_code, answer.json()["code"]) == (409, "person.yourself")


async def test_one_of_two_owners_may_step_down_and_then_not_the_other(owner, join):
    second = await join(owner, "second@x.example", "owner")
    assert (await owner.patch(f"/people/{await me(owner)}", {"role": "viewer"})).status_code == 200
    assert (await owner.get("/session")).json()["role"] == "viewer"
    refused = await second.patch(f"/people/{await me(second)}", {"role": "viewer"})
    assert refused.json()["code"] == "person.last-owner"


async def test_a_pending_owner_is_no_owner_yet(owner):
    await owner.post("/people", {"email": "second@x.example", "name": "Second", "role": "owner"})
    refused = await owner.patch(f"/people/{await me(owner)}", {"role": "viewer"})
    assert refused.json()["code"] == "person.last-owner"


async def test_an_owner_above_is_owner_enough(owner, tenants):
    await owner.put("/session/organisation", {"organisation_id": tenants.acme_id})
    assert (await owner.delete(f"/people/{await me(tenants.acme)}")).status_code == 204
    assert (await tenants.acme.get("/session")).status_code == 401


async def test_disabling_ends_sessions_and_tokens_at_once(owner, join):
    admin = await join(owner, "admin@x.example", "admin")
    token = (await admin.post("/tokens", {"name": "ci", "scopes": ["settings:read"]})).json()["secret"]
    target = await me(admin)
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await admin.http.get("/api/v1/settings", headers=bearer)).status_code == 200

    assert (await owner.patch(f"/people/{target}", {"disabled": True})).json()["disabled"] is True

    assert (await admin.get("/people")).status_code == 401
    assert (await admin.http.get("/api/v1/settings", headers=bearer)).status_code == 401
    assert (await admin.sign_in("admin@x.example", PASSWORD)).status_code == 401
    await owner.patch(f"/people/{target}", {"disabled": False})
    assert (await admin.sign_in("admin@x.example", PASSWORD)).status_code == 200


async def test_a_lower_role_holds_for_the_next_request(owner, join):
    admin = await join(owner, "admin@x.example", "admin")
    assert (await admin.get("/audit")).status_code == 200
    await owner.patch(f"/people/{await me(admin)}", {"role": "viewer"})
    assert (await admin.get("/audit")).status_code == 403


async def test_a_removed_person_is_gone_and_can_be_invited_anew(owner, join):
    guest = await join(owner, "guest@x.example", "operator")
    target = await me(guest)
    assert (await owner.delete(f"/people/{target}")).status_code == 204
    assert (await guest.get("/session")).status_code == 401
    assert (await owner.get(f"/people/{target}")).status_code == 404
    assert (await join(owner, "guest@x.example", "viewer")) is not None


async def test_other_organisations_people_do_not_exist(tenants):
    other = await me(tenants.globex)
    for ask in (
        lambda who: tenants.acme.get(f"/people/{who}"),
        lambda who: tenants.acme.patch(f"/people/{who}", {"name": "X"}),
        lambda who: tenants.acme.delete(f"/people/{who}"),
    ):
        foreign, absent, malformed = await ask(other), await ask("per_0000000000000000"), await ask("per_%00'")
        assert foreign.status_code == 404
        assert foreign.json() | {"instance": ""} == absent.json() | {"instance": ""}
        assert malformed.json() | {"instance": ""} == absent.json() | {"instance": ""}


async def test_a_change_can_ask_for_the_state_that_was_seen(owner, join):
    guest = await me(await join(owner, "guest@x.example", "viewer"))
    refused = await owner.patch(f"/people/{guest}", {"name": "New"}, headers={"If-Match": '"other"'})
    assert refused.status_code == 412
    assert (await owner.patch(f"/people/{guest}", {"name": "New"}, headers={"If-Match": "*"})).status_code == 200


@pytest.mark.parametrize(
    "body", [{"disabled": 1}, {"disabled": "true"}, {"name": None}, {"role": "king"}, [], None, "x"]
)
async def test_bodies_are_what_the_schema_says(owner, body):
    answer = await owner.patch(f"/people/{await me(owner)}", None, content=json.dumps(body), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


async def test_a_wrong_field_is_pointed_at(owner):
    answer = await owner.patch(f"/people/{await me(owner)}", {"disabled": 1})
    assert answer.json()["errors"] == [{"pointer": "/disabled", "message": "Expected `bool`, got `int`"}]


async def test_a_whole_number_may_be_written_with_a_point(owner):
    answer = await owner.patch("/settings", None, content='{"checkin_interval_s": 90.0}', headers=JSON)
    assert answer.json()["checkin_interval_s"] == 90
    assert (await owner.patch("/settings", {"checkin_interval_s": 90.5})).status_code == 400
    assert (await owner.patch("/settings", {"checkin_interval_s": "90"})).status_code == 400


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_a_body(owner, content_type):
    answer = await owner.patch("/settings", None, content="{}", headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "request.media-type")


async def test_what_is_not_json_is_refused(owner):
    answer = await owner.patch("/settings", None, content='{"a', headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


async def test_pages_follow_each_other(owner):
    for n in range(5):
        await owner.post("/people", {"email": f"p{n}@x.example", "name": f"P{n}", "role": "viewer"})
    for sort in ("name", "-name", "email", "created_at", "-last_signed_in_at", "role"):
        seen, cursor = [], ""
        while True:
            page = (await owner.get(f"/people?limit=2&sort={sort}{cursor}")).json()
            seen += [one["id"] for one in page["items"]]
            assert page["total"] == 6
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(seen) == len(set(seen)) == 6
    assert (await owner.get("/people?cursor=nonsense")).status_code == 404


async def test_two_owners_who_step_down_at_once_leave_one(owner, join):
    second = await join(owner, "second@x.example", "owner")
    first_id, second_id = await me(owner), await me(second)
    answers = await asyncio.gather(
        owner.patch(f"/people/{first_id}", {"role": "viewer"}), second.patch(f"/people/{second_id}", {"role": "viewer"})
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
