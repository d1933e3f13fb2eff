"""Imports, exports, backups and reboots."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tikfleet.virtual.clock import ManualClock
from tikfleet.virtual.scripting import backups

from .small_router import SmallRouter


async def test_an_import_runs_a_file_and_says_so(router: SmallRouter) -> None:
    router.files.write("a.rsc", b"/system identity\nset name=imported\n:put hello\n")

    outcome = await router.run("/import file-name=a.rsc")

    assert outcome.printed == "hello\n\nScript file loaded and executed successfully\n"
    assert await router.shown(":put [/system identity get name]") == "imported"


async def test_an_error_in_an_import_can_be_caught_with_its_text(router: SmallRouter) -> None:
    router.files.write("a.rsc", b"\nthis\n")

    shown = await router.shown(':onerror e in={ /import a.rsc } do={ :put "Failure - $e" }')

    assert shown == "Failure - Script Error: bad command name this (line 2 column 1)"


async def test_an_import_has_globals_and_no_locals_of_its_caller(router: SmallRouter) -> None:
    router.files.write("a.rsc", b':global g; :put "$g $l"')

    assert (await router.shown(":global g 1; :local l 2; /import a.rsc")).startswith("1 \n")


async def test_a_dry_run_counts_faults_and_changes_nothing(router: SmallRouter) -> None:
    router.files.write("a.rsc", b"/system identity set name=x\nthis\nthat\n")

    outcome = await router.run("/import a.rsc verbose=yes dry-run")

    assert outcome.error == "Script Error: found 2 error(s) in import file"
    assert "bad command name that (line 3 column 1)" in outcome.printed
    assert await router.shown(":put [/system identity get name]") == "MikroTik"


async def test_lines_before_the_first_are_left_out(router: SmallRouter) -> None:
    router.files.write("a.rsc", b":error one\n:put two\n")

    assert (await router.shown("/import a.rsc from-line=2")).startswith("two")


async def test_a_missing_file_is_an_error(router: SmallRouter) -> None:
    assert "file-name" in ((await router.run("/import nothing.rsc")).error or "")


async def test_an_export_reads_back_to_the_same_configuration(router: SmallRouter) -> None:
    await router.run('/ip address add address=10.0.0.1/24 interface=ether1 comment="a \\"quoted\\" one"')
    await router.run("/export file=all")
    other = SmallRouter()
    other.files.write("all.rsc", router.files.read("all.rsc"))

    outcome = await other.run("/import all.rsc")

    assert outcome.error is None, outcome.shown
    assert await other.shown(":put [/ip address get [find] comment]") == 'a "quoted" one'


async def test_an_export_of_one_menu_is_printed(router: SmallRouter) -> None:
    await router.run("/ip address add address=10.0.0.1/24 interface=ether1; /system identity set name=x")

    shown = await router.shown("/ip address export")

    assert "add address=10.0.0.1/24 interface=ether1 network=10.0.0.0" in shown
    assert "identity" not in shown


@pytest.mark.parametrize(("password", "magic"), [("", "88aca1b1"), ("secret", "efa89173")])
async def test_a_backup_brings_back_what_was(router: SmallRouter, password: str, magic: str) -> None:
    await router.run("/ip address add address=10.0.0.1/24 interface=ether1")
    await router.run(f'/system backup save name=b password="{password}"')
    assert router.files.read("b.backup")[:4].hex() == magic
    await router.run("/ip address remove [find]; /ip address add address=10.9.9.9/24 interface=ether2")

    outcome = await router.run(f'/system backup load name=b password="{password}"')

    assert outcome.error is None
    assert router.power.asked == ["reboot"]
    assert await router.shown(":put [/ip address get [find] address]") == "10.0.0.1/24"
    await router.run("/ip address add address=10.1.1.1/24 interface=ether3")
    assert await router.shown(":put [:len [/ip address find]]") == "2"


async def test_a_backup_needs_its_password(router: SmallRouter) -> None:
    await router.run("/system backup save name=b password=secret")

    assert "incorrect password" in ((await router.run("/system backup load name=b password=wrong")).error or "")
    error = (await router.run("/system backup load name=b")).error
    assert error == "missing value(s) of argument(s) password (/system/backup/load; line 1)"
    assert router.power.asked == []


async def test_a_broken_backup_changes_nothing(router: SmallRouter) -> None:
    router.files.write("b.backup", b"\x88\xac\xa1\xb1" + b"\xff" * 40)

    assert "bad backup" in ((await router.run('/system backup load name=b.backup password=""')).error or "")


@given(some.dictionaries(some.text(max_size=9), some.binary(max_size=40), max_size=5), some.text(max_size=9))
def test_a_backup_unpacks_to_what_was_packed(snapshot: dict[str, bytes], password: str) -> None:
    assert backups.unpacked(backups.packed(snapshot, password), password) == snapshot


@given(some.binary(max_size=200))
def test_no_bytes_upset_the_reading_of_a_backup(data: bytes) -> None:
    for head in (b"", b"\x88\xac\xa1\xb1", b"\xef\xa8\x91\x73" + (len(data) + 8).to_bytes(4, "little")):
        try:
            backups.unpacked(head + data, "x")
        except (ValueError, PermissionError):
            continue


async def test_the_router_is_asked_to_end(router: SmallRouter) -> None:
    await router.run("/system reboot")
    await router.run("/system shutdown")
    await router.run("/system reset-configuration no-defaults=yes")

    assert router.power.asked == ["reboot", "shutdown", "reset no-defaults"]


async def test_an_uploaded_auto_script_is_imported_and_its_log_says_how(router: SmallRouter) -> None:
    router.files.write("a.auto.rsc", b"/system identity set name=auto\n:error boom\n")

    router.scripting.uploaded("a.auto.rsc")
    router.scripting.uploaded("a.rsc")
    await router.jobs.settled()

    assert await router.shown(":put [/system identity get name]") == "auto"
    assert router.files.read("a.auto.log") == b"Script Error: boom (:error; line 2)\n"


async def test_a_script_after_a_reset_has_two_minutes() -> None:
    clock = ManualClock()
    router = SmallRouter(clock=clock)
    router.files.write("a.rsc", b"/system identity set name=begun\n:delay 10m\n/system identity set name=ended\n")

    waiting = asyncio.create_task(router.scripting.run_after_reset("a.rsc"))
    await clock.advance(121)
    await waiting

    assert await router.shown(":put [/system identity get name]") == "begun"
    assert "script,error runtime limit exceeded" in router.logged()


async def test_an_export_names_items_by_their_place(router: SmallRouter) -> None:
    await router.run("/ip firewall filter add chain=input action=drop")
    router.files.write(
        "a.rsc", b"/ip firewall filter\nset 0 comment=first\nadd chain=input action=accept place-before=0\n"
    )

    assert (await router.run("/import a.rsc")).error is None
    assert await router.shown(":put [/ip firewall filter get [find comment=first] action]") == "drop"
    assert "no such item" in ((await router.run("/ip firewall filter set 0 comment=x")).error or "")


async def test_after_a_stop_nothing_is_left(router: SmallRouter) -> None:
    await router.run(':global g 1; :execute ":delay 1h"')

    await router.scripting.stop()

    assert await router.shown(":global g; :put [:typeof $g]; :put [/system script job find]") == "nothing"
