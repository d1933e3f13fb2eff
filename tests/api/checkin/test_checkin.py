"""Check-ins over the assembled platform: both wire forms, credentials, refusals, and what becomes of a report."""

import msgspec
import pytest

from tikfleet.kernel.scopes import OrgScope
from tikfleet.kernel.secrets import DEVICE_TOKEN, new_secret
from tikfleet.ports.inbox import InboxUnavailable

from .conftest import JSON, LINES, Fleet, Router, answer_of

INVENTORY = {
    "identity": "Kaunas ✓",
    "serial-number": "S1",
    "board-name": "hAP ax2",
    "model": "C52iG",
    "architecture-name": "arm64",
    "version": "7.16.2 (stable)",
    "cpu-count": "4",
    "total-memory": "1073741824",
    "total-hdd-space": "128MiB",
    "current-firmware": "7.16.2",
}


async def test_a_report_becomes_the_devices_last_state(fleet: Fleet, acme: OrgScope, router: Router) -> None:
    answer = await router.check_in(
        uptime="1w2d03:04:05.1", cpu_load="17", free_memory="512MiB", free_hdd_space="64MiB", inventory=INVENTORY,
        wan_address="203.0.113.7", dhcp_leases="12", time="2026-11-23 05:00:00",
    )  # fmt: skip
    assert answer["ok"] is True
    await fleet.drain()

    device = await fleet.device(acme, router)
    assert (device.status, device.identity, device.version) == ("online", "Kaunas ✓", "7.16.2")
    assert (device.cpu_load, device.memory_used_percent, device.disk_used_percent) == (17.0, 50.0, 50.0)
    assert (device.uptime_s, device.wan_address, device.clients) == (788645.1, "203.0.113.7", 12)
    assert await fleet.history(router, "site_checkins", "cpu_load") == [(1, "boot1", 17)]


async def test_the_answer_has_the_form_of_the_request(fleet: Fleet, router: Router) -> None:
    body = b'{"boot":"b","seq":1,"uptime":"1s"}'
    as_json = await router.post("/agent/v1/checkin", body, "application/json; charset=utf-8")
    as_lines = await router.post("/agent/v1/checkin", b"tikfleet/1\nboot=1:b\nseq=1:2\nuptime=2:1s\n", LINES)

    assert as_json.headers["content-type"] == JSON
    assert as_json.json()["ok"] is True
    assert as_lines.headers["content-type"].startswith(LINES)
    assert as_lines.text.startswith("ok=1\nnext=")


@pytest.mark.parametrize("secret", ["", "nonsense", "tfd_" + "x" * 49, "\xff"])
async def test_without_a_known_token_it_is_401_and_nothing_is_stored(fleet: Fleet, acme: OrgScope, secret: str) -> None:
    headers = {"Content-Type": JSON}
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    answer = await fleet.http.post(
        "/agent/v1/checkin", content=b"{}", headers={key: value.encode("latin-1") for key, value in headers.items()}
    )

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "agent.token-unknown"
    assert fleet.platform.infra.inbox.depth() == 0
    assert fleet.refused("agent.token-unknown") == 1


