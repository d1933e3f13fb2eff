import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.clock import ManualClock
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Answer, Caller, Refused, Request, Row

ROOT = Path(__file__).parents[4]
CORPORA = Path(os.environ.get("TIKFLEET_CORPORA", ROOT.parent / "shared" / "corpora"))


class Console:
    """Asks a router, in few words."""

    def __init__(self, menus: Menus, clock: ManualClock) -> None:
        self.menus = menus
        self.clock = clock
        self.caller = Caller()

    def ask(self, path: str, arguments: Mapping[str, str] | None = None, **named: str) -> Answer:
        menu, _, command = path.rpartition("/")
        given = {**(arguments or {}), **{key.rstrip("_").replace("_", "-"): value for key, value in named.items()}}
        return self.menus.perform(Request(menu, command, given, caller=self.caller))

    def add(self, menu: str, arguments: Mapping[str, str] | None = None, **named: str) -> str:
        ret = self.ask(f"{menu}/add", arguments, **named).ret
        assert ret is not None
        return ret

    def rows(self, menu: str) -> list[Row]:
        return self.ask(f"{menu}/print").rows

    def row(self, menu: str, word: str = "") -> Row:
        return next(row for row in self.rows(menu) if not word or word in (row.get(".id"), row.get("name")))

    def refusal(self, path: str, arguments: Mapping[str, str] | None = None, **named: str) -> str:
        with pytest.raises(Refused) as refused:
            self.ask(path, arguments, **named)
        return refused.value.message


@pytest.fixture
def make() -> Callable[..., Console]:
    def build(version: str = "7.20.8", **facts: object) -> Console:
        clock = ManualClock()
        profile = Profile(version=RouterOSVersion.parse(version), **facts)  # type: ignore[arg-type]
        return Console(Menus(profile, clock), clock)

    return build


@pytest.fixture
def router(make: Callable[..., Console]) -> Console:
    return make()


@pytest.fixture(scope="session")
def corpora() -> Path:
    if not CORPORA.is_dir():
        pytest.skip(f"the recorded evidence is not here: {CORPORA}")
    return CORPORA
