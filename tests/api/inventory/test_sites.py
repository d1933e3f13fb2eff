"""Sites and their groups through the API, each change with its entry in the audit trail."""

import json
from typing import Any

import pytest

from tests.api.conformance.house import Tenant

HOSTILE = ["<script>alert(1)</script>", "'; drop table site; --", "%_!", "Ž\u202eevil", "𝕏" * 50, '"quoted", \\back\\']


def last_entry(tenant: Tenant, action: str) -> Any:
    found = tenant.items("/audit", action=action, limit=1)
    assert found, f"there is no entry for {action}"
    return found[0]


def test_a_site_is_made_read_changed_and_deleted(acme: Tenant) -> None:
    group = acme.made("/site-groups", {"name": "Baltics"})
    wanted = {"name": "Riga", "site_group_id": group["id"], "latitude": 56.95, "longitude": 24.1, "tags": ["shop"]}
    site = acme.made("/sites", wanted)
    assert wanted.items() <= site.items()
    assert acme.get(f"/sites/{site['id']}") == site
    changed = acme.ask("PATCH", f"/sites/{site['id']}", {"name": "Riga 2", "latitude": None, "notes": "back door"})
    assert changed.json() == site | {"name": "Riga 2", "latitude": None, "notes": "back door"}
    assert acme.ask("DELETE", f"/sites/{site['id']}").status_code == 204
    assert acme.ask("GET", f"/sites/{site['id']}").json()["code"] == "site.not-found"


