"""Build the catalogue of menus, commands and arguments that the script parser reads.

    python tests/conformance/build_catalogue.py [CORPORA]

The console's grammar depends on what a router knows, so facts come from a router: its inspect tree gives names and
value types, and its answers to `:parse` give the order in which `where` binds the properties of a menu, which no
tree shows. The result is one compressed text file in the package, read by `tikfleet.routeros.script.catalogue`:

    a<TAB>name:kind name:kind ...      an argument set, numbered from 0 in order; `yoff|on` is a boolean of two words
    d<TAB>/ip/address                  a menu
    c<TAB>/ip/address/add<TAB>17       a command and its argument set
    p<TAB>/ip/address<TAB>name name    the properties of a menu in the order of `where`
"""

import json
import lzma
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "src/tikfleet/routeros/script/catalogue.txt.xz"
ORDER = Path(__file__).with_name("property_order.json")
TREE = "restraml/deep-inspect-7.22.3-base.json"
SCRIPTS = "rsc-parse/scripts.jsonl"
RELEASE = "7.22.1"

TAIL = ("disabled", "comment", ".id", ".nextid", ".dead", ".about")
BLOCKS = frozenset({"do", "else", "on-error", "command"})
NAMES = {
    "local": ("name",),
    "global": ("name",),
    "set": ("name",),
    "for": ("counter",),
    "foreach": ("counter",),
    "onerror": ("error",),
}
# Lists in which each element may be negated, by the types that the manual's command reference gives.
NEGATED = {"topics": "e", "policy": "e", "hotspot": "e", "tcp-flags": "g", "icmp-options": "p"}
# A boolean offers two keywords, false before true.
PAIR = 2
# Kinds that the tree does not show, from recorded forms.
KINDS = {"per-connection-classifier": "p", "/console/inspect/path": "l"}
WHERE = re.compile(r"\(evl (/[a-z0-9/.-]*?)/(?:find|print)[^()]*?where=((?:\$[^;()$]*;)+)")


def kind_of(command: str, name: str, node: dict[str, Any]) -> str:
    """One letter for how the value of an argument is read; the letters are those of `catalogue.Kind`."""
    meaning = node.get("desc", "")
    if (known := KINDS.get(name) or KINDS.get(f"{command}/{name}")) is not None:
        return known
    offered = node.get("_completion", {})
    if command.count("/") == 1:
        word = command[1:]
        if name in NAMES.get(word, ()):
            return "n"
        if name == "condition" or (word == "do" and name in ("if", "while")):
            return "v"
        if name in BLOCKS or (word == "onerror" and name == "in"):
            return "b"
    if name == "where":
        return "w"
    if "see documentation" in meaning:
        return "v"
    if "time interval" in meaning:
        return "t"
    if "(IP address)" in meaning:
        return "i"
    if "!" in offered:
        return NEGATED.get(name, "m")
    keywords = [word for word, style in offered.items() if style.get("style") == "arg"]
    if sorted(keywords) == ["no", "yes"]:
        return "y"
    if len(keywords) == PAIR == len(offered):
        return "y" + "|".join(keywords)
    if re.search(r"\[,\w+\*\]$", meaning):
        return "l"
    return "s" if "string value" in meaning or meaning == "script" else "f"


def walk(node: dict[str, Any], path: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every menu and command below a node as `(type, path, node)`, menus before what they hold."""
    for name, child in sorted(node.items()):
        if name.startswith("_") or not isinstance(child, dict):
            continue
        kind = child.get("_type")
        if kind in ("dir", "path"):
            yield "d", f"{path}/{name}", child
            yield from walk(child, f"{path}/{name}")
        elif kind == "cmd":
            yield "c", f"{path}/{name}", child


def properties(corpora: Path) -> dict[str, str]:
    """The order of properties a menu, as far as recorded answers of the release show it."""
    found: dict[str, str] = {}
    for line in (corpora / SCRIPTS).read_text().splitlines():
        forms = json.loads(line)["il"]
        form = forms.get(RELEASE) or forms.get("all", "")
        for menu, names in WHERE.findall(re.sub(r"\s+(?=[;$])", "", form)):
            order = re.sub(r"\s", "", names).replace("$", "").rstrip(";").split(";")
            if ".about" in order:
                found[menu] = " ".join(order[: order.index(".about") + 1])
    return found


def listed(path: str, node: dict[str, Any], known: dict[str, str]) -> str | None:
    """The properties of a menu by the names that `get` offers, for menus without a recorded order.

    They come in the order that `property_order.json` takes from the manual's command reference or that of the nearest
    known menu, else alphabetically: the set is right and the order a guess. What every item has comes last, as in all
    recorded orders.
    """
    offered = node.get("get", {}).get("value-name", {}).get("_completion")
    if not offered or "find" not in node:
        return None
    names = set(offered) - {"about", *TAIL}
    near = [path, path.replace("/ipv6/", "/ip/"), path.replace("/ipv6/", "/ip/").replace("/raw", "/filter")]
    order = next((known[menu] for menu in near if menu in known), "").split()
    first = [name for name in dict.fromkeys(order) if name in names]
    last = [name for name in TAIL if name in offered or name.startswith(".")]
    return " ".join([*first, *sorted(names - set(first)), *last])


def build(corpora: Path) -> str:
    tree = json.loads((corpora / TREE).read_text())
    recorded = properties(corpora)
    known = json.loads(ORDER.read_text()) | recorded
    sets: dict[str, int] = {}
    lines: list[str] = []
    for kind, path, node in walk(tree, ""):
        if kind == "d":
            lines.append(f"d\t{path}")
            order = recorded.get(path) or listed(path, node, known)
            if order:
                lines.append(f"p\t{path}\t{order}")
            continue
        arguments = " ".join(
            f"{name}:{kind_of(path, name, child)}"
            for name, child in sorted(node.items())
            if isinstance(child, dict) and child.get("_type") == "arg"
        )
        lines.append(f"c\t{path}\t{sets.setdefault(arguments, len(sets))}")
    return "\n".join([*(f"a\t{arguments}" for arguments in sets), *lines]) + "\n"


def main() -> None:
    default = os.environ.get("TIKFLEET_CORPORA", str(ROOT.parent / "shared/corpora"))
    text = build(Path(sys.argv[1] if len(sys.argv) > 1 else default))
    TARGET.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{TARGET.name}: {len(text)} bytes, {TARGET.stat().st_size} compressed")


if __name__ == "__main__":
    main()
