"""Chosen fields, entity tags, and requests that depend on them."""

from typing import Any

import pytest

from tests.api.conformance.house import Tenant


def test_chosen_fields_alone_are_shown_of_one_thing_and_of_each_in_a_list(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    assert acme.get(f"/sites/{site['id']}", fields="name,id") == {"name": "Riga", "id": site["id"]}
    page = acme.get("/sites", fields="name")
    assert page["items"] == [{"name": "Riga"}]
    assert page["next_cursor"] is None
    assert acme.get("/people", fields="id")["items"] == []
    assert list(acme.get("/server", fields="version")) == ["version"]


def test_a_field_that_the_thing_does_not_have_is_unknown(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    answer = acme.ask("GET", f"/sites/{site['id']}", params={"fields": "name,colour"})
    assert (answer.status_code, answer.json()["code"]) == (404, "fields.unknown")


def test_an_unchanged_thing_is_not_sent_again(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    tag = acme.ask("GET", f"/sites/{site['id']}").headers["etag"]
    again = acme.ask("GET", f"/sites/{site['id']}", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    acme.ask("PATCH", f"/sites/{site['id']}", {"name": "Tartu"})
    changed = acme.ask("GET", f"/sites/{site['id']}", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["name"]) == (200, "Tartu")
    assert changed.headers["etag"] != tag


def test_a_tag_names_what_was_chosen_too(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    whole = acme.ask("GET", f"/sites/{site['id']}").headers["etag"]
    part = acme.ask("GET", f"/sites/{site['id']}", params={"fields": "name"}).headers["etag"]
    assert whole != part


def things(tenant: Tenant) -> dict[str, tuple[str, Any]]:
    """Where one of each kind that can be changed stands, and a change to it."""
    site, group = tenant.made("/sites", {"name": "Riga"}), tenant.made("/site-groups", {"name": "Baltics"})
    person = tenant.made("/people", {"email": "pat@acme.example", "name": "Pat", "role": "viewer"})
    child = tenant.made("/organisations", {"name": "Below", "parent_id": tenant.org_id})
    below = tenant.house.run(tenant.house.token(tenant.org_id, below=[child["id"]]))
    tenant.secret = below
    return {
        "site": (f"/sites/{site['id']}", {"name": "Other"}),
        "group": (f"/site-groups/{group['id']}", {"name": "Other"}),
        "device": (f"/devices/{tenant.router(1).id}", {"notes": "x"}),
        "key": (f"/enrolment-keys/{tenant.key()['id']}", {"name": "Other"}),
        "person": (f"/people/{person['id']}", {"name": "Other"}),
        "organisation": (f"/organisations/{child['id']}", {"name": "Other"}),
        "settings": ("/settings", {"timezone": "Europe/Riga"}),
    }


@pytest.mark.parametrize("kind", ["site", "group", "device", "key", "person", "organisation", "settings"])
def test_a_change_to_a_state_that_has_passed_changes_nothing(acme: Tenant, kind: str) -> None:
    path, change = things(acme)[kind]
    before = acme.ask("GET", path)
    refused = acme.ask("PATCH", path, change, headers={"If-Match": '"long-gone"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition.failed")
    assert acme.ask("GET", path).content == before.content
    done = acme.ask("PATCH", path, change, headers={"If-Match": before.headers["etag"]})
    assert done.status_code == 200, done.text
    assert done.json().items() >= change.items()


@pytest.mark.parametrize("kind", ["site", "group", "device", "key", "person", "organisation"])
def test_a_removal_of_a_state_that_has_passed_removes_nothing(acme: Tenant, kind: str) -> None:
    path, _ = things(acme)[kind]
    tag = acme.ask("GET", path).headers["etag"]
    assert acme.ask("DELETE", path, headers={"If-Match": '"long-gone"'}).status_code == 412
    assert acme.ask("GET", path).headers["etag"] == tag
    assert acme.ask("DELETE", path, headers={"If-Match": f'"x", {tag}'}).status_code in {202, 204}


def test_a_star_matches_whatever_is_there(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    assert acme.ask("DELETE", f"/sites/{site['id']}", headers={"If-Match": "*"}).status_code == 204
    assert acme.ask("DELETE", f"/sites/{site['id']}", headers={"If-Match": "*"}).status_code == 404