def test_every_change_of_a_site_is_in_the_audit_trail_with_before_and_after(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    made = last_entry(acme, "site.create")
    assert (made["before"], made["after"]["name"]) == (None, "Riga")
    assert made["target"] == {"kind": "site", "id": site["id"], "name": "Riga"}
    acme.ask("PATCH", f"/sites/{site['id']}", {"name": "Riga 2"})
    changed = last_entry(acme, "site.change")
    assert (changed["before"], changed["after"]) == ({"name": "Riga"}, {"name": "Riga 2"})
    acme.ask("DELETE", f"/sites/{site['id']}")
    assert last_entry(acme, "site.delete")["before"] == {"name": "Riga 2"}


def test_a_secret_that_somebody_notes_down_does_not_reach_the_audit_trail(acme: Tenant) -> None:
    secret = acme.key()["secret"]
    site = acme.made("/sites", {"name": "Riga", "notes": f"key {secret}, password=hunter2-hunter2"})
    acme.ask("PATCH", f"/sites/{site['id']}", {"notes": "gone"})
    kept = acme.ask("GET", "/audit").text
    assert secret not in kept
    assert "hunter2-hunter2" not in kept
    assert last_entry(acme, "site.change")["before"]["notes"].count("[redacted]") == 2


def test_what_is_left_out_of_a_change_stays(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga", "tags": ["a", "b"], "notes": "x"})
    assert acme.ask("PATCH", f"/sites/{site['id']}", {}).json() == site


def test_a_name_is_unique_within_its_organisation_only(acme: Tenant, globex: Tenant) -> None:
    acme.made("/sites", {"name": "Riga"})
    again = acme.ask("POST", "/sites", {"name": "Riga"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict.exists")
    globex.made("/sites", {"name": "Riga"})
    acme.made("/site-groups", {"name": "Baltics"})
    assert acme.ask("POST", "/site-groups", {"name": "Baltics"}).status_code == 409
    globex.made("/site-groups", {"name": "Baltics"})


def test_renaming_to_a_name_that_is_taken_changes_nothing(acme: Tenant) -> None:
    acme.made("/sites", {"name": "Riga"})
    other = acme.made("/sites", {"name": "Tartu"})
    assert acme.ask("PATCH", f"/sites/{other['id']}", {"name": "Riga"}).status_code == 409
    assert acme.get(f"/sites/{other['id']}") == other


def test_a_site_where_a_router_stands_is_not_deleted(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    router = acme.router(1, acme.key(site_id=site["id"]), reports=1)
    refused = acme.ask("DELETE", f"/sites/{site['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "site.in-use")
    shown = acme.get(f"/sites/{site['id']}")
    assert (shown["device_count"], shown["online_count"]) == (1, 1)
    assert acme.ask("DELETE", f"/devices/{router.id}", params={"force": "true"}).status_code == 204
    assert acme.ask("DELETE", f"/sites/{site['id']}").status_code == 204


def test_a_group_with_sites_is_not_deleted(acme: Tenant) -> None:
    group = acme.made("/site-groups", {"name": "Baltics"})
    site = acme.made("/sites", {"name": "Riga", "site_group_id": group["id"]})
    assert acme.get(f"/site-groups/{group['id']}")["site_count"] == 1
    assert acme.ask("DELETE", f"/site-groups/{group['id']}").json()["code"] == "site-group.in-use"
    acme.ask("PATCH", f"/sites/{site['id']}", {"site_group_id": None})
    assert acme.ask("DELETE", f"/site-groups/{group['id']}").status_code == 204
    assert last_entry(acme, "site-group.delete")["target"]["name"] == "Baltics"


def test_a_group_is_renamed(acme: Tenant) -> None:
    group = acme.made("/site-groups", {"name": "Baltics"})
    assert acme.ask("PATCH", f"/site-groups/{group['id']}", {"name": "North"}).json()["name"] == "North"
    assert last_entry(acme, "site-group.change")["before"] == {"name": "Baltics"}


def test_a_group_of_another_organisation_cannot_be_joined(acme: Tenant, globex: Tenant) -> None:
    theirs = globex.made("/site-groups", {"name": "Theirs"})
    refused = acme.ask("POST", "/sites", {"name": "Riga", "site_group_id": theirs["id"]})
    assert (refused.status_code, refused.json()["code"]) == (404, "site-group.not-found")
    ours = acme.made("/sites", {"name": "Riga"})
    assert acme.ask("PATCH", f"/sites/{ours['id']}", {"site_group_id": theirs["id"]}).status_code == 404
    assert acme.get(f"/sites/{ours['id']}") == ours


def test_lists_show_an_organisation_its_own_and_what_is_below_it(acme: Tenant, globex: Tenant) -> None:
    acme.made("/sites", {"name": "Ours"})
    globex.made("/sites", {"name": "Theirs"})
    assert [site["name"] for site in acme.items("/sites")] == ["Ours"]
    child = acme.house.tenant("Below", acme)
    child.made("/sites", {"name": "Below"})
    parent = Tenant(acme.house, acme.org_id, acme.house.run(acme.house.token(acme.org_id, below=[child.org_id])))
    assert [site["name"] for site in parent.items("/sites")] == ["Below", "Ours"]
    assert [site["name"] for site in child.items("/sites")] == ["Below"]


def test_sites_are_found_by_name_and_by_group(acme: Tenant) -> None:
    group = acme.made("/site-groups", {"name": "Baltics"})
    acme.made("/sites", {"name": "Riga centre", "site_group_id": group["id"]})
    acme.made("/sites", {"name": "100% cotton"})
    assert [site["name"] for site in acme.items("/sites", q="RIGA")] == ["Riga centre"]
    assert [site["name"] for site in acme.items("/sites", q="%")] == ["100% cotton"]
    assert [site["name"] for site in acme.items("/sites", site_group_id=group["id"])] == ["Riga centre"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_comes_back_as_it_went_in(acme: Tenant, text: str) -> None:
    site = acme.made("/sites", {"name": text, "notes": text + "\n\t" + text, "address": text})
    shown = acme.get(f"/sites/{site['id']}")
    assert (shown["name"], shown["address"], shown["notes"]) == (text, text, text + "\n\t" + text)
    assert [found["name"] for found in acme.items("/sites", q=text[:20])] == [text]


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""}, {"name": " x"}, {"name": "a\x00b"}, {"name": "a\nb"}, {"name": "x\n"}, {"name": "x" * 201},
        {"name": 7}, {"name": None}, {}, {"name": "x", "tags": ["a"] * 33}, {"name": "x", "tags": ["<b>"]},
        {"name": "x", "latitude": 91}, {"name": "x", "latitude": "56"}, {"name": "x", "longitude": -181},
        {"name": "x", "notes": "a\x00"}, {"name": "x", "unknown": 1}, {"name": "x", "site_group_id": "grp_x"},
        [], "x", None,
    ],
)  # fmt: skip
def test_what_the_description_does_not_admit_is_refused(acme: Tenant, body: object) -> None:
    answer = acme.ask("POST", "/sites", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.text
    assert acme.items("/sites") == []
