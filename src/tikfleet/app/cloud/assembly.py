"""What CDK wrote: a template, and files that it names (docs of AWS CDK, "Cloud assemblies": `NAME.assets.json`)."""

import hashlib
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec

from tikfleet.kernel.errors import TikfleetError

# Zip knows no earlier day; a fixed one makes the same files the same bytes.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_SYNTHESIS_S: Final = 600


class StackUnbuilt(TikfleetError):
    """The stack could not be synthesised on this machine."""

    code: ClassVar[str] = "deploy.stack-unbuilt"
    title: ClassVar[str] = "The stack cannot be put together"
    remedy: ClassVar[str] = "Run it in a clone of the repository, after `make .venv-aws/.ready`."


class File(msgspec.Struct, frozen=True):
    """Something that the template expects in the bucket of the deployment, under `key`."""

    key: str
    path: Path
    zipped: bool

    def content(self) -> bytes:
        """The bytes to put there: the file, or a zip of the directory, the same for the same files."""
        return _zip_of(self.path) if self.zipped else self.path.read_bytes()


class Assembly(msgspec.Struct, frozen=True):
    """The template of one stack and what it needs."""

    template: dict[str, Any]
    files: list[File]

    @property
    def digest(self) -> str:
        """A name for this template: 16 hexadecimal digits."""
        return hashlib.sha256(self.text).hexdigest()[:16]

    @property
    def text(self) -> bytes:
        """The template as it is sent."""
        return json.dumps(self.template, separators=(",", ":"), sort_keys=True).encode()


def read_assembly(directory: Path, name: str) -> Assembly:
    """Raises StackUnbuilt."""
    try:
        template = json.loads((directory / f"{name}.template.json").read_text())
        listed = json.loads((directory / f"{name}.assets.json").read_text())["files"]
    except (OSError, ValueError, KeyError) as cause:
        raise StackUnbuilt(f"{directory} holds no stack {name}") from cause
    files = [
        File(destination["objectKey"], directory / entry["source"]["path"], entry["source"]["packaging"] == "zip")
        for entry in listed.values()
        for destination in entry["destinations"].values()
        if not entry["source"]["path"].endswith(".template.json")
    ]
    return Assembly(template, files)


def synthesise(stack: Path, python: Path, out: Path, chosen: Mapping[str, str]) -> None:
    """Run the app of `deploy/aws` into `out`. Raises StackUnbuilt with what it said."""
    if not (stack / "cdk.json").exists() or not python.exists():
        raise StackUnbuilt(f"{stack} or {python} is not there")
    context = json.loads((stack / "cdk.json").read_text())["context"] | dict(chosen)
    environment = os.environ | {"CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": json.dumps(context)}
    run = subprocess.run(
        [str(python), "app.py"],
        cwd=stack,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SYNTHESIS_S,
    )
    if run.returncode:
        last = run.stderr.strip().splitlines() or ["it said nothing"]
        raise StackUnbuilt(f"deploy/aws/app.py ended with {run.returncode}: {last[-1]}")


def _zip_of(directory: Path) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(found for found in directory.rglob("*") if found.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(directory).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return written.getvalue()
