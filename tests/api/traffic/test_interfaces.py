"""What people call the interfaces that flows name by numbers."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conformance.house import House, Tenant


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = House(tmp_path_factory.mktemp("house"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def tenant(house: House) -> Tenant:
    return house.tenant("Acme")


@pytest.fixture(scope="module")
def path(tenant: Tenant) -> str:
    return f"/devices/{tenant.router().id}/traffic-interfaces"


def named(tenant: Tenant, path: str, names: dict[str, str | None]) -> Any:
    answer = tenant.ask("PATCH", path, {"names": names})
    assert answer.status_code == 200, answer.text
    return answer.json()["names"]


def test_names_are_given_changed_and_taken_away_and_told_in_the_audit_trail(tenant: Tenant, path: str) -> None:
    assert tenant.get(path) == {"names": {}}
    assert named(tenant, path, {"5": "ether5-office", "12": "wan"}) == {"5": "ether5-office", "12": "wan"}
    assert named(tenant, path, {"5": "office", "12": None, "13": None}) == {"5": "office"}
    assert tenant.get(path) == {"names": {"5": "office"}}

    entries = [one for one in tenant.items("/audit") if one["action"] == "device.interfaces-named"]
    assert entries[0]["before"] == {"5": "ether5-office", "12": "wan"}
    assert entries[0]["after"] == {"5": "office"}


@pytest.mark.parametrize("names", [{"0": "x"}, {"eth": "x"}, {"1": ""}, {"1": "a" * 65}, {"1": "a\nb"}, {"-1": "x"}])
def test_what_is_no_number_or_no_name_is_refused(tenant: Tenant, path: str, names: dict[str, str]) -> None:
    assert tenant.ask("PATCH", path, {"names": names}).status_code == 400


def test_a_device_has_at_most_a_thousand(house: House) -> None:
    tenant = house.tenant("Globex")
    path = f"/devices/{tenant.router(2).id}/traffic-interfaces"
    named(tenant, path, {str(number): "x" for number in range(1, 1_001)})

    answer = tenant.ask("PATCH", path, {"names": {"1001": "x"}})

    assert (answer.status_code, answer.json()["code"]) == (409, "traffic.interfaces-full")
    assert len(tenant.get(path)["names"]) == 1_000


def test_they_are_those_of_the_organisation_and_of_those_below_alone(house: House, tenant: Tenant, path: str) -> None:
    other = house.tenant("Initech")

    assert other.ask("GET", path).status_code == 404
    assert other.ask("PATCH", path, {"names": {"5": "mine"}}).status_code == 404
    assert tenant.get(path)["names"].get("5") != "mine"
