from typing import Any

import pytest
from api_stub import Stub

CBK = "cbk_01m3k5x0v7q2a9bc"
CALLBACK: dict[str, Any] = {
    "id": CBK, "event": "job.finished", "subject_id": "job_01m3k5x0v7q2a9bc", "host": "hooks.acme.example",
    "state": "dead", "attempts": 5, "error": "the receiver answered 503", "created_at": "2026-11-23T04:20:11.000Z",
    "next_at": None, "log": [{"at": "2026-11-23T04:20:12.000Z", "status": 503, "error": "x", "took_ms": 12}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def callbacks(stub: Stub) -> None:
    stub.answers |= {
        ("GET", "/callbacks"): (200, {"items": [CALLBACK], "next_cursor": None}),
        ("GET", f"/callbacks/{CBK}"): (200, CALLBACK),
        ("POST", f"/callbacks/{CBK}/retry"): (200, CALLBACK | {"state": "waiting"}),
        ("GET", "/callbacks/secret"): (200, {"exists": False}),
        ("POST", "/callbacks/secret"): (201, {"secret": "tfc_x", "made_at": "2026-11-23T04:20:11.000Z"}),
    }


def test_dead_letters_are_listed_and_shown_with_their_attempts(run) -> None:
    assert "hooks.acme.example" in run("callbacks", "list", "--state", "dead").stdout
    assert "503" in run("callbacks", "show", CBK).stdout
    assert run("callbacks", "retry", CBK).stdout.strip() == f"{CBK} is waiting."


def test_an_address_is_subscribed_listed_and_told_nothing_more(run, stub: Stub) -> None:
    one = {
        "id": "sub_1",
        "name": "Desk",
        "events": ["device.offline"],
        "host": "hooks.acme.example",
        "created_by": "Ada",
    }
    stub.answers |= {
        ("POST", "/callbacks/subscriptions"): (201, one),
        ("GET", "/callbacks/subscriptions"): (200, {"items": [one], "next_cursor": None}),
        ("DELETE", "/callbacks/subscriptions/sub_1"): (204, None),
    }
    url = "https://hooks.acme.example/x?key=canary"
    made = run("callbacks", "subscribe", url, "--name", "Desk", "--event", "device.offline")
    assert made.stdout.strip() == "hooks.acme.example is told of device.offline (sub_1)."
    assert "device.offline" in run("callbacks", "subscriptions").stdout
    assert run("callbacks", "unsubscribe", "sub_1").exit_code == 0


def test_a_secret_is_made_only_when_it_is_asked_for(run, stub: Stub) -> None:
    assert "tfc_" not in run("callbacks", "secret").stdout
    assert stub.asked("POST", "/callbacks/secret") == []
    assert "tfc_x" in run("callbacks", "secret", "--new").stdout
