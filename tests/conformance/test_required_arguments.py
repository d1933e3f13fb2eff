"""How closely the checker agrees with what routers answered to `add` without arguments.

pytest -s tests/conformance/test_required_arguments.py      prints the agreement for each release
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tikfleet.routeros.check.checker import check
from tikfleet.routeros.check.requirements import MISSING

CORPORA = Path(os.environ.get("TIKFLEET_CORPORA", Path(__file__).parents[3] / "shared/corpora"))
FOLDER = CORPORA / "rsc-required-args"
RELEASES = ("7.20.8", "7.22.1", "7.23rc1")
PLACE = re.compile(r"^Script Error: | \(/[^()]*; line \d+\)$")
FLOOR = 99.0

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no corpus at {FOLDER}: set TIKFLEET_CORPORA")


def recorded(release: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((FOLDER / f"required-args.v{release}.json").read_text())
    return entries


def reasons(script: str, release: str) -> list[str]:
    return [PLACE.sub("", remark.sentence) for remark in check(script, release) if remark.code == "missing-argument"]


@pytest.mark.parametrize("release", RELEASES)
def test_an_add_without_arguments_is_refused_in_the_words_of_the_router(release: str) -> None:
    entries = recorded(release)
    misses = []
    for entry in entries:
        expected = PLACE.sub("", entry["rawError"])
        actual = reasons(f"{entry['path']}/add", release)
        if actual != ([expected] if expected else []):
            misses.append(f"{entry['path']}: router {expected!r}, checker {actual}")
    percent = 100 * (1 - len(misses) / len(entries))
    print(f"\nrequired arguments {release}: {percent:.1f} % of {len(entries)} menus", *misses, sep="\n  ")
    assert percent >= FLOOR


@pytest.mark.parametrize("release", RELEASES)
def test_an_add_with_all_of_them_passes_and_one_left_out_is_named(release: str) -> None:
    for entry in recorded(release):
        names = entry["required"]
        if not names or not entry["rawError"].startswith(f"Script Error: {MISSING}"):
            continue
        words = [f"{name}=1" for name in names]
        assert reasons(f"{entry['path']}/add {' '.join(words)}", release) == [], entry["path"]
        for name, word in zip(names, words, strict=True):
            rest = " ".join(other for other in words if other != word)
            assert reasons(f"{entry['path']}/add {rest}", release) == [MISSING + name], entry["path"]
