"""What a log line shows, and what it never shows."""

import sys
from collections.abc import Iterator

import pytest
import structlog

from tikfleet.app.observability.logs import set_up_logs

SECRET = "hunter-" + "2" * 8


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_fault_is_logged_with_its_place_and_without_the_values_of_variables(
    as_json: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    set_up_logs("info", as_json=as_json)
    signs_in(SECRET)
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "signs_in" in said
    assert SECRET not in said


def signs_in(password: str) -> None:
    try:
        int("no number" if password else "")
    except ValueError:
        structlog.get_logger().exception("signing in failed")
