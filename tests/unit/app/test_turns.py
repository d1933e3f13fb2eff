"""A process that serves does not let one thread keep the interpreter for long."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tikfleet.app import running
from tikfleet.app.processes.turns import take_short_turns
from tikfleet.app.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before_s = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before_s)


def test_turns_are_a_tenth_of_what_python_gives() -> None:
    take_short_turns()
    assert sys.getswitchinterval() == pytest.approx(0.0005)


def test_each_process_that_serves_takes_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def serving() -> None:
        seen.append(sys.getswitchinterval())

    seen: list[float] = []
    monkeypatch.setattr(running, "set_up_logs", lambda *_, **__: None)
    running._run(Settings(data=str(tmp_path)), serving())
    assert seen == [pytest.approx(0.0005)]
