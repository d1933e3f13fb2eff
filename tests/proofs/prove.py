"""A program: the proofs of the platform's promises, one line each. Usage: prove.py NAME … or prove.py all.

The exit code says whether all of them held. docs/proofs.md tells what each shows and what it does not.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
# Some installed package may be called `tests` too; this one is ours.
TESTS = ModuleType("tests")
TESTS.__path__ = [str(ROOT / "tests")]
sys.modules["tests"] = TESTS
sys.path.insert(0, str(ROOT))

from tests.proofs.catalogue import LONG  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", choices=["all", *LONG])
    asked = parser.parse_args()
    names = list(LONG) if "all" in asked.names else asked.names
    found = ROOT / "build" / "proofs.json"
    found.parent.mkdir(exist_ok=True)
    good = True
    for name in names:
        began = time.monotonic()
        for prove in LONG[name]:
            verdict = asyncio.run(prove())
            good &= verdict.held
            print(verdict.line(), flush=True)
            earlier = json.loads(found.read_text()) if found.exists() else {}
            earlier[verdict.name] = {"held": verdict.held, **verdict.figures}
            found.write_text(json.dumps(earlier, indent=2) + "\n")
        print(f"  {name}: {time.monotonic() - began:.0f} s", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
