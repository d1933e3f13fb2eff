"""`add` without arguments, against what real routers answered."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tikfleet.virtual.menus.request import Refused

SHARE = 0.99


@pytest.mark.parametrize("version", ["7.20.8", "7.22.1", "7.23rc1"])
def test_add_without_arguments_is_answered_as_the_router_does(make: Any, corpora: Path, version: str) -> None:
    recorded = json.loads((corpora / "rsc-required-args" / f"required-args.v{version}.json").read_text())
    other: list[str] = []
    asked = [entry for entry in recorded if entry["hasAdd"]]
    for entry in asked:
        text = re.sub(r"^Script Error: | \(/\S+; line 1\)$", "", entry["rawError"])
        router = make(version, device_mode="rose")
        try:
            router.ask(f"{entry['path']}/add")
            answer = ""
        except Refused as refused:
            answer = refused.message
        if answer != text:
            other.append(f"{entry['path']}: {answer!r} instead of {text!r}")
    assert len(other) <= len(asked) * (1 - SHARE), "\n".join(other)
