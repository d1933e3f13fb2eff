"""`tikfleet check` and `tikfleet diff`: no server, plain sentences, exit codes for programs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tikfleet.app.offline import offline
from tikfleet.cli.scripts import check_command, diff_command

Run = Callable[..., Result]

OLD = '/ip firewall filter\nadd chain=input action=accept comment="\x1b[31m"\nadd chain=input action=drop log=yes\n'
NEW = '/ip firewall filter\nadd chain=input action=drop log=yes\nadd chain=input action=accept comment="\x1b[31m"\n'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command("check")(check_command(offline))
    app.command("diff")(diff_command(offline))

    def invoke(*arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(app, list(arguments), input=given)

    return invoke


def test_a_refused_script_fails_with_its_place_and_reason(run: Run) -> None:
    Path("a.rsc").write_text("/ip/address/add address=192.0.2.1/24\n")
    result = run("check", "a.rsc", "--version", "7.16.2")
    assert result.exit_code == 1
    assert result.stdout == (
        "a.rsc:1:1: error: missing value(s) of argument(s) interface (/ip/address/add; line 1) [missing-argument]\n"
        "RouterOS 7.16.2: 1 error, 0 warnings.\n"
    )


def test_warnings_do_not_fail(run: Run) -> None:
    result = run("check", "-", given="/system/reboot\n")
    assert result.exit_code == 0
    assert "[risk.reboot]" in result.stdout


def test_findings_are_a_document_too(run: Run) -> None:
    result = run("check", "-", "--json", "--version", "7.12", given=":put [:serialize to=json value=1]")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["ok"] is False
    assert document["remarks"][0]["code"] == "too-new"


def test_the_intermediate_form_is_printed_or_the_refusal(run: Run) -> None:
    assert run("check", "-", "--il", given=":put a").stdout == "(evl /putmessage=a)\n"
    refused = run("check", "-", "--il", given=":put (")
    assert refused.exit_code == 1
    assert refused.stdout == "missing closing parenthesis (line 1 column 7)\n"
    assert json.loads(run("check", "-", "--il", "--json", given=":put a").stdout)["accepted"] is True


def test_a_form_that_would_not_end_is_refused(run: Run) -> None:
    script = "/ip/address/add address=[" * 40 + ":put 1" + " ] disabled" * 40
    result = run("check", "-", "--il", given=script)
    assert result.exit_code == 1
    assert "more than" in result.stdout


def test_text_of_scripts_is_shown_and_never_obeyed(run: Run) -> None:
    result = run("check", "-", "--version", "7.22.1", given='/system/script/add name=a source="/\\1B[2J x"')
    assert "\x1b" not in result.stdout
    assert "\x1b" not in run("check", "-", "--il", given=':put "\x1b[2J"').stdout


def test_what_cannot_be_read_is_a_fault_of_the_command_line(run: Run) -> None:
    assert run("check", "missing.rsc").exit_code == 2
    assert run("check", "-", "--version", "latest", given="").exit_code == 2
    assert run("diff", "-", "-").exit_code == 2


def test_a_move_is_told_and_scripted_both_ways(run: Run) -> None:
    Path("a.rsc").write_text(OLD)
    Path("b.rsc").write_text(NEW)
    told = run("diff", "a.rsc", "b.rsc")
    assert told.exit_code == 0
    assert told.stdout == "/ip firewall filter\n  moved 2 to 1: chain=input action=drop log=yes\n"
    assert "/ip/firewall/filter/move " in run("diff", "a.rsc", "b.rsc", "--script").stdout
    assert run("diff", "b.rsc", "a.rsc").stdout == run("diff", "a.rsc", "b.rsc", "--reverse").stdout
    document = json.loads(run("diff", "a.rsc", "b.rsc", "--json", "--script").stdout)
    assert [change["kind"] for change in document["changes"]] == ["moved"]
    assert document["script"].count("/move ") == 1


def test_exports_that_say_the_same_do_not_differ(run: Run) -> None:
    Path("a.rsc").write_text(OLD)
    assert run("diff", "a.rsc", "-", given=f"# 2025-01-01 00:00:00 by RouterOS 7.18.2\n{OLD}").stdout == (
        "Nothing differs.\n"
    )


def test_names_of_routers_cannot_colour_the_terminal(run: Run) -> None:
    Path("a.rsc").write_text("")
    Path("b.rsc").write_text(OLD)
    for arguments in (("diff", "a.rsc", "b.rsc"), ("diff", "a.rsc", "b.rsc", "--script")):
        assert "\x1b" not in run(*arguments).stdout
