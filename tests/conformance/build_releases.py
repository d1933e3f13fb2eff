"""Build what the checker and the exports know of releases, from the console's inspect trees.

    python tests/conformance/build_releases.py [CORPORA]

`check/releases.txt.xz`, read by `tikfleet.routeros.check.releases`:

    r<TAB>7.9 7.10.2 ...                    the sampled releases, numbered from 0
    e<TAB>word word ...                     a closed choice, numbered from 0
    a<TAB>name:kind[@0-5][=3] ...           an argument set, numbered: kind, first and last sample, choice
    d<TAB>/ip/address<TAB>[0-5]             a menu; without numbers every sample has it
    c<TAB>/ip/address/add<TAB>17<TAB>[0-5]  a command with its argument set
    p<TAB>/ip/address<TAB>name name         the properties of a menu that the parser's own catalogue does not have

`check/required.txt` has what `add` without arguments answered: `release<TAB>menu<TAB>arguments<TAB>answer`; a line is
left out where the release before it answered the same. `export/menus.txt` has by menu the flags of items that exports
leave out, and the properties that `unset` offers.

The trees are those of x86 without wireless and other hardware before 7.13. Values come from 7.22.3 alone.
"""

import gzip
import importlib.util
import json
import lzma
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/tikfleet/routeros"
DEEP = "restraml/deep-inspect-7.22.3-base.json"
TREES = (
    "7.24",
    "7.23.3",
    "7.22.3",
    "7.21.5",
    "7.20.8",
    "7.19.6",
    "7.18.2",
    "7.17.1",
    "7.16.2",
    "7.14.3",
    "7.12.2",
    "7.9.2",
)
RECORDED = ("7.20.8", "7.22.1", "7.23rc1")
FLAGS = ("dynamic", "builtin", "default")
NO_VALUES = {"all", *FLAGS, "static"}
TAIL = ("disabled", "comment", ".id", ".nextid", ".dead", ".about")

# Words that stand beside values of another kind: a number, a name, a time.
BESIDE = {"all", "none", "any", "auto", "default", "disabled", "unlimited", "unspecified"}
# Names of things that this router happened to have.
THINGS = {"ether1", "lo", "main"}
# Arguments whose offered words are examples, names of items, or prefixes of what is to be written.
OPEN = re.compile(
    r"chain|jump-target|numbers?|copy-from|place-before|destination|code|(.*-)?queue(-type)?|default-group|communities"
    r"|exclude-groups|list|include|exclude|insert-queue-before|group-(authority|master)|label|style|my-id|remote-id"
    r"|dhcp-options|rule|per-connection-classifier|subject-alt-name|color|(in|out)(com|go)ing-filter|(.*\.)?country"
    r"|time-zone-name|topics|venue|leds|value-name|proplist|parent|group|profile|.*-list|(.*\.)?interfaces?"
)
OPEN_IN = (
    "/disk",
    "/system/leds",
    "/interface/lte",
    "/system/logging/add/action",
    "/system/logging/set/action",
    "/dude",
)
READING = {"get", "print", "find", "edit", "unset", "reset", "export", "monitor"}

SPEC = importlib.util.spec_from_file_location("build_catalogue", Path(__file__).with_name("build_catalogue.py"))
assert SPEC is not None
assert SPEC.loader is not None
build_catalogue: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(build_catalogue)


def main() -> None:
    default = os.environ.get("TIKFLEET_CORPORA", str(ROOT.parent / "shared/corpora"))
    corpora = Path(sys.argv[1] if len(sys.argv) > 1 else default)
    deep = json.loads((corpora / DEEP).read_text())
    (PACKAGE / "export/menus.txt").write_text("".join(menus(deep, "")))
    (PACKAGE / "check/required.txt").write_text("".join(required(corpora / "rsc-required-args")))
    text = "\n".join(Releases(corpora, deep).lines()) + "\n"
    target = PACKAGE / "check/releases.txt.xz"
    target.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{target.name}: {len(text)} bytes, {target.stat().st_size} compressed")


