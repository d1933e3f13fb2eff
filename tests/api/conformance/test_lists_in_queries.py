"""What the description says of the items of a list in a query is what is asked of them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conformance.house import House, Tenant

_DESCRIPTION = Path(__file__).parents[3] / "web" / "openapi.json"


def _lists() -> list[tuple[str, str, int]]:
    """Address, parameter and longest item of each list that has a bound."""
    found = []
    for address, methods in json.loads(_DESCRIPTION.read_text())["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", []):
            items = parameter["schema"].get("items", {})
            if parameter["in"] == "query" and "maxLength" in items:
                found.append((address.replace("{", "").replace("}", ""), parameter["name"], items["maxLength"]))
    return found


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    house = House(tmp_path_factory.mktemp("house"))
    yield house.tenant("Acme")
    house.close()


def test_there_are_such_lists() -> None:
    assert len(_lists()) > 10


@pytest.mark.parametrize(("address", "name", "longest"), _lists())
def test_an_item_that_is_too_long_is_refused_alone_and_among_others(
    tenant: Tenant, address: str, name: str, longest: int
) -> None:
    address = address.removeprefix("/api/v1")
    for query in (f"{name}={'a' * (longest + 1)}", f"{name}=a&{name}={'a' * (longest + 1)}"):
        answer = tenant.ask("GET", f"{address}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.text
        assert any(name in str(one) for one in answer.json()["errors"]), answer.text