async def test_a_genuine_looking_token_and_an_enrolment_key_are_unknown_too(fleet: Fleet, acme: OrgScope) -> None:
    for secret in (new_secret(DEVICE_TOKEN), await fleet.key(acme)):
        headers = {"Authorization": f"Bearer {secret}"}
        answers = [await fleet.http.post("/agent/v1/checkin", content=b"{}", headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [401, 401]


async def test_a_body_over_64_kib_is_413_and_one_of_64_kib_is_not(fleet: Fleet, plain: Router) -> None:
    def padded(size: int) -> bytes:
        body = b'{"boot":"b","seq":1,"uptime":"1s","x":"%s"}'
        return body % (b"x" * (size - len(body) + 2))

    assert (await plain.post("/agent/v1/checkin", padded(65_537))).status_code == 413
    assert fleet.platform.infra.inbox.depth() == 0
    assert answer_of(await plain.post("/agent/v1/checkin", padded(65_536)))["ok"] is True


async def test_storage_that_is_away_is_503_with_retry_after(fleet: Fleet, plain: Router) -> None:
    class Full:
        async def append(self, envelope: object) -> None:
            raise InboxUnavailable("the disk is full", retry_after_s=10)

    checkins = fleet.platform.http._app._agent._checkins  # type: ignore[attr-defined]
    real, checkins._inbox = checkins._inbox, Full()
    try:
        answer = await plain.post("/agent/v1/checkin", msgspec.json.encode(plain.report()))
    finally:
        checkins._inbox = real

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert fleet.counted("accepted") == 0


MALFORMED = {
    "empty": b"",
    "truncated": b'{"boot":"b","seq":1,"upti',
    "not an object": b"[1,2]",
    "no boot": b'{"seq":1,"uptime":"1s"}',
    "empty boot": b'{"boot":"","seq":1,"uptime":"1s"}',
    "long boot": b'{"boot":"%s","seq":1,"uptime":"1s"}' % (b"b" * 65),
    "nul in boot": b'{"boot":"a\\u0000b","seq":1,"uptime":"1s"}',
    "no seq": b'{"boot":"b","uptime":"1s"}',
    "seq of the wrong type": b'{"boot":"b","seq":[1],"uptime":"1s"}',
    "seq 0": b'{"boot":"b","seq":0,"uptime":"1s"}',
    "seq over 2^53": b'{"boot":"b","seq":9007199254740993,"uptime":"1s"}',
    "no uptime": b'{"boot":"b","seq":1}',
    "uptime in words": b'{"boot":"b","seq":1,"uptime":"long"}',
    "uptime below zero": b'{"boot":"b","seq":1,"uptime":"-5s"}',
    "endless uptime": b'{"boot":"b","seq":1,"uptime":"%s"}' % (b"9" * 300),
    "NaN": b'{"boot":"b","seq":1,"uptime":"1s","cpu-load":NaN}',
    "infinite": b'{"boot":"b","seq":1,"uptime":"1s","cpu-load":1e999}',
    "2^63": b'{"boot":"b","seq":1,"uptime":"1s","cpu-load":9223372036854775808}',
    "2^63 below": b'{"boot":"b","seq":1,"uptime":"1s","inventory":{"cpu-count":%s}}' % (b"9" * 40),
    "deep": b'{"boot":"b","seq":1,"uptime":"1s","x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep where a table is": b'{"boot":"b","seq":1,"uptime":"1s","interfaces":' + b"[" * 30_000,
    "interface without a name": b'{"boot":"b","seq":1,"uptime":"1s","interfaces":[{"type":"ether"}]}',
    "half a surrogate": b'{"boot":"\\ud800","seq":1,"uptime":"1s"}',
    "NUL": b"\x00" * 100,
}
MALFORMED_LINES = {
    "another magic": b"tikfleet/2\nboot=1:b\n",
    "longer magic": b"tikfleet/11\nboot=1:b\nseq=1:1\nuptime=2:1s\n",
    "cut in a value": b"tikfleet/1\nboot=1:b\nseq=1:1\nuptime=9:1s\n",
    "wrong length": b"tikfleet/1\nboot=1:bb\nseq=1:1\nuptime=2:1s\n",
    "no length": b"tikfleet/1\nboot=b\nseq=1:1\nuptime=2:1s\n",
    "length below zero": b"tikfleet/1\nboot=-1:b\nseq=1:1\nuptime=2:1s\n",
    "no name": b"tikfleet/1\n=1:b\nseq=1:1\nuptime=2:1s\nboot=1:b\n",
    "table and value": b"tikfleet/1\nboot=1:b\nseq=1:1\nuptime=2:1s\ninterfaces=1:x\n+interfaces\nname=1:a\n",
    "nan": b"tikfleet/1\nboot=1:b\nseq=3:nan\nuptime=2:1s\n",
}


@pytest.mark.parametrize("name", [*MALFORMED, *MALFORMED_LINES])
async def test_a_malformed_report_is_a_200_that_says_no(fleet: Fleet, plain: Router, name: str) -> None:
    form = JSON if name in MALFORMED else LINES
    answer = await plain.post("/agent/v1/checkin", {**MALFORMED, **MALFORMED_LINES}[name], form)

    assert answer.status_code == 200
    told = answer_of(answer)
    assert told["ok"] is False
    assert told["error"] == "report.malformed"
    assert told["detail"]
    assert 50 <= int(told["next"]) <= 70
    assert fleet.platform.infra.inbox.depth() == 0
    assert fleet.refused("malformed") == 1
    assert (await plain.check_in())["ok"] is True


async def test_bytes_that_are_no_utf8_are_replaced_and_the_report_counts(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme)
    one = await fleet.enrol(key, JSON, serial_number="A")
    other = await fleet.enrol(key, LINES, serial_number="B")
    body = b'{"boot":"b","seq":1,"uptime":"1s","inventory":{"identity":"caf\xe9"}}'
    assert answer_of(await one.post("/agent/v1/checkin", body))["ok"] is True
    lines = b"tikfleet/1\nboot=1:b\nseq=1:1\nuptime=2:1s\n+inventory\nidentity=4:caf\xe9\n"
    assert answer_of(await other.post("/agent/v1/checkin", lines))["ok"] is True
    await fleet.drain()

    assert [(await fleet.device(acme, item)).identity for item in (one, other)] == ["caf\ufffd", "caf\ufffd"]


async def test_of_a_name_that_comes_twice_the_last_value_counts(fleet: Fleet, acme: OrgScope, plain: Router) -> None:
    body = b'{"boot":"b","seq":1,"seq":2,"uptime":"1s","cpu-load":"1","cpu-load":"9"}'
    assert answer_of(await plain.post("/agent/v1/checkin", body))["ok"] is True
    await fleet.drain()

    assert (await fleet.device(acme, plain)).cpu_load == 9.0


async def test_values_that_cannot_be_read_are_counted_and_left_out(
    fleet: Fleet, acme: OrgScope, router: Router
) -> None:
    await router.check_in(cpu_load="150", free_memory="-1", dhcp_leases="9223372036854775808", ppp_active="many")
    await fleet.drain()

    device = await fleet.device(acme, router)
    assert (device.cpu_load, device.clients, device.ppp_active) == (None, None, None)
    assert fleet.counted("unreadable_values") == 4
    assert fleet.counted("processed") == 1


async def test_a_clock_years_ahead_orders_nothing(fleet: Fleet, acme: OrgScope, router: Router) -> None:
    for clock in ("2099-01-01 00:00:00", "jan/01/1970 00:00:10", "9999-12-31 23:59:59", "0001-01-01 00:00:00", "soon"):
        assert (await router.check_in(time=clock))["ok"] is True
    await fleet.drain()

    device = await fleet.device(acme, router)
    assert device.status == "online"
    assert device.last_seen_at is not None
    assert device.last_seen_at[:2] == "20"
    assert device.last_seen_at < "2099"
    assert fleet.counted("processed") == 5


async def test_each_organisation_sees_its_own_devices_only(fleet: Fleet, acme: OrgScope, globex: OrgScope) -> None:
    same = {"serial_number": "SAME", "identity": "edge"}
    ours, theirs = await fleet.enrol(await fleet.key(acme), **same), await fleet.enrol(await fleet.key(globex), **same)
    await ours.check_in(cpu_load="11")
    await theirs.check_in(cpu_load="22")
    await fleet.drain()

    assert ours.device_id != theirs.device_id
    assert (await fleet.device(acme, ours)).cpu_load == 11.0
    assert (await fleet.device(globex, theirs)).cpu_load == 22.0
    for scope, router in ((acme, theirs), (globex, ours)):
        with pytest.raises(Exception, match="no device of that id"):
            await fleet.device(scope, router)
        assert await fleet.events(scope, router) == []
