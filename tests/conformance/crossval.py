"""Measure the script parser on recordings that its catalogue has not seen.

    python tests/conformance/crossval.py [CORPORA] [--by=topic|script] [--folds=5] [--misses]

The catalogue learns from the recordings in which order `where` binds the properties of a menu. Here each fold is
measured with a catalogue that learned from the other folds only. `topic` keeps scripts of one forum thread in one
fold; `script` deals them out one by one, as a sample of the same threads would be.

It does not undo what people learned from the recordings when they wrote the parser: read its figures as a ceiling.
"""

import importlib.util
import json
import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

from tikfleet.routeros.script import catalogue

FOLDS = 5


def sibling(name: str) -> ModuleType:
    """A script of this folder as a module."""
    spec = importlib.util.spec_from_file_location(f"conformance_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


run = sibling("run")
builder = sibling("build_catalogue")


def topic(path: str) -> str:
    """The forum thread that a script is from, or the script itself."""
    parts = path.split("/")
    return "/".join(parts[:3]) if len(parts) > len(("forum", "author", "thread")) else path


def folds(recordings: list[dict[str, Any]], by: str, count: int) -> list[list[dict[str, Any]]]:
    """The recordings dealt out: groups in the order of their names, each to the next fold."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for recording in sorted(recordings, key=lambda one: str(one["path"])):
        groups.setdefault(topic(recording["path"]) if by == "topic" else recording["path"], []).append(recording)
    dealt: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for number, group in enumerate(groups.values()):
        dealt[number % count] += group
    return dealt


def measure(corpora: Path, by: str = "topic", count: int = FOLDS) -> list[Any]:
    """The outcome of each recording, measured by a catalogue that learned from the other folds."""
    tree = json.loads((corpora / builder.TREE).read_text())
    dealt = folds(builder.scripts(corpora), by, count)
    measured: list[Any] = []
    for held_out in dealt:
        others = [recording for fold in dealt if fold is not held_out for recording in fold]
        root = catalogue.read(builder.build(tree, builder.properties(others)))
        measured += [run.outcome(recording, root=root) for recording in held_out]
    return measured


def unknown_orders(outcome: Any) -> list[str]:
    """The menus whose properties we bind in another order than the router did."""
    texts = [re.sub(r"\s+(?=[;$])", "", text) for text in (outcome.expected, outcome.actual)]
    pairs = [{menu: "".join(order.split()) for menu, order in builder.WHERE.findall(text)} for text in texts]
    return [menu for menu, order in pairs[0].items() if pairs[1].get(menu, order) != order]


def main() -> None:
    options = dict(word[2:].partition("=")[::2] for word in sys.argv[1:] if word.startswith("--"))
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    corpora = Path(words[0]) if words else run.corpora()
    measured = measure(corpora, options.get("by", "topic"), int(options.get("folds", FOLDS)))
    for name, percent in run.figures(measured).items():
        print(f"{name}: {percent:.1f} %")
    misses = [outcome for outcome in measured if not (outcome.position_equal if outcome.refused else outcome.equal)]
    orders = Counter(menu for outcome in misses for menu in unknown_orders(outcome))
    print(f"misses: {len(misses)}; order of properties unknown: {dict(orders)}")
    if "misses" in options:
        for outcome in misses:
            print(f"{outcome.path}\n  router: {outcome.expected!r}\n  parser: {outcome.actual!r}")


if __name__ == "__main__":
    main()
