"""Every row once, in order, whatever the page's size: with equal sort values, nulls, and names outside ASCII."""

from typing import Any

import pytest

from tests.api.conformance.house import House, Tenant
from tikfleet.kernel.paging import Cursor

NAMES = ["alpha", "Alpha", "ALPHA 2", "beta", "Ülle", "ülle", "Žana", "žana", "中文", "Ω", "_x", "%y", "zeta", "same"]
DEVICE_SORTS = [
    "name", "status", "model", "version", "last_seen_at", "uptime_s", "cpu_load", "memory_used_percent", "rx_bps",
    "tx_bps", "clients", "enrolled_at",
]  # fmt: skip


@pytest.fixture(scope="module")
def fleet(house: House) -> Tenant:
    """Nine routers of which three report, so that most sorts meet equal values and nulls."""
    tenant = house.tenant("Paging")
    key = tenant.key()
    for number in range(9):
        router = tenant.router(number, key, reports=2 if number < 3 else 0)
        if number > 5:
            tenant.ask("PATCH", f"/devices/{router.id}", {"name": NAMES[number - 2]})
    return tenant


def walk(tenant: Tenant, path: str, limit: int, **query: Any) -> list[Any]:
    """All items, page by page."""
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(100):
        page = tenant.get(path, limit=limit, **query, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= limit
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
        assert len(page["items"]) == limit, "a page before the last is not full"
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("sort", [sign + name for name in DEVICE_SORTS for sign in ("", "-")])
def test_devices_page_without_loss_or_repetition_in_every_order(fleet: Tenant, sort: str) -> None:
    whole = [device["id"] for device in fleet.items("/devices", limit=200, sort=sort)]
    assert len(set(whole)) == 9
    for limit in (1, 2, 4):
        assert [device["id"] for device in walk(fleet, "/devices", limit, sort=sort)] == whole


@pytest.mark.parametrize("name", ["uptime_s", "enrolled_at", "version"])
def test_devices_come_in_the_order_that_was_asked_for(fleet: Tenant, name: str) -> None:
    values = [device[name] for device in fleet.items("/devices", sort=name)]
    known = [value for value in values if value is not None]
    assert known == sorted(known)
    back = [device[name] for device in fleet.items("/devices", sort=f"-{name}")]
    assert [value for value in back if value is not None] == sorted(known, reverse=True)


def test_a_row_that_comes_or_goes_does_not_shift_the_pages(acme: Tenant) -> None:
    for name in ("b", "d", "f", "h"):
        acme.made("/sites", {"name": name})
    first = acme.get("/sites", limit=2)
    acme.made("/sites", {"name": "a"})
    acme.ask("DELETE", f"/sites/{first['items'][1]['id']}")
    rest = acme.get("/sites", limit=9, cursor=first["next_cursor"])
    assert [site["name"] for site in rest["items"]] == ["f", "h"]


@pytest.mark.parametrize("path", ["/sites", "/site-groups", "/enrolment-keys", "/tokens", "/organisations"])
@pytest.mark.parametrize("limit", [1, 3])
def test_named_things_page_without_loss_or_repetition(house: House, path: str, limit: int) -> None:
    tenant = house.tenant(f"Pages of {path} by {limit}")
    more: dict[str, Any] = {"scopes": ["devices:read"]} if path == "/tokens" else {}
    more |= {"parent_id": tenant.org_id} if path == "/organisations" else {}
    made = [tenant.made(path, {"name": name, **more})["id"] for name in NAMES]
    if path == "/organisations":
        tenant = Tenant(house, tenant.org_id, house.run(house.token(tenant.org_id, below=made)))
    whole = [item["id"] for item in tenant.items(path, limit=200)]
    assert set(made) <= set(whole)
    assert [item["id"] for item in walk(tenant, path, limit)] == whole


def test_people_page_without_loss_or_repetition_in_every_order(acme: Tenant) -> None:
    for number, name in enumerate(NAMES[:8]):
        acme.made("/people", {"email": f"p{number}@acme.example", "name": name, "role": "viewer"})
    for sort in ("name", "-name", "email", "-role", "last_signed_in_at", "-last_signed_in_at", "created_at"):
        whole = [person["id"] for person in acme.items("/people", limit=200, sort=sort)]
        assert len(set(whole)) == 8
        assert [person["id"] for person in walk(acme, "/people", 3, sort=sort)] == whole


def test_histories_page_without_loss_or_repetition(fleet: Tenant) -> None:
    for path in ("/events", "/audit", "/enrolments", "/jobs"):
        if path == "/jobs":
            ids = [device["id"] for device in fleet.items("/devices", status="online")]
            fleet.made("/jobs", {"kind": "reboot", "device_ids": ids})
        whole = [item["id"] for item in fleet.items(path, limit=200)]
        assert len(whole) >= 3
        assert [item["id"] for item in walk(fleet, path, 2)] == whole


@pytest.mark.parametrize("sort", ["name", "cpu_load", "last_seen_at"])
def test_a_cursor_of_another_order_is_unknown(fleet: Tenant, sort: str) -> None:
    for value in ("text", 7, 7.5, None):
        cursor = Cursor(value, "dev_01m3k5x0v7q2a9bc").encode()
        answer = fleet.ask("GET", "/devices", params={"sort": sort, "cursor": cursor})
        fits = isinstance(value, {"name": str, "cpu_load": int | float, "last_seen_at": int}[sort])
        assert answer.status_code == (200 if fits else 404), answer.text


@pytest.mark.parametrize("cursor", ["x", "WzEsMV0", "W251bGwsImEAYiJd", "é", "." * 500])
def test_a_cursor_that_was_never_given_is_unknown(fleet: Tenant, cursor: str) -> None:
    for path in ("/devices", "/sites", "/events", "/enrolments", "/people", "/audit", "/jobs"):
        answer = fleet.ask("GET", path, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (404, "cursor.unknown")
