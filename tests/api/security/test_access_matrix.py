"""Every route, by every id, of every owner, for every role. What is expected comes from what the routes declare."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from tests.api.conformance.house import House, Tenant
from tests.api.security.people import ROLES, Headers, Things, bare, sign_in
from tikfleet.app.compose import api_routes
from tikfleet.httpkit.policies import Policy, policy_of
from tikfleet.kernel.permissions import PERMISSIONS, ROLE_PERMISSIONS, Role

ABSENT = "01m3k5x0v7q2a9bc"
MALFORMED = ("x", "%00", "' or 1=1 --", "..%2f..", "dev_" + "z" * 200, "%e2%80%ae", "*")
# What is not deleted but revoked or cancelled stays readable; a person belongs to one organisation, not to those above.
KEPT = {"key_id", "job_id", "run_id", "callback_id"}
OF_ONE_ORGANISATION = {"person_id"}
# Of no organisation: tests/api/observability/test_dead_letters.py says who reaches them.
OF_THE_INSTALLATION = {"letter_id"}
# They go on: a query for as long as its routers sleep (tests/api/live asks it with and without its permission).
STREAMS = {"/api/v1/events/stream", "/api/v1/queries", "/api/v1/logs/follow"}
PREFIXES = {
    "site_id": "sit", "group_id": "grp", "key_id": "key", "organisation_id": "org", "person_id": "per",
    "token_id": "tok", "device_id": "dev", "job_id": "job",
    "run_id": "run", "library_id": "lib", "query_id": "qry", "source_id": "src", "search_id": "lgs",
    "callback_id": "cbk", "subscription_id": "sub",
    "menu_path": "any",
}  # fmt: skip


class Route(msgspec.Struct, frozen=True):
    """A route as it declares itself."""

    method: str
    path: str
    policy: Policy

    @property
    def kinds(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)


def routes() -> list[Route]:
    """Every route of the API, read from its handlers."""
    found = []
    for item in api_routes():
        handlers = item(owner=None).get_route_handlers() if isinstance(item, type) else [item]
        for handler in handlers:
            path = getattr(item, "path", "")
            folder = path if isinstance(item, type) and isinstance(path, str) else ""
            for path in handler.paths:
                whole = "/" + "/".join(part.strip("/") for part in ("api/v1", folder, path) if part.strip("/"))
                policy = policy_of(handler)
                assert policy is not None
                plain = re.sub(r":\w+}", "}", whole)
                found += [Route(method, plain, policy) for method in handler.http_methods if method != "OPTIONS"]
    return sorted(found, key=lambda route: (route.path, route.method))


ROUTES = routes()
NAMED = [route for route in ROUTES if route.kinds and not OF_THE_INSTALLATION & {*route.kinds}]


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


class World:
    """An organisation with people of every role, one above it, one below it, and a stranger's."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.parent = house.tenant("Parent")
        self.acme = house.tenant("Acme", self.parent)
        self.child = house.tenant("Child", self.acme)
        self.globex = house.tenant("Globex")
        self.things = {name: Things(getattr(self, name)) for name in ("parent", "acme", "child", "globex")}
        self.people: dict[str, Headers] = {role: sign_in(house, self.acme, role) for role in ROLES}
        self.bodies = bodies(house)
        self._kept: dict[tuple[str, str], str] = {}

    def callers(self, permission: str) -> Iterator[tuple[str, Headers, bool]]:
        """Each caller by name, what it sends, and whether it holds the permission."""
        for role in ROLES:
            held: Role = role  # type: ignore[assignment]
            yield role, self.people[role], permission in ROLE_PERMISSIONS[held]
        others = [one for one in PERMISSIONS if one != permission]
        for name, scopes, permitted in (("narrow token", [permission], True), ("other token", others, False)):
            key = (name, permission)
            if key not in self._kept:
                self._kept[key] = self.house.run(self.house.token(self.acme.org_id, scopes))
            yield name, {"Authorization": f"Bearer {self._kept[key]}"}, permitted

    def ask(self, route: Route, headers: Headers, thing: str = "") -> Any:
        path = re.sub(r"{\w+}", thing, route.path)
        body = self.bodies.get((route.method.lower(), route.path))
        return self.house.ask(route.method, path, body, headers=headers)

    def lasting(self, whose: str, kind: str) -> str:
        """A thing that reading does not change, made once."""
        key = (whose, kind)
        if key not in self._kept:
            self._kept[key] = self.things[whose].make(kind)
        return self._kept[key]

    def deleted(self, kind: str) -> str:
        key = ("deleted", kind)
        if key not in self._kept:
            self._kept[key] = self.things["acme"].make(kind)
            self.things["acme"].remove(kind, self._kept[key])
        return self._kept[key]


def bodies(house: House) -> dict[tuple[str, str], Any]:
    """The least body that each operation's description admits, from the examples."""
    document = house.fetch("/api/v1/openapi.json").json()
    found = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                schema = content["schema"]
                if "$ref" in schema:
                    schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
                found[method, path] = {name: content["example"][name] for name in schema.get("required", [])}
    return found


@pytest.fixture(scope="module")
def world(house: House) -> World:
    return World(house)


