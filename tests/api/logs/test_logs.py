"""Lines from a program's request to the answers of a search, and to the events of a device."""

import gzip
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.api.conformance.house import House, Tenant
from tikfleet.app.log_parts import forget_lines
from tikfleet.domains.logs.facts import LINES
from tikfleet.domains.logs.public import log_tables
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import new_id
from tikfleet.ports.warehouse import Batch, Kind

pytestmark = pytest.mark.xdist_group("logs")

DAY_MS = 86_400_000
FAILURE = "system,error,critical login failure for user admin from 192.0.2.66 via ssh"
DROPPED = (
    "firewall,info drop-in input: in:ether1 out:(unknown 0), connection-state:new src-mac 02:00:00:00:00:01, "
    "proto TCP (SYN), 192.0.2.10:59388->198.51.100.1:23, len 40"
)
LINK = "interface,info ether2 link down"


class Sender:
    """A program with a token of an organisation."""

    def __init__(self, tenant: Tenant) -> None:
        self.house = tenant.house
        self.source = tenant.made("/sources", {"way": "token", "name": "collector"})
        self.house.platform.attribution.directory.forget()

    def send(self, body: bytes, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.source['secret']}", "Content-Type": "application/x-ndjson", **headers}
        return self.house.run(self.house._send("POST", "/ingest/v1/logs", content=body, headers=sent))

    def lines(self, *lines: str, host: str = "") -> Any:
        body = b"\n".join(json.dumps({"log": line, "host": host}).encode() for line in lines)
        answer = self.send(body)
        assert answer.status_code == 200, answer.text
        return answer.json()


def found(tenant: Tenant, count: int, **query: Any) -> list[Any]:
    """The lines of a search, once there are so many."""

    def asked() -> list[Any] | None:
        items = tenant.items("/logs", **query)
        return items if len(items) >= count else None

    lines: list[Any] = tenant.house.until(asked)
    assert len(lines) == count
    return lines


def test_a_line_is_found_by_its_words_and_fields_and_belongs_to_the_device_that_it_names(acme: Tenant) -> None:
    router = acme.router(1, identity="gw-riga")
    device = router.id
    router.report({"v": 1, "boot": "b", "seq": 1, "uptime": 60, "inventory": {"identity": "gw-riga"}})
    acme.house.until(lambda: acme.get(f"/devices/{device}")["status"] == "online")
    assert Sender(acme).lines(FAILURE, DROPPED, LINK, host="gw-riga") == {"accepted": 3, "dropped": 0}
    found(acme, 3)
    (line,) = found(acme, 1, q="FAILURE admin")
    assert {name: line[name] for name in ("device_id", "severity", "action", "user", "address", "tool")} == {
        "device_id": device, "severity": "error", "action": "login-failure", "user": "admin", "address": "192.0.2.66",
        "tool": "ssh",
    }  # fmt: skip
    assert [one["to_port"] for one in found(acme, 1, where=["to_port=23", "chain=input"])] == [23]
    assert [one["interface"] for one in found(acme, 2, where=["interface=ether1", "interface=ether2"])] == [
        "ether2", "ether1",
    ]  # fmt: skip
    assert [one["action"] for one in found(acme, 1, where="topic=firewall")] == ["drop-in"]
    for some in ("topics=firewall", "topics=firewall,info", "topics=info", "topics!=interface", "topics!=system"):
        assert "drop-in" in [one["action"] for one in acme.items("/logs", where=some)], some
    assert len(acme.items("/logs", where=["topics=firewall", "topics=system"])) == 2
    assert [one["action"] for one in found(acme, 1, where=["topics!=firewall", "topics!=system"])] == ["link-down"]
    assert acme.items("/logs", where="topics=fire") == []
    counted = {one["value"]: one["lines"] for one in acme.get("/logs/facet", field="topic")["values"]}
    assert counted == {"info": 2, "firewall": 1, "system": 1, "error": 1, "critical": 1, "interface": 1}
    found(acme, 2, q="-login")
    found(acme, 1, q='"link down"')
    assert acme.items("/logs", q="adm") == [], "a part of a word is not a word"
    assert acme.items("/logs", q="198.51.100") != []


