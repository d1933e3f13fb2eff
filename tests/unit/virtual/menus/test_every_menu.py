"""Every menu of every generation answers `print`, `find` and `count-only`."""

from typing import Any

import pytest

from tikfleet.virtual.menus.schema import Shape

BOARD = {
    "board": "hAP ac^2",
    "model": "RBD52G-5HacD2HnD",
    "architecture": "arm",
    "serial": "HC0000000A",
    "ports": ("ether1", "ether2", "ether3", "ether4", "ether5"),
    "radios": ("wlan1", "wlan2"),
}


@pytest.mark.parametrize("facts", [{}, BOARD], ids=["CHR", "board"])
@pytest.mark.parametrize("version", ["6.49.17", "7.9.2", "7.12.1", "7.16.2", "7.20.8", "7.24"])
def test_every_menu_can_be_printed(make: Any, version: str, facts: dict[str, Any]) -> None:
    router = make(version, **facts)
    for menu in router.menus.store.schemas.paths():
        schema = router.menus.store.schema(menu)
        if "print" not in schema.commands or schema.shape is Shape.COMMANDS:
            continue
        rows = router.rows(menu)
        if schema.shape is Shape.SINGLE:
            assert len(rows) == 1, menu
            continue
        assert all(".id" in row for row in rows), menu
        assert len({row[".id"] for row in rows}) == len(rows), menu
        assert router.ask(f"{menu}/print", {"count-only": ""}).ret == str(len(rows))
        assert all(isinstance(value, str) for row in rows for value in row.values()), menu


def test_v6_has_its_own_menus_and_not_those_of_v7(make: Any) -> None:
    old, new = make("6.49.17").menus, make("7.20.8").menus
    for menu in ("/interface/wireguard", "/routing/filter/rule", "/routing/table", "/system/device-mode"):
        assert new.exists(menu)
        assert not old.exists(menu)
    for menu in ("/ip/route/rule", "/routing/bgp/peer", "/routing/filter"):
        assert old.exists(menu)
    assert not new.exists("/routing/bgp/peer")


def test_a_property_of_later_releases_is_refused(make: Any) -> None:
    assert make("7.20.8").refusal("/system/scheduler/add", name="x", days="mon") == "unknown parameter days"
    assert make("7.24").add("/system/scheduler", name="x", days="mon")


def test_a_cloud_router_has_no_board(make: Any) -> None:
    assert make().refusal("/system/routerboard/print") == "no such command prefix"
    assert make("7.20.8", **BOARD).row("/system/routerboard")["model"] == BOARD["model"]
