"""One router through the API: read, changed, removed, rejected."""

from typing import Any

import pytest

from tests.api.conformance.house import Tenant
from tests.api.conformance.seeding import report_of
from tests.api.inventory.test_sites import last_entry


def test_a_router_is_shown_in_full_after_its_report(acme: Tenant) -> None:
    router = acme.router(2, reports=2)
    acme.house.until(lambda: router.read()["cpu_load"] is not None)
    shown = router.read()
    assert (shown["name"], shown["serial"], shown["status"]) == ("branch-002", "HE100000002", "online")
    assert (shown["cpu_load"], shown["version"], shown["missed_checkins"]) == (20, "6.49.18", 0)
    interfaces = acme.items(f"/devices/{router.id}/interfaces")
    assert [one["name"] for one in interfaces] == ["ether1"]
    assert [one["ssid"] for one in acme.items(f"/devices/{router.id}/wireless-clients")] == ["branch"]
    assert [one["identity"] for one in acme.items(f"/devices/{router.id}/neighbors")] == ["core"]


def test_a_change_keeps_what_it_leaves_out_and_is_audited(acme: Tenant) -> None:
    router, site = acme.router(), acme.made("/sites", {"name": "Riga"})
    change = {"name": "Till 1", "site_id": site["id"], "tags": ["b", "a", "a"], "notes": "line 1\nline 2"}
    changed = acme.ask("PATCH", f"/devices/{router.id}", change).json()
    assert (changed["name"], changed["site"]["name"], changed["tags"]) == ("Till 1", "Riga", ["a", "b"])
    entry = last_entry(acme, "device.change")
    assert entry["before"] == {"name": "branch-001", "site_id": None, "tags": [], "notes": ""}
    assert entry["after"]["site_id"] == site["id"]
    again = acme.ask("PATCH", f"/devices/{router.id}", {"notes": ""}).json()
    assert (again["name"], again["site"]["id"], again["notes"]) == ("Till 1", site["id"], "")


def test_an_empty_name_shows_the_routers_own_again(acme: Tenant) -> None:
    router = acme.router(1)
    acme.ask("PATCH", f"/devices/{router.id}", {"name": "Till"})
    assert acme.ask("PATCH", f"/devices/{router.id}", {"name": ""}).json()["name"] == "branch-001"


def test_a_router_moves_to_no_site_of_another_organisation(acme: Tenant, globex: Tenant) -> None:
    router, theirs = acme.router(), globex.made("/sites", {"name": "Theirs"})
    refused = acme.ask("PATCH", f"/devices/{router.id}", {"site_id": theirs["id"]})
    assert (refused.status_code, refused.json()["code"]) == (404, "site.not-found")
    assert router.read()["site"] is None


def test_another_organisation_cannot_read_change_or_remove_it(acme: Tenant, globex: Tenant) -> None:
    router = acme.router()
    for method, path, body in (
        ("GET", "", None), ("PATCH", "", {"name": "Mine"}), ("DELETE", "", None), ("GET", "/interfaces", None),
        ("GET", "/wireless-clients", None), ("GET", "/neighbors", None), ("POST", "/approve", None),
        ("POST", "/reject", None),
    ):  # fmt: skip
        answer = globex.ask(method, f"/devices/{router.id}{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "device.not-found")
    assert router.read()["name"] == "branch-001"


def test_removal_waits_for_the_router_and_force_does_not(acme: Tenant) -> None:
    router, other = acme.router(1, reports=1), acme.router(2, reports=1)
    begun = acme.ask("DELETE", f"/devices/{router.id}")
    assert (begun.status_code, begun.json()["status"]) == (202, "removing")
    assert router.read()["status"] == "removing"
    assert last_entry(acme, "device.remove")["target"]["id"] == router.id
    gone = acme.ask("DELETE", f"/devices/{other.id}", params={"force": "true"})
    assert (gone.status_code, gone.content) == (204, b"")
    assert acme.ask("GET", f"/devices/{other.id}").status_code == 404
    assert acme.ask("DELETE", f"/devices/{other.id}", params={"force": "true"}).status_code == 404


def test_a_removed_router_is_in_no_list_and_no_count(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    router = acme.router(1, acme.key(site_id=site["id"], tags=["shop"]), reports=1)
    acme.ask("DELETE", f"/devices/{router.id}", params={"force": "true"})
    assert acme.get("/devices")["total"] == 0
    facets = acme.get("/devices/facets")
    assert facets["total"] == 0
    assert not any(facets[name] for name in ("status", "site", "tag", "model"))
    assert acme.get(f"/sites/{site['id']}")["device_count"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a\x00"}, {"name": "a\n"}, {"name": " "}, {"name": None}, {"site_id": "x"}, {"site_id": 1},
        {"tags": [""]}, {"tags": "a"}, {"tags": ["x" * 65]}, {"notes": "x" * 10_001}, {"status": "online"},
        {"id": "dev_01m3k5x0v7q2a9bc"},
    ],
)  # fmt: skip
def test_a_change_that_the_description_does_not_admit_is_refused(acme: Tenant, body: dict[str, Any]) -> None:
    router = acme.router()
    before = router.read()
    answer = acme.ask("PATCH", f"/devices/{router.id}", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.text
    assert router.read() == before


def test_what_a_hostile_router_says_comes_back_as_text(acme: Tenant) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    router = acme.router(1, identity=hostile, board_name="'; drop table device; --")
    report = report_of(1, 1)
    report["interfaces"][0] |= {"name": hostile, "comment": "a\x07b"}
    assert router.report(report).status_code == 200
    shown = acme.house.until(lambda: acme.items(f"/devices/{router.id}/interfaces"))
    assert shown[0]["name"] == hostile
    assert router.read()["name"] == hostile
    answer = acme.ask("GET", f"/devices/{router.id}")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
