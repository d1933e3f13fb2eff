from typing import Any

import pytest
from api_stub import Stub

LETTER: dict[str, Any] = {"queue": "work", "id": "work-msg_1", "text": "offline", "size_bytes": 7, "replayable": True}


@pytest.fixture(autouse=True)
def letters(stub: Stub) -> None:
    stub.answers |= {
        ("GET", "/server/letters"): (200, {"items": [LETTER], "next_cursor": None, "total": 1}),
        ("GET", "/server/letters/work-msg_1"): (200, LETTER | {"content": "offline, all of it"}),
        ("POST", "/server/letters/work-msg_1/replay"): (204, None),
        ("POST", "/server/letters/replay"): (200, {"replayed": 3}),
        ("DELETE", "/server/letters/work-msg_1"): (204, None),
    }


def test_letters_are_listed_and_shown(run) -> None:
    assert "offline" in run("letters", "list").stdout
    assert "offline, all of it" in run("letters", "show", "work-msg_1").stdout


def test_one_or_all_are_replayed(run) -> None:
    assert run("letters", "replay", "work-msg_1").stdout.strip() == "work-msg_1 waits to be worked on again."
    assert run("letters", "replay").stdout.strip() == "3 letters wait to be worked on again."


def test_one_is_discarded(run, stub: Stub) -> None:
    assert run("letters", "discard", "work-msg_1").stdout.strip() == "work-msg_1 is gone."
