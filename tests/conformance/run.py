"""Measure how closely the script parser agrees with RouterOS.

    python tests/conformance/run.py [DIR] [--misses] [--release=7.23rc1]

DIR holds a `scripts.jsonl` of `{path, source, il: {version or "all": text}}`, where the text is what a router printed
for `:put [:parse $source]`: the intermediate form or an error with its position. Without DIR it is `rsc-parse` in the
corpora, which `TIKFLEET_CORPORA` moves. Where releases differ, the answer of one counts: 7.22.1 unless told.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tikfleet.routeros.script.catalogue import Menu
from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.intermediate import intermediate_form
from tikfleet.routeros.script.parser import parse

ROOT = Path(__file__).resolve().parents[2]
REFERENCE_RELEASE = "7.22.1"
REFUSAL = re.compile(r"([a-z][a-z -]*) \(line (\d+) column (\d+)\)\s*")


def corpora() -> Path:
    return Path(os.environ.get("TIKFLEET_CORPORA", ROOT.parent / "shared/corpora"))


@dataclass
class Outcome:
    """One script: what the router said, what we say, and in what they agree."""

    path: str
    source: str
    expected: str
    actual: str

    @property
    def refused(self) -> bool:
        return REFUSAL.fullmatch(self.expected) is not None

    @property
    def agreed(self) -> bool:
        return self.refused == (REFUSAL.fullmatch(self.actual) is not None)

    @property
    def equal(self) -> bool:
        """The same text; a terminal's line width put white space into the recorded one."""
        return "".join(self.expected.split()) == "".join(self.actual.split())

    @property
    def position_equal(self) -> bool:
        places = [REFUSAL.fullmatch(text) for text in (self.expected, self.actual)]
        return None not in places and len({place.groups()[1:] for place in places if place}) == 1


def answer(source: str, release: str, root: Menu | None = None) -> str:
    try:
        return intermediate_form(parse(source, release, root))
    except ScriptError as error:
        return str(error)


def outcomes(folder: Path, release: str = REFERENCE_RELEASE) -> Iterator[Outcome]:
    for line in (folder / "scripts.jsonl").read_text().splitlines():
        yield outcome(json.loads(line), release)


def outcome(recording: dict[str, Any], release: str = REFERENCE_RELEASE, root: Menu | None = None) -> Outcome:
    """What we say to a recorded script, with the given catalogue or that of the package."""
    forms = recording["il"]
    expected = forms.get("all") or forms.get(release) or next(iter(forms.values()), "")
    return Outcome(recording["path"], recording["source"], expected, answer(recording["source"], release, root))


def figures(measured: list[Outcome]) -> dict[str, float]:
    """Percentages: of all scripts; of the accepted; of the refused."""
    refused = [outcome for outcome in measured if outcome.refused]
    accepted = [outcome for outcome in measured if not outcome.refused]
    return {
        "accept-reject": _percent([outcome.agreed for outcome in measured]),
        "intermediate-form": _percent([outcome.equal for outcome in accepted]),
        "error-position": _percent([outcome.position_equal for outcome in refused]),
    }


def speed_mb_per_cpu_s(measured: list[Outcome], passes: int = 3) -> float:
    """How many megabytes of accepted source are parsed in a second of processor time; the catalogue is read before."""
    sources = [outcome.source.encode("utf-8", "surrogatepass") for outcome in measured if not outcome.refused]
    start_s = time.process_time()
    for source in sources * passes:
        with suppress(ScriptError):
            parse(source)
    return passes * sum(map(len, sources)) / 1e6 / (time.process_time() - start_s)


def _percent(hits: list[bool]) -> float:
    return 100 * sum(hits) / len(hits) if hits else 100.0


def main() -> None:
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    release = next((word.partition("=")[2] for word in sys.argv if word.startswith("--release=")), REFERENCE_RELEASE)
    measured = list(outcomes(Path(words[0]) if words else corpora() / "rsc-parse", release))
    if "--misses" in sys.argv:
        for outcome in measured:
            if not outcome.equal:
                print(f"{outcome.path}\n  router: {outcome.expected!r}\n  parser: {outcome.actual!r}")
    for name, percent in figures(measured).items():
        print(f"{name}: {percent:.1f} %")
    print(f"speed: {speed_mb_per_cpu_s(measured):.2f} MB of source in a CPU second")


if __name__ == "__main__":
    main()
