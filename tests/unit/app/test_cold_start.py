"""What a function of AWS Lambda imports before its first answer, and what its package does without."""

import importlib.metadata
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.lambdas import measured
from tests.conftest import ROOT
from tikfleet.app.cloud.assembly import File, StackUnbuilt
from tikfleet.app.cloud.package import LEFT_OUT, SERVICES, make_package, quiet_run, thinned

LOCK = (ROOT / "deploy" / "container" / "requirements.lock").read_text()
# Each is a part of a second, and only some settings or commands need it.
LATE = {
    "aiobotocore",
    "alembic",
    "asyncpg",
    "botocore",
    "clickhouse_connect",
    "mako",
    "singlestoredb",
    *LEFT_OUT.values(),
}


def test_functions_answer_without_what_their_package_leaves_out_and_import_no_driver_unasked() -> None:
    imported = {name.partition(".")[0] for name in measured("modules")}

    assert "tikfleet" in imported
    assert imported & LATE == set()


def test_who_keeps_files_imports_no_driver_of_a_server() -> None:
    script = "import sys, tikfleet.app.serve; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    drivers = {"alembic", "asyncpg", "botocore", "clickhouse_connect", "singlestoredb", "sqlalchemy"}
    assert {name.partition(".")[0] for name in said.stdout.split()} & drivers == set()


def test_what_is_left_out_is_known_to_the_lock_and_carries_those_modules() -> None:
    provided = importlib.metadata.packages_distributions()

    for distribution, module in LEFT_OUT.items():
        assert f"\n{distribution}==" in LOCK
        if module in provided:
            assert distribution in {name.lower().replace("_", "-") for name in provided[module]}
    less = thinned(LOCK)
    assert len(LOCK) - len(less) > 10_000
    assert not [name for name in LEFT_OUT if f"\n{name}==" in less]
    assert "\nsqlalchemy==" in less
    with pytest.raises(ValueError, match="nothing"):
        thinned(less)


class Installer:
    """pip's part is to put files there; the compiler's is done as it is."""

    def __init__(self, out: Path) -> None:
        self.commands: list[Sequence[str]] = []
        self._out = out

    def __call__(self, command: Sequence[str]) -> None:
        self.commands.append(command)
        if "pip" in command:
            (self._out / "library.py").write_text("ANSWER = 42\n")
            for service in ("s3", "braket"):
                (self._out / "botocore" / "data" / service).mkdir(parents=True)
                (self._out / "botocore" / "data" / service / "service-2.json").write_text("{}")
        else:
            quiet_run(command)


def test_bytecode_is_used_although_the_zip_has_other_times(tmp_path: Path) -> None:
    source, out = tmp_path / "tikfleet", tmp_path / "functions"
    source.mkdir()
    (source / "__init__.py").write_text("")
    (source / "told.py").write_text("WHAT = 'compiled'\n")
    (source / "dashboard").mkdir()
    installer = Installer(out)

    make_package(out, LOCK, source, sys.executable, installer)

    assert "--require-hashes" in installer.commands[0]
    assert sorted(found.name for found in (out / "botocore" / "data").iterdir()) == ["s3"]
    assert "s3" in SERVICES
    assert not (out / "tikfleet" / "dashboard").exists()
    (tmp_path / "code.zip").write_bytes(File("code.zip", out, zipped=True).content())
    with zipfile.ZipFile(tmp_path / "code.zip") as code:
        code.extractall(tmp_path / "lambda")
    # A source of the same length, which only a look at times could tell from the one that was compiled.
    (tmp_path / "lambda" / "tikfleet" / "told.py").write_text("WHAT = 'again!!!'\n")
    asked = [sys.executable, "-c", "import tikfleet.told, library; print(tikfleet.told.WHAT, library.ANSWER)"]
    done = subprocess.run(asked, cwd=tmp_path / "lambda", env={}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["compiled", "42"]


def test_a_directory_with_something_in_it_and_a_missing_interpreter_are_told(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    with pytest.raises(StackUnbuilt, match="not empty"):
        make_package(tmp_path, LOCK, tmp_path, sys.executable, quiet_run)
    with pytest.raises(StackUnbuilt, match="there is no"):
        make_package(tmp_path / "new", LOCK, tmp_path, str(tmp_path / "absent"), quiet_run)
    with pytest.raises(StackUnbuilt, match="ended with 1"):
        quiet_run([sys.executable, "-c", "raise SystemExit(1)"])
