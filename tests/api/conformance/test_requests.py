"""What every request has in common: problems, methods, bodies, keys of idempotency, limits."""

from collections.abc import Iterator

import pytest

from tests.api.conformance.house import House, Tenant

PROBLEM = {"type", "title", "status", "detail", "code", "remedy", "instance", "errors"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not-found"),
        ("GET", "/sites/sit_01m3k5x0v7q2a9bc", 404, "site.not-found"),
        ("GET", "/sites/%00", 404, "not-found"),
        ("GET", "/sites/..%2fpeople", 404, "not-found"),
        ("PUT", "/sites", 405, "method.not-allowed"),
        ("GET", "/sites?limit=x", 400, "request.invalid"),
        ("POST", "/sites", 415, "request.media-type"),
    ],
)
def test_every_refusal_is_a_problem_document(acme: Tenant, method: str, path: str, status: int, code: str) -> None:
    answer = acme.ask(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (set(problem), problem["status"], problem["code"]) == (PROBLEM, status, code)
    assert problem["type"] == f"/docs/errors#{code}"
    assert problem["remedy"]
    assert problem["detail"]


def test_a_wrong_method_is_answered_with_those_that_are_taken(acme: Tenant) -> None:
    answer = acme.ask("PUT", "/sites")
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("content", [b"", b"{", b"nil", b"\xff\xfe", b'{"name": "a"} {"name": "b"}', b'{"name": NaN}'])
def test_a_body_that_is_not_json_is_refused(acme: Tenant, content: bytes) -> None:
    answer = acme.ask("POST", "/sites", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_a_body_of_another_media_type_is_not_looked_at(acme: Tenant, kind: str) -> None:
    answer = acme.ask("POST", "/sites", content=b'{"name": "Riga"}', headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "request.media-type")
    assert acme.items("/sites") == []


def test_a_body_over_the_limit_is_refused(acme: Tenant) -> None:
    answer = acme.ask("POST", "/sites", {"name": "Riga", "notes": "x" * (1 << 20)})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-large")


def test_a_refusal_says_where_the_body_is_wrong(acme: Tenant) -> None:
    answer = acme.ask("POST", "/sites", {"name": "Riga", "tags": ["ok", "<no>"]})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/tags/1"]


def test_a_write_with_a_key_happens_once(acme: Tenant) -> None:
    key = {"Idempotency-Key": "made-once.1"}
    first = acme.ask("POST", "/enrolment-keys", {"name": "Field"}, headers=key)
    again = acme.ask("POST", "/enrolment-keys", {"name": "Field"}, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert (again.headers["idempotency-replayed"], "idempotency-replayed" in first.headers) == ("true", False)
    assert len(acme.items("/enrolment-keys")) == 1


def test_a_key_used_for_another_body_is_refused(acme: Tenant) -> None:
    key = {"Idempotency-Key": "k"}
    acme.ask("POST", "/sites", {"name": "Riga"}, headers=key)
    other = acme.ask("POST", "/sites", {"name": "Tartu"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.reused")
    assert [site["name"] for site in acme.items("/sites")] == ["Riga"]


def test_a_key_counts_for_one_credential_only(acme: Tenant, globex: Tenant) -> None:
    key = {"Idempotency-Key": "shared"}
    ours = acme.ask("POST", "/enrolment-keys", {"name": "Field"}, headers=key).json()
    theirs = globex.ask("POST", "/enrolment-keys", {"name": "Field"}, headers=key)
    assert theirs.status_code == 201
    assert theirs.json()["secret"] != ours["secret"]


def test_a_refusal_is_remembered_as_an_answer_is(acme: Tenant) -> None:
    key = {"Idempotency-Key": "refused"}
    acme.made("/sites", {"name": "Riga"})
    assert acme.ask("POST", "/sites", {"name": "Riga"}, headers=key).status_code == 409
    assert acme.ask("POST", "/sites", {"name": "Riga"}, headers=key).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 201, "a b", "a,b", "é"])
def test_a_key_of_another_form_is_refused(acme: Tenant, key: str) -> None:
    answer = acme.ask("POST", "/sites", {"name": "Riga"}, headers={"Idempotency-Key": key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert acme.items("/sites") == []


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A platform that answers each caller ten times a minute."""
    found = House(tmp_path_factory.mktemp("small"), requests_per_minute=10)
    yield found
    found.close()


def test_who_asks_too_often_is_told_when_to_come_back(small: House) -> None:
    other = small.run(small.token(small.root.org_id))
    answers = [small.root.ask("GET", "/settings") for _ in range(25)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[0] == 200
    # The minute may turn within the test, once.
    assert statuses.count(429) >= 5
    refused = answers[statuses.index(429)]
    assert (refused.json()["code"], refused.headers["ratelimit-remaining"]) == ("rate.limited", "0")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert 0 <= int(refused.headers["ratelimit-reset"]) <= 60
    assert small.ask("GET", "/settings", secret=other).status_code == 200


def test_every_answer_says_how_much_is_left(acme: Tenant) -> None:
    first, second = acme.ask("GET", "/settings"), acme.ask("GET", "/settings")
    left = [int(answer.headers["ratelimit-remaining"]) for answer in (first, second)]
    assert left[1] == left[0] - 1 or left[1] > left[0]
    assert first.headers["ratelimit-limit"] == "10000000"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
