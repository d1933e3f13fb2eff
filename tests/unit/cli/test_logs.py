"""`tikfleet logs search --follow`: each line once, in order, whatever becomes of the stream."""

import json
from typing import Any

from api_stub import Stub, problem


def line(number: int) -> dict[str, Any]:
    return {
        "id": f"1763871611{number:03}-7", "received_at": f"2025-11-23T04:20:11.{number:03}Z", "org_id": "org_1",
        "device_id": "dev_1", "severity": "info", "message": f"line {number}\u001b[0m",
    }  # fmt: skip


def listed(*numbers: int) -> tuple[int, Any]:
    return 200, {"items": [line(number) for number in numbers], "next_cursor": None}


def streamed(*numbers: int) -> tuple[int, str]:
    events = "".join(f"event: line\ndata: {json.dumps(line(number))}\n\n" for number in numbers)
    return 200, f"retry: 2000\n\n: keep-alive\n\n{events}"


def messages(text: str) -> list[str]:
    return [shown.rpartition("  ")[2].removesuffix("\\x1b[0m") for shown in text.splitlines()]


def test_followed_lines_come_by_the_stream_and_those_that_were_shown_do_not_come_again(
    run, terminal, stub: Stub
) -> None:
    stub.answers["GET", "/logs"] = listed(2, 1)
    stub.answers["GET", "/logs/follow"] = streamed(1, 2, 3, 4)
    terminal.sleep = stop

    shown = run("logs", "search", "-q", "line", "-w", "severity=info", "--follow").stdout

    assert messages(shown) == ["line 1", "line 2", "line 3", "line 4"]


def test_what_came_while_the_stream_was_away_comes_before_what_follows(run, terminal, stub: Stub) -> None:
    stub.answers["GET", "/logs"] = listed(1)
    stub.answers["GET", "/logs/follow"] = streamed(2)
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            stub.answers["GET", "/logs/follow"] = (502, "bad gateway")
        elif len(slept) == 2:
            stub.answers["GET", "/logs"] = listed(4, 3, 2)
            stub.answers["GET", "/logs/follow"] = streamed(4, 5)
        else:
            stop(seconds)

    terminal.sleep = sleep
    shown = run("logs", "search", "--follow")

    assert messages(shown.stdout) == ["line 1", "line 2", "line 3", "line 4", "line 5"]
    assert "trying again" in shown.stderr


def test_a_stream_that_is_forbidden_is_not_tried_again(run, stub: Stub) -> None:
    stub.answers["GET", "/logs"] = listed()
    stub.answers["GET", "/logs/follow"] = (403, problem(403, "forbidden", "no"))

    assert run("logs", "search", "--follow").exit_code == 3


def stop(_: float) -> None:
    raise SystemExit(0)