def test_what_lines_say_becomes_events_of_the_device_once(acme: Tenant) -> None:
    router = acme.router(1, identity="gw")
    device = router.id
    router.report({"v": 1, "boot": "b", "seq": 1, "uptime": 60, "inventory": {"identity": "gw"}})
    acme.house.until(lambda: acme.get(f"/devices/{device}")["status"] == "online")
    change = "system,info address added by winbox-3.41/tcp-msg(winbox):ada@192.0.2.4 (/ip address add address=10.0.0.1)"
    script = "script,error executing script from scheduler (agent) failed, please check it manually"
    Sender(acme).lines(*[FAILURE] * 40, LINK, change, script, host="gw")
    kinds = ["device.login-failed", "device.link", "device.config-changed", "device.script-failed"]
    events = acme.house.until(
        lambda: len(found := [e for e in acme.items("/events", limit=50) if e["kind"] in kinds]) >= 4 and found
    )
    by_kind = {event["kind"]: event for event in events}
    assert len(events) == 4
    assert by_kind["device.login-failed"]["data"]["count"] == 40
    assert (
        by_kind["device.config-changed"]["data"] | {"user": "ada", "address": "192.0.2.4"}
        == by_kind["device.config-changed"]["data"]
    )
    assert {event["device_id"] for event in events} == {device}


def test_the_histogram_and_facets_count_what_the_search_finds(acme: Tenant) -> None:
    Sender(acme).lines(*[FAILURE] * 3, *[DROPPED] * 5, LINK)
    found(acme, 9)
    counted = acme.get("/logs/histogram")
    assert counted["total"] == 9
    assert sum(step["lines"].get("error", 0) for step in counted["steps"]) == 3
    assert acme.get("/logs/histogram", q="23")["total"] == 5
    facet = acme.get("/logs/facet", field="action")
    assert [(one["value"], one["lines"]) for one in facet["values"]] == [
        ("drop-in", 5), ("login-failure", 3), ("link-down", 1),
    ]  # fmt: skip


def test_lines_are_not_shown_once_their_organisation_keeps_them_no_longer(acme: Tenant, globex: Tenant) -> None:
    Sender(acme).lines(FAILURE, LINK)
    found(acme, 2)
    store, now_ms = acme.house.platform.infra.warehouse, int(time.time() * 1000)
    columns = log_tables(1)[0].columns
    empty = {column.name: 0 if column.kind in (Kind.U16, Kind.U32) else "" for column in columns}
    for tenant in (acme, globex):
        old = empty | {
            "org_id": tenant.org_id,
            "received_at": now_ms - 3 * DAY_MS,
            "claimed_at": None,
            "message": "old",
        }
        tenant.house.run(store.append(Batch(new_id("bat"), {LINES: [tuple(old.values())]})))
    since = {"since": to_text(datetime.fromtimestamp(now_ms / 1000 - 5 * 86_400, UTC))}
    found(acme, 3, **since)
    found(globex, 1, **since)

    assert acme.ask("PATCH", "/settings", {"log_retention_days": 2}).json()["log_retention_days"] == 2
    found(acme, 2, **since)
    assert acme.get("/logs/histogram", **since)["total"] == 2
    assert acme.get("/logs/facet", field="action", **since)["values"] != []
    platform = acme.house.platform
    acme.house.run(forget_lines(platform.infra, platform.identity.services["organisation_settings"]))
    acme.ask("PATCH", "/settings", {"log_retention_days": 0})
    acme.house.until(lambda: len(acme.items("/logs", **since)) == 2)
    found(globex, 1, **since)


def test_pages_give_every_line_once(acme: Tenant) -> None:
    Sender(acme).lines(*[f"system,info line {number}" for number in range(57)])
    found(acme, 57)
    seen: list[str] = []
    cursor = None
    while True:
        page = acme.get("/logs", limit=10, **({"cursor": cursor} if cursor else {}))
        seen += [line["message"] for line in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"line {number}" for number in reversed(range(57))]


