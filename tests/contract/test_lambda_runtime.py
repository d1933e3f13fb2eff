"""A function under AWS's own runtime: the emulator's invoke loop and awslambdaric, as in the cloud."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.lambda_emulator import EMULATOR
from tests.conftest import pick_port
from tests.contract.test_functions import by_address, by_balancer
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate

_READY_S = 120.0


class Runtime:
    """The emulator with one handler, as a process group of its own."""

    def __init__(self, handler: str, directory: Path, **environment: str) -> None:
        self._port = pick_port()
        self._log = directory / "runtime.log"
        command = [str(EMULATOR), "--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"]
        command += ["--runtime-api-address", f"127.0.0.1:{pick_port()}", sys.executable, "-m", "awslambdaric", handler]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TIKFLEET_")}
        kept |= {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "AWS_LAMBDA_FUNCTION_TIMEOUT": "120"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=kept | environment, cwd=directory, start_new_session=True
            )

    def call(self, event: dict[str, Any]) -> Any:
        """One invocation; waits for the emulator to listen at the first."""
        url = f"http://127.0.0.1:{self._port}/2015-03-31/functions/function/invocations"
        ends_at = time.monotonic() + _READY_S
        while True:
            try:
                with urllib.request.urlopen(url, json.dumps(event).encode(), timeout=_READY_S) as answer:
                    return json.loads(answer.read())
            except urllib.error.URLError:
                if time.monotonic() > ends_at or self._process.poll() is not None:
                    pytest.fail(self.said()[-2000:])
                time.sleep(0.1)

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=30)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    if not EMULATOR.exists():
        pytest.skip("the runtime emulator is not there: python -m scripts.lambda_emulator fetches it")
    directory = tmp_path_factory.mktemp("runtime")
    (directory / "data").mkdir()
    asyncio.run(migrate(sqlite_url(directory / "data" / "tikfleet.sqlite")))
    made = Runtime(
        "tikfleet.app.lambdas.http.handler",
        directory,
        TIKFLEET_DATA=str(directory / "data"),
        TIKFLEET_PUBLIC_URL="https://fleet.example",
        TIKFLEET_HTTPS_PORT="0",
    )
    yield made
    made.end()


def test_the_runtime_calls_the_handler_with_either_form_of_a_request(runtime: Runtime) -> None:
    assert runtime.call(by_balancer("GET", "/livez"))["statusCode"] == 200
    refused = runtime.call(by_address("GET", "/api/v1/devices"))
    assert refused["statusCode"] == 401
    assert json.loads(refused["body"])["code"] == "session.required"


def test_an_event_that_is_no_request_is_an_error_of_that_call_alone(runtime: Runtime) -> None:
    said = runtime.call({"Records": []})
    assert said["errorType"] == "ValueError"
    assert runtime.call(by_balancer("GET", "/livez"))["statusCode"] == 200
