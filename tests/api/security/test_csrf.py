"""A browser's cookie alone changes nothing, and a route without a policy is not served."""

import pytest
from litestar import Litestar, get

from tests.api.conformance.house import House, Tenant
from tests.api.security.people import sign_in
from tests.api.security.test_access_matrix import ROUTES, Route, named
from tikfleet.app.compose import build_api
from tikfleet.httpkit.authentication import Guard, Principal
from tikfleet.httpkit.policies import SIGNED_IN, permits, routes_without_policy

UNSAFE = [route for route in ROUTES if route.method != "GET" and not route.policy.public]


@pytest.fixture(scope="module")
def browser(house: House) -> dict[str, str]:
    """What the browser of an owner sends."""
    return sign_in(house, house.tenant("Browser"), "owner")


@pytest.mark.parametrize("route", UNSAFE, ids=named)
def test_no_change_is_made_by_a_cookie_without_its_token(house: House, browser: dict[str, str], route: Route) -> None:
    path = route.path.replace("{", "").replace("}", "")
    for token in (None, "", "x", "é", browser["X-CSRF-Token"] + "x", browser["X-CSRF-Token"][:-1]):
        headers: dict[str, str | bytes] = {"Cookie": browser["Cookie"]}
        if token is not None:
            headers["X-CSRF-Token"] = token.encode()
        answer = house.ask(route.method, path, {}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "session.csrf")


def test_the_token_of_another_session_opens_nothing(house: House, browser: dict[str, str]) -> None:
    other = sign_in(house, house.tenant("Other browser"), "owner")
    headers = {"Cookie": browser["Cookie"], "X-CSRF-Token": other["X-CSRF-Token"]}
    assert house.ask("POST", "/sites", {"name": "Riga"}, headers=headers).status_code == 403


def test_the_cookie_is_for_this_site_and_not_for_scripts(house: House) -> None:
    tenant = house.tenant("Cookies")
    invited = tenant.made("/people", {"email": "c@cookies.example", "name": "C", "role": "viewer"})
    body = {"token": invited["invitation_token"], "name": "C", "password": "twelve monkeys ride"}
    cookie = house.ask("POST", "/invitations/accept", body).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Basic eDp5", "bearer x", "tft_x", "Bearer tft_x y", "Bearer é"]
)
def test_a_credential_that_is_none_is_refused_even_beside_a_good_cookie(
    house: House, browser: dict[str, str], value: str
) -> None:
    headers = {**browser, "Authorization": value.encode()}
    answer = house.ask("GET", "/sites", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "session.required")


class Nobody:
    """Knows no credential."""

    async def by_session(self, secret: str, source_address: str) -> Principal | None:
        return None

    async def by_token(self, secret: str, source_address: str) -> Principal | None:
        return None


def test_a_route_that_declares_no_policy_is_found_and_ends_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    @get("/open", sync_to_thread=False)
    def forgotten() -> str:
        return "open"

    @get("/closed", policy=SIGNED_IN, sync_to_thread=False)
    def declared() -> str:
        return "closed"

    assert routes_without_policy(Litestar([forgotten, declared], openapi_config=None)) == ["GET /open"]
    monkeypatch.setattr("tikfleet.app.compose.api_routes", lambda: [forgotten])
    with pytest.raises(RuntimeError, match="routes without a policy: GET /api/v1/open"):
        build_api(Guard(Nobody()), {})


def test_a_permission_that_is_not_in_the_catalogue_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="catalogue"):
        permits("devices:fly")


def test_a_tenant_is_what_its_token_says(acme: Tenant, globex: Tenant) -> None:
    assert acme.get("/organisations")["items"][0]["id"] == acme.org_id
    answer = acme.house.ask("GET", "/organisations", secret=globex.secret, headers={"X-Organisation": acme.org_id})
    assert [one["id"] for one in answer.json()["items"]] == [globex.org_id]