def test_nobody_sees_the_lines_of_another_organisation(acme: Tenant, globex: Tenant) -> None:
    Sender(acme).lines(FAILURE)
    found(acme, 1)
    assert globex.items("/logs") == []
    assert globex.get("/logs/histogram")["total"] == 0


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "logs.unreadable"),
        (b"x", {"Content-Encoding": "gzip"}, 400, "logs.unreadable"),
        (gzip.compress(b"\n" * (70 << 20)), {"Content-Encoding": "gzip"}, 400, "logs.unreadable"),
        (gzip.compress(b"{}\n" * 50)[:20], {"Content-Encoding": "gzip"}, 400, "logs.unreadable"),
        (b" " * (9 << 20), {}, 413, "request.too-large"),
        (b"{}", {"Authorization": "Bearer tfl_x"}, 401, "source.token-required"),
        (b"{}", {"Authorization": ""}, 401, "source.token-required"),
    ],
    ids=["broken JSON", "no gzip", "a bomb", "cut short", "too large", "unknown token", "no token"],
)
def test_what_cannot_be_read_is_refused_whole(
    acme: Tenant, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = Sender(acme).send(body, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_gzip_arrays_and_plain_text_are_taken_too(acme: Tenant) -> None:
    sender = Sender(acme)
    whole = json.dumps([{"message": LINK}, {"topics": "script,error", "msg": "broke"}, "bare"]).encode()
    assert sender.send(gzip.compress(whole), **{"Content-Encoding": "gzip"}).json()["accepted"] == 3
    assert sender.send(f"{FAILURE}\n{LINK}\n".encode(), **{"Content-Type": "text/plain"}).json()["accepted"] == 2
    lines = found(acme, 5)
    assert {line.get("action", "") for line in lines} == {"link-down", "script-error", "login-failure", ""}


def test_hostile_lines_are_kept_as_text_and_exported_without_formulas(acme: Tenant) -> None:
    hostile = ["\x1b[31mred", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "nul\x00nul", "x" * 70_000]
    Sender(acme).lines(*hostile)
    lines = found(acme, 5)
    assert all(line["message"].isprintable() and len(line["message"]) <= 16_385 for line in lines)
    table = acme.ask("GET", "/logs/export.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "'=cmd" in table.text
    assert len(acme.ask("GET", "/logs/export").text.splitlines()) == 5


def test_searches_are_saved_shared_and_deleted(acme: Tenant, globex: Tenant) -> None:
    ask = {"q": "failure", "where": ["severity=error"], "last_s": 600}
    made = acme.made("/logs/searches", {"name": "Refused", "search": ask, "shared": True})
    assert acme.get(f"/logs/searches/{made['id']}")["search"] == ask
    assert globex.ask("GET", f"/logs/searches/{made['id']}").status_code == 404
    assert acme.ask("DELETE", f"/logs/searches/{made['id']}").status_code == 204
    assert acme.items("/logs/searches") == []


@pytest.mark.parametrize(
    "query", [{"where": "nothing=1"}, {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}]
)
def test_a_search_that_makes_no_sense_is_refused(acme: Tenant, query: dict[str, str]) -> None:
    answer = acme.ask("GET", "/logs", params=query)
    assert (answer.status_code, answer.json()["code"]) == (409, "logs.unfit")


def test_sent_is_stored_and_counted_drops(house: House, acme: Tenant) -> None:
    sender = Sender(acme)
    house.platform.attribution.meter._rate, before = 10.0, house.platform.attribution.meter._rate
    try:
        outcome = sender.lines(*[LINK] * 50)
    finally:
        house.platform.attribution.meter._rate = before
    assert outcome == {"accepted": 20, "dropped": 30}
    found(acme, 20)
    house.run(house.platform.attribution.tally.flush())
    counts = acme.get("/sources/totals")["streams"][0]["counts"]
    assert (counts["received"], counts["accepted"], counts["dropped_rate"]) == (50, 20, 30)


def test_the_buffer_says_when_lines_are_late_and_when_they_are_dropped(house: House, acme: Tenant) -> None:
    assert acme.get("/logs/buffer") | {"size_bytes": 0} == {
        "behind_s": 0.0, "size_bytes": 0, "most_bytes": 1 << 30, "refusal": "",
    }  # fmt: skip
    lines: Any = house.platform.infra.lines
    before = lines._most_bytes, lines._now_s
    try:
        lines._most_bytes = -1
        assert acme.get("/logs/buffer")["refusal"] == "the buffer is full"
        answer = Sender(acme).send(b"{}")
        assert (answer.status_code, answer.json()["code"]) == (503, "logs.buffer-full")
        lines._most_bytes = before[0]
        lines._arrivals.append((1 << 62, lines._now_s() - 600))
        lines._depth += 1
        assert 590 <= acme.get("/logs/buffer")["behind_s"] <= 700
    finally:
        lines._most_bytes = before[0]
        lines._depth -= 1
        lines._arrivals.clear()
    assert acme.get("/logs/buffer")["behind_s"] == 0
