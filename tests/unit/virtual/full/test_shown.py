"""What a terminal of a whole router shows for `print`."""

from collections.abc import Awaitable, Callable

from tikfleet.virtual import waiting
from tikfleet.virtual.full.router import VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.request import Caller

from .conftest import Make

Typed = Callable[[VirtualRouter, str], Awaitable[str]]
_ADD = "/ip/address/add address=10.9.9.1/24 interface=ether1 comment=office"


async def test_print_shows_the_columns_of_release_seven(make: Make, typed: Typed) -> None:
    router = await make("7.20.8", doors=Doors())
    await typed(router, _ADD)

    lines = [line.rstrip() for line in (await typed(router, "/ip/address/print")).splitlines()]

    assert lines == [
        "Columns: ADDRESS, NETWORK, INTERFACE",
        "# ADDRESS      NETWORK   INTERFACE",
        ";;; office",
        "0 10.9.9.1/24  10.9.9.0  ether1",
    ]


async def test_release_six_prints_its_header_for_an_empty_menu_and_seven_nothing(make: Make, typed: Typed) -> None:
    old, new = await make("6.49.10", doors=Doors()), await make("7.20.8", doors=Doors())

    assert (await typed(old, "/ip address print")).splitlines() == [
        "Flags: X - disabled, I - invalid, D - dynamic ",
        " #   ADDRESS NETWORK INTERFACE",
    ]
    assert await typed(new, "/ip address print") == ""


async def test_details_fold_at_the_width_of_the_terminal(make: Make) -> None:
    router = await make(doors=Doors())
    narrow, wide = router.console(Caller(), 80), router.console(Caller(), 500)
    await waiting.run(wide.run, _ADD)

    folded = await waiting.run(narrow.run, "/ip/address/print detail")
    whole = await waiting.run(wide.run, "/ip/address/print detail")

    assert max(map(len, folded.splitlines())) <= 81
    assert "address=10.9.9.1/24" in folded
    assert len(whole.splitlines()) < len(folded.splitlines())
