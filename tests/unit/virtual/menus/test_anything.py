"""Whatever is asked of whichever menu, the router answers or refuses; it never breaks."""

import random
from contextlib import suppress

import pytest

from tikfleet.routeros.export.reader import read
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.clock import ManualClock
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Refused, Request

VALUES = (
    "", "yes", "no", "1", "-1", "x", "10.0.0.1", "10.0.0.1/24", "ether1", "*1", "*99", "1h", "5M", "a,b", "none",
    "fe80::1/64", "00:11:22:33:44:55", "all", "!x", "\x00\udcff", "\\", 'a"b', "ä" * 300,
)  # fmt: skip


def request(dice: random.Random, menus: Menus, menu: str) -> Request:
    names = list(menus.store.schema(menu).properties)
    dice.shuffle(names)
    arguments = {name: dice.choice(VALUES) for name in names[: dice.randint(0, 6)]}
    if dice.random() < 0.7:
        arguments["numbers"] = dice.choice(["*1", "*2", "ether1", "*1,*2"])
    if dice.random() < 0.2:
        arguments["value-name"] = dice.choice([*names, "x"])
    return Request(menu, dice.choice(sorted(menus.commands(menu)) or ["print"]), arguments)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("version", ["6.49.17", "7.12.1", "7.24"])
def test_any_request_is_answered_or_refused(version: str, seed: int) -> None:
    dice = random.Random(f"{version}/{seed}")
    profile = Profile(
        version=RouterOSVersion.parse(version), architecture="arm", board="B", model="B", radios=("wlan1", "wifi1")
    )
    menus = Menus(profile, ManualClock())
    paths = menus.store.schemas.paths()
    for _ in range(2_000):
        with suppress(Refused):
            menus.perform(request(dice, menus, dice.choice(paths)))
    for menu in paths:
        with suppress(Refused):
            menus.perform(Request(menu, "print"))
    assert read(menus.export(verbose=True)).unread == []
    again = Menus(profile, ManualClock())
    again.restore(menus.snapshot())
    assert again.export().splitlines()[1:] == menus.export().splitlines()[1:]
