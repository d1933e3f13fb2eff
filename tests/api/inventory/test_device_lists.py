"""Lists of routers through the API: filters, words, facets, sorts."""

from typing import Any

import pytest

from tests.api.conformance.house import House, Tenant


@pytest.fixture(scope="module")
def fleet(house: House) -> Tenant:
    """Six routers: three models, three versions, two architectures, half of them at a site with a tag."""
    tenant = house.tenant("Fleet")
    group = tenant.made("/site-groups", {"name": "Baltics"})
    site = tenant.made("/sites", {"name": "Riga", "site_group_id": group["id"]})
    field, gated = tenant.key(site_id=site["id"], tags=["field", "shop"]), tenant.key(needs_approval=True)
    for number in range(6):
        tenant.router(number, field if number % 2 else gated, reports=1 if number in {1, 3} else 0)
    return tenant


@pytest.fixture(scope="module")
def place(fleet: Tenant) -> dict[str, Any]:
    found: dict[str, Any] = fleet.items("/sites")[0]
    return found


def names(tenant: Tenant, **query: Any) -> list[str]:
    return [device["name"] for device in tenant.items("/devices", **query)]


def test_the_values_of_one_filter_are_alternatives_and_filters_add_up(fleet: Tenant) -> None:
    assert len(names(fleet, version="7.20.1")) == 2
    assert len(names(fleet, version=["7.20.1", "7.18.2"])) == 4
    assert names(fleet, version=["7.20.1", "7.18.2"], architecture="arm", status="online") == [
        "branch-001",
        "branch-003",
    ]
    assert names(fleet, version="7.20.1", model="hEX S") == []


def test_status_site_group_and_tag_are_filters(fleet: Tenant, place: dict[str, Any]) -> None:
    assert len(names(fleet, status="pending")) == 3
    assert names(fleet, status=["never", "online"]) == ["branch-001", "branch-003", "branch-005"]
    assert len(names(fleet, site_id=place["id"])) == 3
    assert len(names(fleet, site_group_id=place["site_group_id"])) == 3
    assert len(names(fleet, tag="shop")) == 3
    assert names(fleet, tag="nothing") == []


def test_when_a_router_checked_in_last_is_a_filter(fleet: Tenant) -> None:
    assert names(fleet, seen_within_s=3_600) == ["branch-001", "branch-003"]
    assert names(fleet, seen_within_s=3_600, unseen_for_s=3_600) == []
    assert "branch-001" not in names(fleet, unseen_for_s=3_600)
    assert len(names(fleet, unseen_for_s=3_600)) == 4
    assert fleet.get("/devices/facets", seen_within_s=3_600)["total"] == 2
    assert fleet.ask("GET", "/devices?seen_within_s=-1").status_code == 400


def test_every_word_must_be_found_somewhere(fleet: Tenant) -> None:
    assert names(fleet, q="BRANCH-004") == ["branch-004"]
    assert names(fleet, q="HE100000003") == ["branch-003"]
    assert names(fleet, q="riga 005") == ["branch-005"]
    assert names(fleet, q="riga 004") == []


@pytest.mark.parametrize("word", ["%", "!", "'", "\\", '"', "%' or 1=1 --"])
def test_a_word_means_itself(fleet: Tenant, word: str) -> None:
    assert names(fleet, q=word) == []


def test_facets_count_each_filter_without_its_own_values(fleet: Tenant, place: dict[str, Any]) -> None:
    facets = fleet.get("/devices/facets", version="7.20.1", status="online")
    assert facets["total"] == 1
    assert {facet["key"]: facet["count"] for facet in facets["version"]} == {"7.20.1": 1, "7.18.2": 1}
    assert {facet["key"]: facet["count"] for facet in facets["status"]} == {"online": 1, "pending": 1}
    whole = fleet.get("/devices/facets")
    assert [(facet["key"], facet["label"], facet["count"]) for facet in whole["site"]] == [(place["id"], "Riga", 3)]
    assert {facet["key"]: facet["count"] for facet in whole["tag"]} == {"field": 3, "shop": 3}
    assert sum(facet["count"] for facet in whole["model"]) == whole["total"] == 6


@pytest.mark.parametrize(
    "given",
    [
        {}, {"status": "online"}, {"q": "branch"}, {"q": "branch-003"}, {"tag": "shop"}, {"seen_within_s": 3_600},
        {"version": ["7.20.1", "7.18.2"], "tag": "field"}, {"q": "riga", "status": ["online", "never"]},
    ],
)  # fmt: skip
def test_each_count_is_that_of_the_list_filtered_so(
    fleet: Tenant, place: dict[str, Any], given: dict[str, Any]
) -> None:
    for selection in (given, given | {"site_id": place["id"]}, given | {"site_group_id": place["site_group_id"]}):
        facets = fleet.get("/devices/facets", **selection)
        assert facets["total"] == len(names(fleet, **selection))
        for name in ("status", "model", "version", "architecture", "site", "tag"):
            key = "site_id" if name == "site" else name
            counted = {facet["key"]: facet["count"] for facet in facets[name]}
            assert counted == {value: len(names(fleet, **selection | {key: value})) for value in counted}
            assert key in selection or name in {"site", "tag"} or sum(counted.values()) == facets["total"]


def test_a_router_that_was_removed_is_counted_nowhere(house: House) -> None:
    tenant = house.tenant("Leaving")
    site = tenant.made("/sites", {"name": "Here"})
    key = tenant.key(site_id=site["id"], tags=["gone"])
    router = tenant.router(1, key)
    tenant.router(2, key)
    tenant.ask("DELETE", f"/devices/{router.id}?force=true")
    facets = tenant.get("/devices/facets")
    counts = {name: [facet["count"] for facet in facets[name]] for name in ("status", "model", "site", "tag")}
    assert counts == {"status": [1], "model": [1], "site": [1], "tag": [1]}
    assert (facets["total"], tenant.get("/devices")["total"]) == (1, 1)
    assert tenant.get(f"/sites/{site['id']}")["device_count"] == 1


def test_the_total_counts_all_pages(fleet: Tenant) -> None:
    page = fleet.get("/devices", limit=2)
    assert (len(page["items"]), page["total"], page["next_cursor"] is not None) == (2, 6, True)


def test_a_list_holds_nothing_of_another_organisation(fleet: Tenant, globex: Tenant) -> None:
    globex.router(9)
    assert names(globex) == ["branch-009"]
    assert "branch-009" not in names(fleet)
    assert globex.get("/devices/facets")["total"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "colour=red", "limit=1&limit=2", "limit=", "limit=x", "limit=0", "limit=201", "status=asleep", "sort=colour",
        "q=%00", "fields=,", "fields=A", "cursor=",
    ],
)  # fmt: skip
def test_a_query_that_the_description_does_not_admit_is_refused(fleet: Tenant, query: str) -> None:
    answer = fleet.ask("GET", f"/devices?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.text
    assert answer.json()["errors"], "the refusal does not say where"


@pytest.mark.parametrize("query", ["cursor=abc", "cursor=WzEsMV0", "fields=colour", "site_id=sit_01m3k5x0v7q2a9bc"])
def test_what_is_well_formed_but_unknown_is_not_found(fleet: Tenant, query: str) -> None:
    answer = fleet.ask("GET", f"/devices?{query}")
    assert answer.status_code == (200 if query.startswith("site_id") else 404)
