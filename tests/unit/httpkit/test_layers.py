"""The layers around the API: gateway, idempotency, representation."""

import asyncio
import ipaddress
from typing import Any

import pytest

from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.httpkit.asgi import Receive, Scope, Send, read_body, respond
from tikfleet.httpkit.gateway import Gateway, GatewayLimits, credential_of, source_address
from tikfleet.httpkit.idempotency import Idempotency, Remembered
from tikfleet.httpkit.representation import Representation, etag_of
from tikfleet.kernel.errors import Unavailable

from .layers import ask

JSON = [(b"content-type", b"application/json")]


class Counting:
    """An application that answers with how often it was asked and what it got."""

    def __init__(self, status: int = 200) -> None:
        self.status, self.asked, self.held = status, 0, asyncio.Event()
        self.held.set()
        self.begun = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        self.begun.set()
        body = await read_body(receive, 1000)
        await self.held.wait()
        if self.status == 0:
            raise Unavailable("away")
        await respond(send, self.status, JSON, b'{"asked":%d,"body":"%s"}' % (self.asked, body))


class Answers:
    """Remembered answers in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Remembered] = {}

    async def begin(self, key: str, fresh: Remembered) -> Remembered | None:
        return None if self.kept.setdefault(key, fresh) is fresh else self.kept[key]

    async def finish(self, key: str, answer: Remembered) -> None:
        self.kept[key] = answer

    async def abandon(self, key: str) -> None:
        self.kept.pop(key, None)


async def known(scope: Any) -> bool:
    return b"revoked" not in dict(scope["headers"]).get(b"x-credential-is", b"")


def layered(app: Any) -> Idempotency:
    return Idempotency(app, Answers(), credential_of, 1000, known)


WRITE = {"method": "POST", "body": b"order", "authorization": "Bearer a", "idempotency_key": "k"}


async def test_a_credential_that_was_revoked_meanwhile_gets_no_answer_again() -> None:
    app = Counting()
    layer = layered(app)
    await ask(layer, **WRITE)
    again = await ask(layer, **WRITE, x_credential_is="revoked")

    assert app.asked == 2, "the application decides, and would refuse"
    assert "idempotency-replayed" not in again.headers


async def test_made_up_credentials_share_the_limit_of_their_address() -> None:
    gateway = Gateway(Counting(), MemoryCache(), GatewayLimits(requests_per_minute=10))
    statuses = [(await ask(gateway, authorization=f"Bearer {number}")).status for number in range(260)]

    assert statuses[:200] == [200] * 200
    assert statuses[-1] == 429


async def test_the_second_request_of_a_key_gets_the_first_answer() -> None:
    app = Counting()
    layer = layered(app)
    first, second = await ask(layer, **WRITE), await ask(layer, **WRITE)

    assert app.asked == 1
    assert first.json == second.json == {"asked": 1, "body": "order"}
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


@pytest.mark.parametrize("change", [{"path": "/api/v1/y"}, {"method": "PUT"}])
async def test_a_key_counts_for_its_address_alone(change: dict[str, Any]) -> None:
    app = Counting()
    layer = layered(app)
    await ask(layer, **WRITE)

    assert (await ask(layer, **{**WRITE, **change})).json["asked"] == 2


@pytest.mark.parametrize("change", [{"body": b"other"}, {"query": "z=1"}])
async def test_a_key_belongs_to_one_request(change: dict[str, Any]) -> None:
    layer = layered(Counting())
    await ask(layer, **WRITE)
    refused = await ask(layer, **{**WRITE, **change})

    assert (refused.status, refused.json["code"]) == (409, "idempotency.reused")


async def test_a_key_counts_for_its_credential_alone() -> None:
    app = Counting()
    layer = layered(app)
    await ask(layer, **WRITE)
    other = await ask(layer, **{**WRITE, "authorization": "Bearer b"})
    anonymous = await ask(layer, **{name: value for name, value in WRITE.items() if name != "authorization"})

    assert (other.json["asked"], anonymous.json["asked"]) == (2, 3)


async def test_a_second_request_while_the_first_is_at_work_is_told_to_wait() -> None:
    app = Counting()
    app.held.clear()
    layer = layered(app)
    first = asyncio.create_task(ask(layer, **WRITE))
    await app.begun.wait()
    refused = await ask(layer, **WRITE)
    app.held.set()

    assert (refused.status, refused.json["code"]) == (409, "idempotency.in-progress")
    assert (await first).status == 200


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_what_failed_on_our_side_may_be_tried_again(status: int) -> None:
    app = Counting(status)
    layer = layered(app)
    await ask(layer, **WRITE)
    app.status = 201

    assert (await ask(layer, **WRITE)).status == 201


async def test_a_request_that_broke_may_be_tried_again() -> None:
    app = Counting(0)
    layer = layered(app)
    with pytest.raises(Unavailable):
        await ask(layer, **WRITE)
    app.status = 200

    assert (await ask(layer, **WRITE)).status == 200


async def test_keys_and_bodies_that_are_too_long_are_refused() -> None:
    layer = layered(Counting())

    assert (await ask(layer, **{**WRITE, "idempotency_key": "k" * 201})).status == 400
    assert (await ask(layer, **{**WRITE, "body": b"x" * 1001})).status == 413


async def test_reading_takes_no_key() -> None:
    app = Counting()
    layer = layered(app)
    for _ in range(2):
        await ask(layer, **{**WRITE, "method": "GET"})

    assert app.asked == 2


PROXIES = [ipaddress.ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.1"),
    ],
)
def test_the_callers_address_is_believed_from_trusted_proxies_only(peer: str, forwarded: str, found: str) -> None:
    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}

    assert source_address(scope, PROXIES) == found


async def test_a_caller_over_its_rate_is_told_to_wait_and_others_are_not() -> None:
    gateway = Gateway(Counting(), MemoryCache(), GatewayLimits(3))
    told = [(await ask(gateway, authorization="Bearer a")).status for _ in range(5)]
    other = await ask(gateway, authorization="Bearer b")
    limited = await ask(gateway, authorization="Bearer a")

    # A minute may have turned between two requests.
    assert told.count(200) >= 3
    assert other.status == 200
    if limited.status == 429:
        assert limited.json["code"] == "rate.limited"
        assert int(limited.headers["retry-after"]) > 0
        assert limited.headers["ratelimit-remaining"] == "0"


async def test_every_answer_has_its_id_and_security_headers_and_the_rate_only_where_it_counts() -> None:
    gateway = Gateway(Counting(), MemoryCache(), GatewayLimits(10))
    one, page = await ask(gateway), await ask(gateway, path="/sites")

    assert one.headers["x-content-type-options"] == "nosniff"
    assert one.headers["ratelimit-limit"] == "10"
    assert "ratelimit-limit" not in page.headers
    assert page.headers["x-frame-options"] == "DENY"
    assert one.headers["x-request-id"] != page.headers["x-request-id"]


@pytest.mark.parametrize("cookie", ["tikfleet_session=", "a=b", "=;;;=", '"', "tikfleet_session", "\x01=2"])
def test_strange_cookies_name_nobody(cookie: str) -> None:
    assert credential_of({"headers": [(b"cookie", cookie.encode())]}) == ""


async def thing(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, 200, JSON, b'{"items":[{"a":1,"b":2},{"a":3,"b":4}],"next_cursor":null}')


async def test_an_entity_tag_makes_the_second_reading_a_304() -> None:
    layer = Representation(thing)
    first = await ask(layer)
    tag = first.headers["etag"]

    assert tag == etag_of(first.body)
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await ask(layer, if_none_match=known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == tag
    assert (await ask(layer, if_none_match='"other"')).status == 200


async def test_chosen_fields_have_their_own_tag() -> None:
    layer = Representation(thing)
    chosen = await ask(layer, query="fields=b")

    assert chosen.json["items"] == [{"b": 2}, {"b": 4}]
    assert chosen.headers["etag"] != (await ask(layer)).headers["etag"]
    assert chosen.headers["content-length"] == str(len(chosen.body))
    refused = await ask(layer, query="fields=a,c")
    assert (refused.status, refused.json["code"]) == (404, "fields.unknown")


async def test_what_is_not_a_reading_passes_untouched() -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    streamed = await ask(Representation(stream))
    assert streamed.body == b"ab"
    assert "etag" not in streamed.headers
    assert "etag" not in (await ask(Representation(thing), method="POST")).headers
