import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from api_stub import TOKEN, InProcess, Stub
from typer.testing import CliRunner, Result

from tikfleet.cli.application import build
from tikfleet.cli.terminal import Terminal

Run = Callable[..., Result]


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def terminal(stub: Stub, tmp_path: Path) -> Terminal:
    """Signed in by the environment; it never sleeps."""
    environment = {"HOME": str(tmp_path), "TIKFLEET_URL": "http://fleet.test", "TIKFLEET_TOKEN": TOKEN}
    return Terminal(environment, InProcess(stub), sleep=lambda _: None)


@pytest.fixture
def run(terminal: Terminal) -> Run:
    """Runs a command line; anything but an exit is a fault."""

    def invoke(*arguments: str, given: str = "") -> Result:
        result = CliRunner().invoke(build(), list(arguments), obj=terminal, input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke
