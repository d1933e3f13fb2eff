"""Arguments that `add` does not do without, and what RouterOS answers when they are missing.

Recorded by running `add` without arguments on 7.20.8, 7.22.1 and 7.23rc1 (tikoci/lsp-routeros-ts, MIT); the data file
is written by tests/conformance/build_releases.py. Other releases are taken to answer as the nearest of these.
"""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from tikfleet.routeros.values import RouterOSVersion

MISSING: Final = "missing value(s) of argument(s) "
_ALTERNATIVES: Final = re.compile(r"\bor\b|exactly one")
# Instead of all arguments, a copy brings them.
_COPY: Final = "copy-from"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One menu: the arguments, in RouterOS's order where it names them, and its answer to an `add` without any."""

    names: tuple[str, ...]
    answer: str

    def missing(self, given: AbstractSet[str], exists: Callable[[str], bool] = lambda _: True) -> str:
        """RouterOS's reason to refuse an `add` with these arguments; empty if it is not known to.

        `exists` tells whether the release has an argument at all.
        """
        if _COPY in given:
            return ""
        absent = [name for name in self.names if name not in given and exists(name)]
        if not given and not self.answer.startswith(MISSING):
            return self.answer
        if self.answer.startswith(MISSING):
            return MISSING + " ".join(absent) if absent else ""
        if not absent or (_ALTERNATIVES.search(self.answer) and len(absent) < len(self.names)):
            return ""
        return self.answer


def requirement(menu: str, version: RouterOSVersion) -> Requirement | None:
    """What `add` in a menu requires in a release; `None` if nothing is known."""
    releases = _recorded()
    known = [release for release in releases if release <= version] or [next(iter(releases))]
    return releases[known[-1]].get(menu)


@cache
def _recorded() -> dict[RouterOSVersion, dict[str, Requirement]]:
    found: dict[RouterOSVersion, dict[str, Requirement]] = {}
    current: dict[str, Requirement] = {}
    text = files("tikfleet.routeros.check").joinpath("required.txt").read_text("utf-8")
    for line in text.splitlines():
        release, menu, names, answer = line.split("\t")
        version = RouterOSVersion.parse(release)
        if version not in found:
            current = found[version] = dict(current)
        if not names and not answer:
            current.pop(menu, None)
            continue
        ordered = answer.removeprefix(MISSING).split() if answer.startswith(MISSING) else names.split()
        current[menu] = Requirement(tuple(ordered), answer)
    return found
