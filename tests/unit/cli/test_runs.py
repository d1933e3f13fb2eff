"""`tikfleet runs`: what is asked of the API, and what is shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from api_stub import Stub
from typer.testing import Result

Run = Callable[..., Result]
COUNTS = dict.fromkeys(
    ("waiting", "asked", "silent", "recalled", "succeeded", "failed", "expired", "unknown", "cancelled"), 0
)


def shown(state: str = "planned", **counts: int) -> dict[str, Any]:
    wave = {"number": 1, "size": 2, "state": "running", "pause_s": 0, "gate": False, "counts": COUNTS | counts}
    return {
        "id": "run_1", "name": "DNS", "state": state, "reason": "", "wave": 1, "waves": [wave], "total": 2,
        "counts": COUNTS | counts, "started_at": None, "history": [],
    }  # fmt: skip


def test_create_sends_waves_parameters_and_selection(run: Run, stub: Stub, tmp_path: Path) -> None:
    stub.answers["POST", "/runs"] = (201, shown())
    (tmp_path / "x.rsc").write_text(":put ${x}")
    words = ["--name", "DNS", "--tag", "core", "--waves", "1,5%,100%", "--gate", "--parameter", "x=a=b"]
    done = run("runs", "create", str(tmp_path / "x.rsc"), *words)
    assert done.exit_code == 0, done.output
    body = stub.asked("POST", "/runs")[0]
    assert body["script"] == ":put ${x}"
    assert body["parameters"] == [{"name": "x", "value": "a=b"}]
    assert body["selection"] == {"tag": ["core"]}
    assert [{key: wave[key] for key in wave if key != "pause_s"} for wave in body["waves"]] == [
        {"count": 1}, {"percent": 5, "gate": True}, {"percent": 100},
    ]  # fmt: skip


def test_watch_fails_unless_every_device_succeeded(run: Run, stub: Stub) -> None:
    stub.answers["GET", "/runs/run_1"] = (200, shown("finished", succeeded=1, failed=1))
    assert run("runs", "watch", "run_1").exit_code == 1
    stub.answers["GET", "/runs/run_1"] = (200, shown("finished", succeeded=2))
    assert run("runs", "watch", "run_1").exit_code == 0


def test_a_wave_that_is_none_is_a_mistake_of_the_command_line(run: Run, stub: Stub, tmp_path: Path) -> None:
    (tmp_path / "x.rsc").write_text(":put 1")
    assert run("runs", "create", str(tmp_path / "x.rsc"), "--name", "x", "--all", "--waves", "some").exit_code == 2
    assert stub.asked("POST", "/runs") == []


def test_a_run_may_try_again_and_back_up_first(run: Run, stub: Stub, tmp_path: Path) -> None:
    stub.answers["POST", "/runs"] = (201, shown())
    (tmp_path / "x.rsc").write_text(":put 1")
    words = ["--name", "DNS", "--all", "--class", "desired-state", "--attempts", "3", "--retry-pause-s", "30"]
    done = run("runs", "create", str(tmp_path / "x.rsc"), *words, "--backup-first")
    assert done.exit_code == 0, done.output
    (body,) = stub.asked("POST", "/runs")
    assert (body["retry"], body["backup_first"]) == ({"attempts": 3, "pause_s": 30}, True)


def test_a_typed_kind_is_rolled_out_with_its_values_limits_and_times(run: Run, stub: Stub) -> None:
    kind = {"kind": "dns", "classes": ["desired-state"], "parameters": {"properties": {"servers": {"type": "array"}}}}
    stub.answers["GET", "/job-kinds"] = (200, {"items": [kind]})
    stub.answers["POST", "/runs"] = (201, shown("draft"))
    words = ["--name", "DNS", "--all", "--kind", "dns", "--set", "servers=192.0.2.1,192.0.2.2", "--draft"]
    more = ["--max-wave-failures", "3", "--timeout-s", "30", "--joins-until", "2026-12-01T00:00:00Z"]
    done = run("runs", "create", *words, *more)
    assert done.exit_code == 0, done.output
    (body,) = stub.asked("POST", "/runs")
    assert (body["kind"], body["draft"], body["timeout_s"]) == ("dns", True, 30)
    assert body["parameters"] == [{"name": "servers", "value": ["192.0.2.1", "192.0.2.2"]}]
    assert body["limits"] == {"percent": 10, "wave_percent": 20, "wave_failures": 3}
    assert body["joins_until"] == "2026-12-01T00:00:00Z"
    assert "script" not in body


def test_a_run_is_either_a_script_or_a_typed_kind(run: Run, stub: Stub) -> None:
    for words in ([], ["x.rsc", "--kind", "dns"]):
        assert run("runs", "create", *words, "--name", "x", "--all").exit_code == 2
    assert stub.asked("POST", "/runs") == []


def test_a_draft_is_planned_and_the_called_back_are_asked_again(run: Run, stub: Stub) -> None:
    for decision in ("plan", "retry"):
        stub.answers["POST", f"/runs/run_1/{decision}"] = (200, shown())
    assert run("runs", "plan", "run_1").exit_code == 0
    assert run("runs", "retry", "run_1", "--cancelled").exit_code == 0
    assert stub.asked("POST", "/runs/run_1/retry") == [{"unknown": False, "cancelled": True}]
