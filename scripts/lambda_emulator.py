"""Fetch AWS's runtime emulator for Lambda into build/, out of a package whose pins are not for our environment.

Run `python -m scripts.lambda_emulator`; tests that want it say so where it is not there.
"""

import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

PACKAGE: Final = "aws-sam-cli==1.170.0"
EMULATOR: Final = Path(__file__).parents[1] / "build" / "lambda-emulator" / "aws-lambda-rie"
_NAMES: Final = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def main() -> None:
    """Nothing is done where it is there already."""
    if EMULATOR.exists():
        return
    name = f"samcli/local/rapid/aws-lambda-rie-{_NAMES[platform.machine()]}"
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", directory, PACKAGE]
        subprocess.run(command, check=True)
        (wheel,) = Path(directory).glob("*.whl")
        with zipfile.ZipFile(wheel) as package:
            content = package.read(name)
    EMULATOR.parent.mkdir(parents=True, exist_ok=True)
    draft = EMULATOR.with_suffix(".draft")
    draft.write_bytes(content)
    draft.chmod(0o755)
    draft.replace(EMULATOR)
    print(EMULATOR)


if __name__ == "__main__":
    main()
