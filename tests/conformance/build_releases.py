"""Build what the checker and the exports know of releases, from the console's inspect trees.

    python tests/conformance/build_releases.py [CORPORA]

`check/releases.txt.xz`: every menu, command and argument with the first and last sampled release that has it, one a
line, depth first, with the depth as leading blanks and the kind (`d`, `c` or `a`) before the name. Releases are numbers
into the list of the first line; a missing first is the oldest, a missing last the newest. An argument's value kind
follows a colon if it is not the parser's default, and `=word|word` gives the values that 7.22.3 offers for a closed
choice (`+` before them: a list of such, `!` before them: each may be negated).

`check/required.txt`: what `add` without arguments answered, by release and menu.

`export/menus.txt`: by menu the flags of items that exports leave out, and the properties that `unset` offers.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/tikfleet/routeros"
DEEP = "restraml/deep-inspect-7.22.3-base.json"
FLAGS = ("dynamic", "builtin", "default")
NO_VALUES = {"all", *FLAGS, "static"}


def main() -> None:
    default = os.environ.get("TIKFLEET_CORPORA", str(ROOT.parent / "shared/corpora"))
    corpora = Path(sys.argv[1] if len(sys.argv) > 1 else default)
    tree = json.loads((corpora / DEEP).read_text())
    (PACKAGE / "export/menus.txt").write_text("".join(menus(tree, "")))


def menus(node: dict[str, Any], path: str) -> Iterator[str]:
    for name, child in sorted(node.items()):
        if name.startswith("_") or not isinstance(child, dict) or child.get("_type") not in ("dir", "path"):
            continue
        below = f"{path}/{name}"
        offered = child.get("get", {}).get("value-name", {}).get("_completion", {})
        # Flags of menus that have settings only mean something else.
        flags = [flag for flag in FLAGS if flag in offered and "add" in child]
        unset = sorted(set(child.get("unset", {}).get("value-name", {}).get("_completion", {})) - NO_VALUES)
        if flags or unset:
            yield f"{below}\t{' '.join(flags)}\t{' '.join(unset)}\n"
        yield from menus(child, below)


if __name__ == "__main__":
    main()