def test_the_matrix_covers_every_route_that_is_served(world: World) -> None:
    document = world.house.fetch("/api/v1/openapi.json").json()
    served = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert {(route.method, route.path) for route in ROUTES} == served
    assert {kind for route in NAMED for kind in route.kinds} == set(PREFIXES)
    assert len(NAMED) > 25


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_stranger_gets_no_further_than_what_is_public(world: World, route: Route) -> None:
    answer = world.ask(route, {}, ABSENT)
    if route.policy.public:
        assert answer.status_code != 401 or answer.json()["code"] != "session.required"
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "session.required")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.policy.permission], ids=named)
def test_who_lacks_the_permission_is_refused_whatever_the_id(world: World, route: Route) -> None:
    for name, headers, permitted in world.callers(route.policy.permission):
        if permitted:
            continue
        seen = set()
        for thing in ids(world, route):
            answer = world.ask(route, headers, thing)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), f"{name}: {answer.text}"
            seen.add(bare(answer)[1])
        assert len(seen) == 1, f"the refusal tells {name} whether the thing exists"


def ids(world: World, route: Route) -> list[str]:
    if not route.kinds:
        return [""]
    kind = route.kinds[0]
    if kind in OF_THE_INSTALLATION:
        return [f"work-msg_{ABSENT}"]
    return [world.lasting("acme", kind), world.lasting("globex", kind), f"{PREFIXES[kind]}_{ABSENT}"]


@pytest.mark.parametrize("route", NAMED, ids=named)
def test_what_is_not_ones_own_looks_like_what_is_not_there(world: World, route: Route) -> None:
    kind = route.kinds[0]
    outside = {"other": world.lasting("globex", kind), "parent's": world.lasting("parent", kind)}
    if kind not in KEPT:
        outside["deleted"] = world.deleted(kind)
    if kind in OF_ONE_ORGANISATION:
        outside["child's"] = world.lasting("child", kind)
    for name, headers, permitted in world.callers(route.policy.permission):
        if not permitted:
            continue
        absent = bare(world.ask(route, headers, f"{PREFIXES[kind]}_{ABSENT}"))
        assert absent[0] == 404, f"{name}: {absent}"
        for whose, thing in outside.items():
            assert bare(world.ask(route, headers, thing)) == absent, f"{name} can tell {whose} from absent"
        for thing in MALFORMED:
            answer = world.ask(route, headers, thing)
            assert answer.status_code == 404, f"{name}: {thing}: {answer.text}"


def beyond(answer: httpx.Response) -> bool:
    """Whether it was refused since nobody gives or takes away more than they hold themselves."""
    return answer.status_code == 403 and answer.json()["code"] == "permission.beyond"


@pytest.mark.parametrize("route", NAMED, ids=named)
def test_what_is_ones_own_or_below_is_reached_by_who_may(world: World, route: Route) -> None:
    kind = route.kinds[0]
    owners = ("acme",) if kind in OF_ONE_ORGANISATION else ("acme", "child")
    for name, headers, permitted in world.callers(route.policy.permission):
        for whose in owners if permitted else ():
            reading = route.method == "GET"
            thing = world.lasting(whose, kind) if reading else world.things[whose].make(kind)
            answer = world.ask(route, headers, thing)
            expected = {200} if reading else {200, 201, 202, 204, 409}
            if "/routeros" in route.path:
                # A virtual path, a router that waits for approval, a job of another kind, a command that writes.
                expected |= {400, 409} | ({403} if route.method == "POST" else set())
            assert answer.status_code in expected or beyond(answer), f"{name}, {whose}: {answer.text}"


@pytest.mark.parametrize(
    "route",
    [one for one in ROUTES if not one.kinds and one.policy.permission and one.path not in STREAMS],
    ids=named,
)
def test_who_holds_the_permission_gets_past_it(world: World, route: Route) -> None:
    for name, headers, permitted in world.callers(route.policy.permission):
        if permitted:
            answer = world.ask(route, headers)
            assert answer.status_code not in {401, 403} or beyond(answer), f"{name}: {answer.text}"


@pytest.mark.parametrize("route", [one for one in ROUTES if one.method == "GET" and not one.kinds], ids=named)
def test_a_filter_by_anothers_id_finds_what_a_filter_by_an_absent_one_does(world: World, route: Route) -> None:
    document = world.house.fetch("/api/v1/openapi.json").json()
    operation = document["paths"][route.path]["get"]
    filters = [one["name"] for one in operation["parameters"] if one["name"].endswith("_id")]
    needed = {"metric": "cpu_load"} if "/telemetry/" in route.path else {}
    for name in filters:
        kind = {"site_group_id": "group_id"}.get(name, name)
        if kind not in PREFIXES:
            continue
        answers = [
            world.house.ask("GET", route.path, params={**needed, name: thing}, headers=world.people["owner"])
            for thing in (world.lasting("globex", kind), f"{PREFIXES[kind]}_{ABSENT}")
        ]
        found = [re.sub(rb'"(elapsed_ms|from|to|device_id)":("[^"]*"|[0-9.]+)', b"", one.content) for one in answers]
        assert found[0] == found[1]
        assert {one.status_code for one in answers} <= {200, 404}


def test_a_session_that_acts_elsewhere_sees_elsewhere_only(world: World) -> None:
    headers = dict(world.people["owner"])
    body = {"organisation_id": world.globex.org_id}
    assert world.house.ask("PUT", "/session/organisation", body, headers=headers).status_code == 404
    assert isinstance(world.acme, Tenant)
