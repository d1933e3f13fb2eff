"""The whole API against its description, by schemathesis with every check: nothing may be found.

`TIKFLEET_SCHEMATHESIS_EXAMPLES` says how many cases each operation gets beyond the systematic ones; the default keeps
the test short, some hundreds take minutes.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# As Hypothesis does: CI takes the same examples each time, a run by hand looks for new ones.
SEED = ["--seed", "20261123"] if os.environ.get("CI") else []
EXAMPLES = os.environ.get("TIKFLEET_SCHEMATHESIS_EXAMPLES", "2")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a platform in a process of its own, on real sockets."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIKFLEET_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.conformance.serving", tmp_path_factory.mktemp("platform")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        cwd=HERE.parents[2],
    )
    assert process.stdout is not None
    assert process.stdin is not None
    address = next((line.strip() for line in process.stdout if line.startswith("http")), "")
    assert address, "the platform did not start"
    yield address
    process.stdin.close()
    process.stdout.close()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_is_found_between_the_api_and_its_description(server: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml",
            "run", f"{server}/api/v1/openapi.json", "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful",
            "--max-examples", EXAMPLES, "--header", "Authorization: Bearer owner", "--request-timeout", "30",
            "--continue-on-failure", "--warnings", "off", "--no-color", *SEED,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
    assert "No issues found" in run.stdout
    selected, tested = (
        next(line.split()[-1].partition("/")[0] for line in run.stdout.splitlines() if line.strip().startswith(word))
        for word in ("Selected:", "Tested:")
    )
    assert selected == tested