class Releases:
    """The lines of the file of releases."""

    def __init__(self, corpora: Path, deep: dict[str, Any]) -> None:
        folder = corpora / "restraml"
        with gzip.open(folder / "first-last-seen.tsv.gz", "rt") as rows:
            self.rows = [row.rstrip("\n").split("\t") for row in rows][1:]
        self.deep = deep
        self.trees = [json.loads((folder / f"inspect-{release}-extra.json").read_text()) for release in TREES]
        seen = {release for row in self.rows for release in row[2:]}
        self.samples = sorted(seen, key=lambda text: [int(part) for part in text.split(".")])
        self.choices: dict[str, int] = {}
        self.sets: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        arguments: dict[str, list[str]] = {}
        commands = {path for path, kind, *_ in self.rows if kind == "cmd"}
        for path, kind, first, last in self.rows:
            if kind == "arg":
                # Names of arguments may hold a slash: `basic-rates-a/g`.
                parent = max((head for head in heads(path) if head in commands), key=len)
                word = self._argument(parent, path[len(parent) + 1 :], self._range(first, last))
                arguments.setdefault(parent, []).append(word)
        body = []
        for path, kind, first, last in sorted(self.rows):
            span = self._range(first, last).removeprefix("@")
            if kind in ("dir", "path"):
                body.append(f"d\t{path}\t{span}")
                body += self._properties(path)
            elif kind == "cmd":
                words = " ".join(sorted(arguments.get(path, [])))
                body.append(f"c\t{path}\t{self.sets.setdefault(words, len(self.sets))}\t{span}")
        yield "r\t" + " ".join(self.samples)
        yield from (f"e\t{words}" for words in self.choices)
        yield from (f"a\t{words}" for words in self.sets)
        yield from body

    def _range(self, first: str, last: str) -> str:
        a, b = self.samples.index(first), self.samples.index(last)
        return "" if (a, b) == (0, len(self.samples) - 1) else f"@{a}-{b}"

    def _argument(self, command: str, name: str, span: str) -> str:
        known = node(self.deep, [*command.split("/")[1:], name])
        found = known or next((n for tree in self.trees if (n := node(tree, [*command.split("/")[1:], name]))), {})
        choice = "" if known is None else self._choice(command, name, known)
        return f"{name}:{build_catalogue.kind_of(command, name, found)}{span}{choice}"

    def _choice(self, command: str, name: str, known: dict[str, Any]) -> str:
        offered = known.get("_completion", {})
        words = [word for word, style in offered.items() if style["style"] in ("none", "arg") and " " not in word]
        meaning = known.get("desc", "")
        closed = (
            len(set(words) - BESIDE) > 1
            and not set(words) & THINGS
            and all(style["style"] in ("none", "arg", "syntax-meta") for style in offered.values())
            and (not meaning or "|" in meaning)
            and command.rpartition("/")[2] not in READING
            and OPEN.fullmatch(name) is None
            and not f"{command}/{name}".startswith(OPEN_IN)
        )
        if not closed:
            return ""
        return f"={self.choices.setdefault(' '.join(words), len(self.choices))}"

    def _properties(self, path: str) -> Iterator[str]:
        words = path.split("/")[1:]
        if node(self.deep, words) is not None:
            return
        found = next((n for tree in self.trees if (n := node(tree, words))), {})
        names = [name for name in found.get("set", {}) if not name.startswith("_") and name not in ("numbers", *TAIL)]
        if "find" in found:
            yield f"p\t{path}\t{' '.join([*sorted(names), *TAIL])}"


def node(tree: dict[str, Any], words: list[str]) -> dict[str, Any] | None:
    for word in words:
        below = tree.get(word)
        if not isinstance(below, dict):
            return None
        tree = below
    return tree


def heads(path: str) -> Iterator[str]:
    for place, character in enumerate(path):
        if character == "/" and place:
            yield path[:place]


def required(folder: Path) -> Iterator[str]:
    before: dict[str, tuple[str, str]] = {}
    for release in RECORDED:
        now: dict[str, tuple[str, str]] = {}
        for entry in json.loads((folder / f"required-args.v{release}.json").read_text()):
            answer = re.sub(r"^Script Error: | \(/[^()]*; line \d+\)$", "", entry["rawError"])
            if answer or entry["required"]:
                now[entry["path"]] = (" ".join(entry["required"]), answer)
        for path in sorted({*before, *now}):
            if before.get(path) != now.get(path):
                names, answer = now.get(path, ("", ""))
                yield f"{release}\t{path}\t{names}\t{answer}\n"
        before = now


def menus(tree: dict[str, Any], path: str) -> Iterator[str]:
    for name, child in sorted(tree.items()):
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
