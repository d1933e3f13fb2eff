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
# What an interface starts with, as `/interface/vlan` has it.
HEAD = (
    *("name", "default-name", "mtu", "actual-mtu", "l2mtu", "mac-address", "orig-mac-address", "forced-mac-address"),
    *("arp", "arp-timeout", "loop-protect", "loop-protect-status", "loop-protect-send-interval"),
    "loop-protect-disable-time",
)
# Beginning of the names of what is in use: these properties stand behind those that were set.
IN_USE = "current-"
# Read-only properties that follow another one, the first that a menu has.
BEHIND = {"immediate-gw": ("blackhole", "gateway")}
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
# Flags of `print` and `export`, which take no value: 7.20.8 refuses `/export hide-sensitive=yes` at the `=`.
SWITCHES = frozenset(
    {
        *("append", "as-value", "brief", "comments", "compact", "count-only", "detail", "follow", "follow-only"),
        *(
            "hide-sensitive",
            "oid",
            "show-ids",
            "show-sensitive",
            "stats",
            "terse",
            "timestamp",
            "value-list",
            "verbose",
        ),
        "without-paging",
    }
)
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
    if name in SWITCHES and command.endswith(("/print", "/export")):
        return "o"
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


def scripts(corpora: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (corpora / SCRIPTS).read_text().splitlines()]


def properties(recordings: list[dict[str, Any]]) -> dict[str, str]:
    """The order of properties a menu, as far as recorded answers of the release show it."""
    found: dict[str, str] = {}
    for recording in recordings:
        forms = recording["il"]
        form = forms.get(RELEASE) or forms.get("all", "")
        for menu, names in WHERE.findall(re.sub(r"\s+(?=[;$])", "", form)):
            order = re.sub(r"\s", "", names).replace("$", "").rstrip(";").split(";")
            if ".about" in order:
                found[menu] = " ".join(order[: order.index(".about") + 1])
    return found


def merged(path: str, order: str) -> list[str]:
    """The properties of a menu in one row, from `settable | read-only | flags` as the command reference lists them.

    A row without bars stands as it is. The rules follow from recorded orders and from outputs of `print detail`, which
    shows properties in the same order: flags come last, what is read-only behind what can be set. An interface starts
    with its name, sizes and addresses; a name comes first, and what is in use behind what was set.
    """
    settable, read_only, flags = (part.split() for part in [*order.split("|"), "", ""][:3])
    if path.startswith("/interface/") and "running" in flags:
        rest = [*settable, *read_only]
        head = [name for name in HEAD if name in rest]
        settable = [*head, *(name for name in settable if name not in head)]
        read_only = [name for name in read_only if name not in head]
    if "name" in read_only:
        settable.insert(0, "name")
    in_use = [name for name in read_only if name.removeprefix(IN_USE) in settable and name.startswith(IN_USE)]
    if in_use:
        place = max(settable.index(name.removeprefix(IN_USE)) for name in in_use) + 1
        settable[place:place] = in_use
    for name, befores in BEHIND.items():
        before = next((one for one in befores if one in settable), None)
        if name in read_only and before is not None:
            settable.insert(settable.index(before) + 1, name)
    return [*settable, *(name for name in read_only if name not in settable), *flags]


def listed(path: str, node: dict[str, Any], known: dict[str, str]) -> str | None:
    """The properties of a menu by the names that `get` offers, for menus without a recorded order.

    They come in the order that `property_order.json` takes from the manual's command reference or that of the nearest
    known menu, else as other menus have them: the set is right and the order a guess. What every item has comes last,
    as in all recorded orders.
    """
    offered = node.get("get", {}).get("value-name", {}).get("_completion")
    if not offered or "find" not in node:
        return None
    names = set(offered) - {"about", *TAIL}
    v4 = path.replace("/ipv6/", "/ip/")
    near = [path, v4, v4.replace("/firewall/raw", "/firewall/filter").replace("/firewall/calea", "/firewall/mangle")]
    order = next((known[menu] for menu in near if menu in known), "")
    first = [name for name in merged(path, order) if name in names]
    last = [name for name in TAIL if name in offered or name.startswith(".")]
    return " ".join([*first, *likely(names - set(first), node, known), *last])


def settable_names(node: dict[str, Any]) -> set[str]:
    return {name for command in ("add", "set") for name in node.get(command, {}) if not name.startswith("_")}


def likely(names: set[str], node: dict[str, Any], known: dict[str, str]) -> list[str]:
    """Names in the order of where other menus have them on average: those that can be set, then the others."""
    places: dict[str, list[float]] = {}
    for menu, order in known.items():
        row = [name for name in merged(menu, order) if name not in TAIL]
        for place, name in enumerate(row):
            places.setdefault(name, []).append(place / len(row))
    settable = settable_names(node)

    def rank(name: str) -> tuple[bool, float, str]:
        found = places.get(name, [0.5])
        return name not in settable, sum(found) / len(found), name

    return sorted(names, key=rank)


def build(tree: dict[str, Any], recorded: dict[str, str]) -> str:
    """The text of the catalogue, from an inspect tree and the recorded orders of properties."""
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
    corpora = Path(sys.argv[1] if len(sys.argv) > 1 else default)
    text = build(json.loads((corpora / TREE).read_text()), properties(scripts(corpora)))
    TARGET.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{TARGET.name}: {len(text)} bytes, {TARGET.stat().st_size} compressed")


if __name__ == "__main__":
    main()
