"""Exports of real routers, loaded and written again; the form of what is written."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tikfleet.routeros.export.model import Configuration
from tikfleet.routeros.export.normal import line
from tikfleet.routeros.export.reader import read
from tikfleet.virtual.clock import ManualClock
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.loading import profile_of

SHARE = 0.97
# A user's password is never exported, and `find name=` and `find` say the same as the words that are written.
EXCEPTIONS = {"set admin", "set [ find ]", "set [ find name=default ]"}


def exports(corpora: Path) -> Iterator[str]:
    """Recorded exports: whole ones, and those with a header that people put into scripts."""
    for path in sorted((corpora / "exports").glob("*output.txt")):
        yield path.read_text()
    for text in (corpora / "rsc-parse" / "scripts.jsonl").read_text().splitlines():
        source = json.loads(text)["source"]
        if re.search(r"^# .*by RouterOS \d", source, re.MULTILINE) and not read(source).unread:
            yield source


def lines(configuration: Configuration) -> set[str]:
    return {f"{menu} {line(item)}" for menu, items in configuration.menus.items() for item in items}


def test_an_export_that_is_loaded_comes_out_again(corpora: Path) -> None:
    lost: list[str] = []
    count = 0
    for text in exports(corpora):
        configuration = read(text)
        menus = Menus(profile_of(configuration), ManualClock())
        menus.load_export(text)
        before, after = lines(configuration), lines(read(menus.export(show_sensitive=True)))
        count += len(before)
        lost += sorted(
            item for item in before - after if not any(item.partition(" ")[2].startswith(word) for word in EXCEPTIONS)
        )
    assert count > 100
    assert len(lost) <= count * (1 - SHARE), "\n".join(lost)


@pytest.mark.parametrize("form", [{}, {"terse": True}, {"verbose": True}], ids=["compact", "terse", "verbose"])
def test_every_form_can_be_loaded_and_says_the_same(router: Any, make: Any, form: dict[str, bool]) -> None:
    router.add("/interface/bridge", name="lan", comment='all "inner" ports; $x')
    router.add("/ip/address", address="192.0.2.1/24", interface="lan")
    router.add("/ip/firewall/filter", chain="input", action="drop", in_interface="lan", comment="x" * 200)
    router.ask("/interface/ethernet/set", numbers="ether1", name="wan")
    other = make()
    problems = other.menus.load_export(router.menus.export(**form))
    assert problems == []
    assert other.menus.export().splitlines()[1:] == router.menus.export().splitlines()[1:]


def test_lines_are_at_most_80_columns(router: Any) -> None:
    router.add("/ip/firewall/filter", chain="input", comment="a long remark " * 30)
    router.add("/system/script", name="long", source='\n:put "$x"\r\n' * 60)
    text = router.menus.export()
    assert max(map(len, text.splitlines())) <= 80
    rows = [item.values for items in read(text).menus.values() for item in items]
    assert any(values.get("comment") == ("a long remark " * 30) for values in rows)
    assert any(values.get("source") == '\n:put "$x"\r\n' * 60 for values in rows)


def test_a_compact_export_names_what_differs_from_defaults(router: Any) -> None:
    router.ask("/system/identity/set", name="office")
    text = router.menus.export()
    assert "/system identity\nset name=office\n" in text
    assert "/ip service" not in text


def test_the_header_is_that_of_the_release(make: Any) -> None:
    assert re.match(r"# \d{4}-\d\d-\d\d \d\d:\d\d:\d\d by RouterOS 7\.18\.2\n", make("7.18.2").menus.export())
    assert re.match(r"# [a-z]{3}/\d\d/\d{4} \d\d:\d\d:\d\d by RouterOS 6\.49\.17\n", make("6.49.17").menus.export())
    board = make("7.18.2", model="RB5009UPr+S+", serial="HC0000000A", board="RB5009").menus.export()
    assert "# software id = QMLS-64F2\n#\n# model = RB5009UPr+S+\n# serial number = HC0000000A\n" in board


def test_secrets_are_left_out_unless_they_are_asked_for(router: Any, make: Any) -> None:
    router.add("/ppp/secret", name="a", password="hidden-word")
    assert "hidden-word" not in router.menus.export()
    assert "hidden-word" in router.menus.export(show_sensitive=True)
    old = make("6.49.17")
    old.add("/ppp/secret", name="a", password="hidden-word")
    assert "hidden-word" in old.menus.export()
    assert "hidden-word" not in old.menus.export(show_sensitive=False)


def test_a_menu_is_exported_with_what_is_below_it(router: Any) -> None:
    router.add("/interface/bridge", name="lan")
    router.ask("/system/identity/set", name="x")
    assert "identity" not in router.menus.export("/interface")
    assert "add name=lan" in router.menus.export("/interface")


def test_lines_that_are_refused_come_back_with_the_reason(router: Any) -> None:
    problems = router.menus.load_export("/ip address\nadd address=192.0.2.1/24 interface=nowhere\n")
    assert [(problem.line, problem.menu, problem.text) for problem in problems] == [
        (2, "/ip/address", "input does not match any value of interface")
    ]


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("7.20.8", "/ppp profile\nset *FFFFFFFE use-upnp=no\n"),
        ("7.20.8", "/ppp profile\nset *0 use-upnp=no\n"),
        ("7.20.8", "/system logging\nset 0 topics=info,!debug\n"),
        ("7.20.8", "/system logging action\nset 0 memory-lines=200\n"),
        ("7.20.8", "/routing bgp template\nset default as=65000\n"),
        ("7.20.8", "/routing table\nadd fib name=other\n"),
        ("7.20.8", "/queue simple\nadd max-limit=10M/512k name=a target=192.0.2.0/24\n"),
        ("7.20.8", "/ip address\nadd address=192.0.2.1 interface=ether1 network=192.0.2.1\n"),
        ("7.20.8", "/ip dns\nset cache-size=4096KiB\n"),
        ("7.16.2", "/interface ovpn-server server\nset auth=sha1,md5\n"),
        ("6.49.17", "/ip route rule\nadd action=lookup table=main\n"),
        ("6.49.17", "/system ntp client\nset primary-ntp=192.0.2.1\n"),
        ("6.49.17", "/routing bgp instance\nset default as=65000\n"),
    ],
)
def test_what_stands_in_real_exports_is_written_the_same_way(make: Any, version: str, text: str) -> None:
    router = make(version)
    problems = router.menus.load_export(text)
    assert problems == []
    assert text in router.menus.export()


def test_a_cloud_router_of_later_releases_has_a_system_id(make: Any) -> None:
    assert make("7.16.2").menus.export().splitlines()[1] == "# software id = "
    assert make("7.21.5").menus.export().splitlines()[1] == "# system id = QMLS-64F2"


def test_the_ports_of_an_export_are_the_router_s() -> None:
    text = (
        "# 2025-03-10 15:04:33 by RouterOS 7.18.2\n# software id = QMLS-64F2\n#\n# model = RB5009UPr+S+\n"
        "# serial number = HC0000000A\n/interface ethernet\nset [ find default-name=sfp-sfpplus1 ] name=uplink\n"
        "/interface bridge\nadd name=bridge\n/interface bridge port\nadd bridge=bridge interface=ether8\n"
        "/interface wifi\nset [ find default-name=wifi1 ] disabled=no\n"
    )
    profile = profile_of(read(text))
    assert str(profile.version) == "7.18.2"
    assert (profile.model, profile.serial) == ("RB5009UPr+S+", "HC0000000A")
    assert {"ether1", "ether8", "sfp-sfpplus1"} <= set(profile.ports)
    assert profile.radios == ("wifi1",)
    menus = Menus(profile, ManualClock())
    assert menus.load_export(text) == []
