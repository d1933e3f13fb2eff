"""Migrations follow one another in one line: two that were written at once would both be the next."""

import re
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "src" / "tikfleet" / "app" / "migrations" / "versions"


def test_each_migration_follows_the_one_before() -> None:
    names = sorted(path.name for path in VERSIONS.glob("[0-9]*.py"))
    numbers = [name.partition("_")[0] for name in names]

    assert len(numbers) > 1
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    for name, number in zip(names, numbers, strict=True):
        text = (VERSIONS / name).read_text()
        found = re.findall(r'^(revision|down_revision)(?:: [^=]+)? = (?:"(\d+)"|None)', text, re.MULTILINE)
        assert dict(found) == {"revision": number, "down_revision": f"{int(number) - 1:04}" if number != "0001" else ""}
