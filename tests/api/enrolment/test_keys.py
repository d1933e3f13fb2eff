"""Enrolment keys through the API: made, used up, expired, changed, revoked."""

import json
from typing import Any

import pytest

from tests.api.conformance.house import Tenant
from tests.api.conformance.seeding import enrolment_of


def enrol(tenant: Tenant, key: Any, number: int = 1) -> Any:
    answer = tenant.house.ask("POST", "/agent/v1/enrol", enrolment_of(number), key["secret"])
    assert answer.status_code == 200, answer.text
    return answer.json()


def last_entry(tenant: Tenant, action: str) -> Any:
    return tenant.items("/audit", action=action, limit=1)[0]


def test_a_new_key_shows_its_secret_and_its_lines_once(acme: Tenant) -> None:
    made = acme.key(tags=["shop"], max_uses=3)
    assert made["secret"].startswith(made["prefix"])
    assert set(made["lines"]) == {"v7", "v6"}
    assert made["secret"] in made["lines"]["v7"]
    shown = acme.get(f"/enrolment-keys/{made['id']}")
    assert shown == {name: value for name, value in made.items() if name not in {"secret", "lines"}}
    assert (shown["state"], shown["uses"], shown["max_uses"]) == ("active", 0, 3)


def test_the_secret_of_a_key_is_in_no_list_and_not_in_the_audit_trail(acme: Tenant) -> None:
    made = acme.key()
    for path in ("/enrolment-keys", f"/enrolment-keys/{made['id']}", "/audit", "/enrolments", "/events"):
        assert made["secret"] not in acme.ask("GET", path).text
    entry = last_entry(acme, "enrolment-key.create")
    assert (entry["before"], entry["target"]["id"], entry["after"]["name"]) == (None, made["id"], "Field")


def test_a_router_lands_where_its_key_says(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    shown = acme.router(1, acme.key(site_id=site["id"], tags=["shop"])).read()
    assert (shown["site"], shown["tags"], shown["status"]) == ({"id": site["id"], "name": "Riga"}, ["shop"], "never")


def test_a_key_counts_its_uses_and_is_then_used_up(acme: Tenant) -> None:
    key = acme.key(max_uses=1)
    assert enrol(acme, key, 1)["ok"]
    assert acme.get(f"/enrolment-keys/{key['id']}")["state"] == "used-up"
    assert enrol(acme, key, 2)["error"] == "enrolment.refused"
    assert acme.get("/devices")["total"] == 1
    assert acme.ask("PATCH", f"/enrolment-keys/{key['id']}", {"max_uses": 2}).json()["state"] == "active"
    assert enrol(acme, key, 2)["ok"]
    entry = last_entry(acme, "enrolment-key.change")
    assert (entry["before"], entry["after"]) == ({"max_uses": 1}, {"max_uses": 2})


def test_a_key_that_would_be_expired_from_the_start_is_refused(acme: Tenant) -> None:
    answer = acme.ask("POST", "/enrolment-keys", {"name": "Old", "expires_at": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (409, "enrolment-key.expired-already")
    never = acme.ask("POST", "/enrolment-keys", {"name": "Never", "expires_at": "2999-02-30T00:00:00Z"})
    assert (never.status_code, never.json()["code"]) == (409, "time.unknown-day")


def test_the_time_of_expiry_is_kept_in_utc(acme: Tenant) -> None:
    assert acme.key(expires_at="2999-01-01T02:00:00+02:00")["expires_at"] == "2999-01-01T00:00:00.000Z"


def test_an_expired_key_lets_nobody_in(acme: Tenant) -> None:
    key = acme.key(expires_at="2999-01-01T00:00:00Z")
    database = acme.house.platform.infra.database

    async def age() -> None:
        async with database.write() as tx:
            await tx.execute(
                "update enrolment_key set expires_at = '2020-01-01T00:00:00.000Z' where id = :id", id=key["id"]
            )

    acme.house.run(age())
    assert acme.get(f"/enrolment-keys/{key['id']}")["state"] == "expired"
    assert enrol(acme, key)["ok"] is False


def test_a_revoked_key_lets_nobody_in_and_those_inside_stay(acme: Tenant) -> None:
    key = acme.key()
    router = acme.router(1, key)
    assert acme.ask("DELETE", f"/enrolment-keys/{key['id']}").status_code == 204
    assert acme.ask("DELETE", f"/enrolment-keys/{key['id']}").status_code == 204
    assert acme.get(f"/enrolment-keys/{key['id']}")["state"] == "revoked"
    assert enrol(acme, key, 2)["ok"] is False
    assert router.read()["status"] == "never"
    assert last_entry(acme, "enrolment-key.revoke")["before"]["state"] in {"active", "revoked"}


def test_every_attempt_is_on_record_newest_first(acme: Tenant, globex: Tenant) -> None:
    key = acme.key(max_uses=1)
    enrol(acme, key, 1)
    enrol(acme, key, 2)
    found = acme.items("/enrolments", key_id=key["id"])
    assert [(one["outcome"], one["serial"]) for one in found] == [
        ("refused", "HE100000002"),
        ("enrolled", "HE100000001"),
    ]
    assert found[0]["device_id"] is None
    assert globex.items("/enrolments", key_id=key["id"]) == []


def test_keys_of_another_organisation_do_not_exist(acme: Tenant, globex: Tenant) -> None:
    key = acme.key()
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
        answer = globex.ask(method, f"/enrolment-keys/{key['id']}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "enrolment-key.not-found")
    assert globex.items("/enrolment-keys") == []
    assert acme.get(f"/enrolment-keys/{key['id']}")["state"] == "active"


def test_a_key_leads_to_no_site_of_another_organisation(acme: Tenant, globex: Tenant) -> None:
    site = globex.made("/sites", {"name": "X"})
    assert acme.ask("POST", "/enrolment-keys", {"name": "Field", "site_id": site["id"]}).status_code == 404
    assert acme.items("/enrolment-keys") == []


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": ""}, {"name": "a\x00"}, {"name": "x", "max_uses": 0}, {"name": "x", "max_uses": 1.5},
        {"name": "x", "max_uses": True}, {"name": "x", "needs_approval": "true"}, {"name": "x", "needs_approval": 1},
        {"name": "x", "expires_at": "tomorrow"}, {"name": "x", "expires_at": "2999-13-01T00:00:00Z"},
        {"name": "x", "expires_at": 1}, {"name": "x", "site_id": "x"}, {"name": "x", "secret": "tfe_mine"},
        {"name": "x", "site_group_id": None}, [],
    ],
)  # fmt: skip
def test_what_the_description_does_not_admit_is_refused(acme: Tenant, body: object) -> None:
    headers = {"Content-Type": "application/json"}
    answer = acme.ask("POST", "/enrolment-keys", content=json.dumps(body), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.text
    assert acme.items("/enrolment-keys") == []
