"""Installing, refusing, replacing and removing the agent, run in every tier."""

from datetime import timedelta
from typing import Any

import pytest

from .conftest import TOKEN, Server, install
from .console import RosError
from .router import Router


def test_an_installer_says_what_it_adds_and_adds_it(router: Router, server: Server) -> None:
    install(router, server)

    assert router.names("/system/script") == {"tikfleet-agent", "tikfleet-token"}
    assert router.names("/system/scheduler") == {"tikfleet", "tikfleet-startup"}
    assert router.item("/system/scheduler", "tikfleet")["interval"] == timedelta(seconds=60)
    assert router.background == ["/system script run tikfleet-agent"]
    assert "Enrolled as device d1 (enrolled)." in router.console.printed
    assert router.console.globals == {}
    (asked,) = server.of("enrol")
    assert asked["inventory"]["identity"] == 'edge "1"\n'
    assert asked["inventory"]["software-id"] == "abc"
    assert asked["inventory"]["license-level"] == "p1"
    assert asked["probe"]["fetch"] == "yes"
    assert asked["probe"]["trust"] == "imported"


def test_what_the_server_found_is_printed(router: Router, server: Server) -> None:
    found = [
        {"severity": "warning", "text": "Flash is small.", "remedy": "Free some."},
        {"severity": "info", "text": "Hi."},
    ]
    server.enrolment["findings"] = found

    install(router, server)

    said = " ".join(line for line in router.console.printed if line.startswith("Found: "))
    assert "warning Flash is small. Free some." in said
    assert "info Hi." in said


def test_installing_again_refreshes_and_does_not_enrol(enrolled: Router, server: Server) -> None:
    enrolled.item("/system/scheduler", "tikfleet")["interval"] = timedelta(minutes=5)
    enrolled.item("/system/scheduler", "tikfleet-startup")["comment"] = "tikfleet: state boots=7 job=j9 outcome=closed"

    install(enrolled, server)

    assert len(server.of("enrol")) == 1
    assert len(enrolled.lists["/system/script"]) == 2
    assert enrolled.item("/system/scheduler", "tikfleet")["interval"] == timedelta(minutes=5)
    assert "boots=7 job=j9" in enrolled.item("/system/scheduler", "tikfleet-startup")["comment"]


@pytest.mark.parametrize(
    "refusal", [{"ok": False, "error": "enrolment.expired", "detail": "The key has expired."}, None]
)
def test_a_refused_enrolment_leaves_nothing(router: Router, server: Server, refusal: dict[str, Any] | None) -> None:
    if refusal is None:
        server.lost.add("enrol")
    else:
        server.enrolment = refusal

    with pytest.raises(RosError, match="not enrolled"):
        install(router, server)

    assert router.lists["/system/script"] == router.lists["/system/scheduler"] == []
    if refusal is not None:
        assert any("The key has expired." in line for line in router.console.printed)


@pytest.mark.parametrize(
    ("menu", "change", "words"),
    [
        ("/system/device-mode", {"fetch": False}, "device-mode update fetch=yes"),
        ("/system/device-mode", {"scheduler": False}, "device mode forbids"),
        ("/system/device-mode", {"flagged": True}, "flagged"),
        ("/system/resource", {"free-hdd-space": 1_000}, "128 KiB"),
        ("clock", {}, "clock is not set"),
        ("script", {}, "is not ours"),
        ("scheduler", {}, "is not ours"),
    ],
)
def test_what_stands_in_the_way_is_said_and_nothing_is_added(
    router: Router, server: Server, menu: str, change: dict[str, Any], words: str
) -> None:
    match menu:
        case "clock":
            router.clock = "1970-01-02"
        case "script":
            router.lists["/system/script"].append({"name": "tikfleet-agent", "comment": "mine", ".id": "*99"})
        case "scheduler":
            router.lists["/system/scheduler"].append({"name": "tikfleet", "comment": None, ".id": "*99"})
        case _:
            router.single[menu] |= change
    before = [len(router.lists[name]) for name in ("/system/script", "/system/scheduler")]

    with pytest.raises(RosError, match="before adding"):
        install(router, server)

    assert [len(router.lists[name]) for name in ("/system/script", "/system/scheduler")] == before
    assert any(words in line for line in router.console.printed)
    assert server.heard == []


def test_a_new_agent_replaces_itself_once(enrolled: Router, server: Server) -> None:
    source = enrolled.item("/system/script", "tikfleet-agent")
    source["source"] = source["source"].replace("1.0.0", "0.9.0")
    server.extra = {"agent": "1.0.0"}
    enrolled.check_in()
    assert "tier" in source["source"]
    assert "0.9.0" not in source["source"]
    enrolled.check_in()

    assert [report["agent"] for report in server.of("checkin")] == [f"0.9.0/{server.tier}", f"1.0.0/{server.tier}"]
    assert enrolled.files == {}


def test_an_agent_that_is_wanted_already_is_not_fetched(enrolled: Router, server: Server) -> None:
    server.extra = {"agent": "1.0.0"}
    enrolled.check_in()

    assert server.fetched == []


def test_removal_leaves_a_name_of_ours_without_our_mark(enrolled: Router, server: Server) -> None:
    enrolled.item("/system/scheduler", "tikfleet")["comment"] = "mine now"
    enrolled.item("/system/script", "tikfleet-agent")["comment"] = None
    enrolled.console.run(server("get", "agent/v1/remove", TOKEN, None))

    assert enrolled.names("/system/scheduler") == {"tikfleet"}
    assert enrolled.names("/system/script") == {"tikfleet-agent"}


def test_removal_leaves_what_was_there_before(router: Router, server: Server) -> None:
    router.lists["/system/script"].append({"name": "mine", "comment": "tikfleet: no", ".id": "*A0"})
    router.files["user.rsc"] = "x"
    install(router, server)
    router.lists["/certificate"].append({"name": "tikfleet-ca", ".id": "*A1"})
    router.check_in()
    server.extra = {"remove": True}
    router.check_in()
    router.console.run(router.background[-1])

    assert router.names("/system/script") == {"mine"}
    assert router.names("/system/scheduler") == set()
    assert router.names("/certificate") == {"own"}
    assert router.files == {"user.rsc": "x"}
    assert router.console.globals == {}


def test_a_deleted_start_entry_comes_back(enrolled: Router, server: Server) -> None:
    entries = enrolled.lists["/system/scheduler"]
    entries.remove(enrolled.item("/system/scheduler", "tikfleet-startup"))
    enrolled.check_in()

    assert enrolled.names("/system/scheduler") == {"tikfleet", "tikfleet-startup"}
    assert len(server.of("checkin")) == 1
