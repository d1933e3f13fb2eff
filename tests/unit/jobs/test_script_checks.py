"""Scripts before they are sent: versions, devices, refusals and notes."""

import asyncio
import threading

import pytest

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs import checks
from tikfleet.domains.jobs.checks import Running, ScriptChecks, note_of, running_of
from tikfleet.domains.jobs.errors import ScriptCheckBusy, ScriptInvalid
from tikfleet.domains.jobs.schemas import ScriptCheck
from tikfleet.routeros.check.checker import DEFAULT_VERSION

from .conftest import ORG, Shelf

RANGE = ":foreach i in=[:range 1 3] do={:put $i}"  # since 7.17
REBOOT = "/system/reboot"


@pytest.mark.parametrize(
    ("said", "running"),
    [
        ("7.16.2 (stable)", Running("7.16.2")),
        ("7.16", Running("7.16")),
        ("6.49.10 (long-term)", Running("6.49.10")),
        ("7.23rc1", Running("7.23rc1")),
        ("", Running(DEFAULT_VERSION, assumed=True)),
        ("seven", Running(DEFAULT_VERSION, assumed=True)),
        ("9" * 39 + ".1", Running("9" * 39 + ".1")),
    ],
)
def test_what_a_device_says_becomes_a_version_or_the_newest_that_is_known(said: str, running: Running) -> None:
    assert running_of(said) == running


async def test_the_same_script_is_good_for_one_version_and_bad_for_another() -> None:
    asked = ScriptCheck(RANGE, versions=["7.16.2", "7.17"])
    old, new = (await ScriptChecks(Shelf()).check(ORG, asked)).checks
    assert (old.version, old.error_count, old.remarks[0].code, old.remarks[0].since) == ("7.16.2", 1, "too-new", "7.17")
    assert (old.remarks[0].line, old.remarks[0].column) == (1, 17)
    assert (new.version, new.remarks) == ("7.17", [])


async def test_each_version_comes_once_and_the_one_of_most_devices_first() -> None:
    shelf = Shelf()
    for name, version in (("a", "7.20.1 (stable)"), ("b", "7.16.2"), ("c", "7.16.2 (long-term)"), ("d", "")):
        shelf.add(name, version=version)
    found = await ScriptChecks(shelf).check(ORG, ScriptCheck(":put 1", device_ids=list(shelf.devices)))
    assert [(one.version, one.device_count, one.is_assumed) for one in found.checks] == [
        ("7.16.2", 2, False),
        ("7.20.1", 1, False),
        (DEFAULT_VERSION, 1, True),
    ]
    assert [device.name for device in found.checks[0].devices] == ["b", "c"]
    chosen = await ScriptChecks(shelf).check(
        ORG, ScriptCheck(":put 1", selection=Selection(q="b"), versions=["7.16.2"])
    )
    assert [(one.version, one.device_count) for one in chosen.checks] == [("7.16.2", 1)]


async def test_a_script_without_devices_and_versions_is_checked_for_the_newest_that_is_known() -> None:
    (found,) = (await ScriptChecks(Shelf()).check(ORG, ScriptCheck(":put 1"))).checks
    assert (found.version, found.is_assumed, found.device_count) == (DEFAULT_VERSION, True, 0)


async def test_errors_come_before_warnings_and_both_are_counted_beyond_what_is_shown() -> None:
    source = "/ip/address/remove [find]\n" * 150 + "foo"
    found = await ScriptChecks(Shelf()).check(ORG, ScriptCheck(source, versions=["7.20.1"]))
    (one,) = found.checks
    assert not found.ok
    assert (one.error_count, one.warning_count, len(one.remarks)) == (1, 300, 100)
    assert one.remarks[0].message == "bad command name foo"


async def test_a_refusal_names_line_column_reason_and_version() -> None:
    shelf = Shelf()
    devices = [shelf.add("branch-1", version="7.16.2 (stable)"), shelf.add("branch-2", version="7.20.1")]
    with pytest.raises(ScriptInvalid) as refused:
        await ScriptChecks(shelf).permit(f":put 1\n{RANGE}", devices)
    reason = "line 2 column 17: bad command name range: RouterOS has it since 7.17"
    assert refused.value.detail == f"RouterOS 7.16.2 on branch-1 would refuse {reason}"
    assert refused.value.fields == [("/script", f"{reason} (RouterOS 7.16.2)")]


async def test_an_error_of_several_versions_is_told_once() -> None:
    shelf = Shelf()
    devices = [shelf.add(name, version=version) for name, version in (("a", "7.16.2"), ("b", "7.20.1"), ("c", ""))]
    with pytest.raises(ScriptInvalid) as refused:
        await ScriptChecks(shelf).permit("foo; bar", devices)
    versions = f"RouterOS 7.16.2, 7.20.1, {DEFAULT_VERSION}, assumed for want of a known version"
    assert refused.value.detail == (
        f"{versions} on 3 of the devices would refuse line 1 column 1: bad command name foo, and 1 more"
    )
    assert [text for _, text in refused.value.fields] == [
        f"line 1 column 1: bad command name foo ({versions})",
        f"line 1 column 6: bad command name bar ({versions})",
    ]


async def test_warnings_permit_and_are_noted_for_the_devices_that_they_are_about() -> None:
    shelf = Shelf()
    device = shelf.add("branch-1", version="7.20.1")
    found = await ScriptChecks(shelf).permit(REBOOT, [device])
    assert [remark.code for remark in found[0].remarks] == ["risk.reboot"]
    note = note_of(Running("7.20.1"), found)
    assert note.startswith("warned for RouterOS 7.20.1: line 1 column 1: the router restarts")
    assert note_of(Running("7.16.2"), found) == ""


async def test_the_loop_goes_on_while_a_script_is_checked_and_the_turns_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, running = threading.Event(), []

    def slow(*_: object) -> list[object]:
        running.append(1)
        held.wait(10)
        return []

    monkeypatch.setattr(checks, "check", slow)
    monkeypatch.setattr(checks, "_PATIENCE_S", 0.05)
    desk = ScriptChecks(Shelf())
    waiting = [asyncio.create_task(desk.check(ORG, ScriptCheck(":put 1"))) for _ in range(2)]
    await asyncio.sleep(0.02)
    with pytest.raises(ScriptCheckBusy):
        await desk.check(ORG, ScriptCheck(":put 1"))
    held.set()
    assert [found.ok for found in await asyncio.gather(*waiting)] == [True, True]
    assert len(running) == 2
