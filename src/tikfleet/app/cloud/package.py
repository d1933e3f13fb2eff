"""The directory that functions are made of: Tikfleet and what it needs on Lambda, for Linux on arm64, with bytecode.

Lambda's files can't be written to, so a package without bytecode compiles everything at each cold start, which takes as
long as all the rest of it. Packages are put into a zip whose files have one fixed time: only bytecode that
is not checked against times is used then (PEP 552, `unchecked-hash`).
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from tikfleet.app.cloud.assembly import StackUnbuilt

# Of the stack's functions (`deploy/aws/parts/functions.py`).
PYTHON: Final = "3.12"
# Lambda's Python 3.12 runs on Amazon Linux 2023, whose C library is 2.34: what was built for an older one runs too.
_PLATFORMS: Final = tuple(f"manylinux_2_{minor}_aarch64" for minor in range(17, 35))
# What functions never import, by distribution and module: the engine within the process, the server of connections,
# what draws on terminals, what others need of the same libraries.
LEFT_OUT: Final = {
    "asyncssh": "asyncssh",
    "chdb-core": "chdb",
    "faker": "faker",
    "granian": "granian",
    "markdown-it-py": "markdown_it",
    "mdurl": "mdurl",
    "numpy": "numpy",
    "pandas": "pandas",
    "polyfactory": "polyfactory",
    "pyarrow": "pyarrow",
    "pydantic": "pydantic",
    "pydantic-core": "pydantic_core",
    "pygments": "pygments",
    "rich": "rich",
    "rich-click": "rich_click",
    "shellingham": "shellingham",
    "typer": "typer",
    "uvloop": "uvloop",
}
# Of the services that botocore describes, those that functions speak to.
SERVICES: Final = frozenset({"dynamodb", "kinesis", "kms", "s3", "secretsmanager", "sqs", "sso", "sso-oidc", "sts"})
_ENTRY: Final = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==.*\\\n(?:    .*\\\n)*    .*\n", re.MULTILINE)
_PIP_S: Final = 1800
Run = Callable[[Sequence[str]], None]


def thinned(lock: str) -> str:
    """A lock file with hashes, without what is left out. Raises ValueError where it has nothing of that."""
    less = _ENTRY.sub(lambda entry: "" if entry["name"] in LEFT_OUT else entry[0], lock)
    if less == lock:
        raise ValueError("the lock file names nothing that functions do without")
    return less


def make_package(out: Path, lock: str, source: Path, python: str, run: Run) -> None:
    """Fill the new directory `out`. `source` is the package of Tikfleet, `python` an interpreter of `PYTHON`.

    Raises StackUnbuilt.
    """
    if out.exists() and any(out.iterdir()):
        raise StackUnbuilt(f"{out} is not empty")
    out.mkdir(parents=True, exist_ok=True)
    requirements = out / "requirements.txt"
    requirements.write_text(thinned(lock))
    run(_pip(python, out, requirements))
    # The dashboard lies in a bucket, behind CloudFront.
    shutil.copytree(source, out / "tikfleet", ignore=shutil.ignore_patterns("__pycache__", "dashboard"))
    shutil.rmtree(out / "bin", ignore_errors=True)
    _drop_services(out)
    run([python, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", str(out)])


def quiet_run(command: Sequence[str]) -> None:
    """Run it. Raises StackUnbuilt with the last line that it said."""
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PIP_S)
    except FileNotFoundError as cause:
        raise StackUnbuilt(
            f"there is no {command[0]}: functions run on Python {PYTHON}, which also compiles them"
        ) from cause
    except subprocess.CalledProcessError as cause:
        last = (cause.stderr.strip() or cause.stdout.strip() or "it said nothing").splitlines()[-1]
        raise StackUnbuilt(f"{' '.join(command[:3])} ended with {cause.returncode}: {last}") from cause


def _pip(python: str, out: Path, requirements: Path) -> list[str]:
    where = ["--target", str(out), "--python-version", PYTHON, "--implementation", "cp"]
    where += [part for platform in _PLATFORMS for part in ("--platform", platform)]
    checked = ["--only-binary", ":all:", "--no-deps", "--require-hashes", "--no-compile", "-r", str(requirements)]
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *where, *checked]


def _drop_services(out: Path) -> None:
    for found in _described(out / "botocore" / "data"):
        if found.name not in SERVICES:
            shutil.rmtree(found)


def _described(data: Path) -> Iterable[Path]:
    return [found for found in data.iterdir() if found.is_dir()] if data.is_dir() else []
