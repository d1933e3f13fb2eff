import csv
import io
import json

import pytest
from api_stub import Stub, device, problem

HOSTILE = "\x1b[31mred\x1b[0m [bold]x[/] \u202egnp"


def test_a_list_is_a_table_for_people(run) -> None:
    result = run("devices", "list")
    assert result.exit_code == 0
    assert "NAME" in result.stdout
    assert "router-2" in result.stdout
    assert "12.5 Mbps" in result.stdout


def test_a_list_is_one_document_for_programs(run) -> None:
    found = json.loads(run("devices", "list", "--json").stdout)
    assert [item["name"] for item in found["items"]] == ["router-1", "router-2", "router-3"]


def test_pages_are_followed_up_to_the_limit(run, stub: Stub) -> None:
    stub.devices = [device(n) for n in range(1, 451)]
    assert len(json.loads(run("devices", "list", "--json", "--limit", "0").stdout)["items"]) == 450
    assert [query["limit"] for query in stub.asked("GET", "/devices")] == [["200"]] * 3
    limited = run("devices", "list", "--json", "--limit", "250")
    assert len(json.loads(limited.stdout)["items"]) == 250


def test_filters_go_to_the_api_and_site_names_become_ids(run, stub: Stub) -> None:
    run("devices", "list", "--status", "online", "--status", "offline", "--site", "riga", "--tag", "core", "-q", "x y")
    query = stub.asked("GET", "/devices")[-1]
    assert query["status"] == ["online", "offline"]
    assert query["site_id"] == ["sit_0000000000000001"]
    assert query["q"] == ["x y"]


def test_fields_choose_the_columns(run, stub: Stub) -> None:
    result = run("devices", "list", "--fields", "name,site.name")
    assert result.stdout.split()[:2] == ["name", "site.name"]
    assert stub.asked("GET", "/devices")[-1]["fields"] == ["name,site.name"]


def test_text_of_routers_is_shown_and_never_obeyed(run, stub: Stub) -> None:
    stub.devices = [device(1, name=HOSTILE)]
    shown = run("devices", "list").stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\\x1b[31mred\\x1b[0m [bold]x[/] \\u202egnp" in shown

    as_json = run("devices", "list", "--json").stdout
    assert "\x1b" not in as_json
    assert "\u202e" not in as_json
    assert json.loads(as_json)["items"][0]["name"] == HOSTILE


@pytest.mark.parametrize("named", ["dev_0000000000000002", "router-2", "ROUTER-2", "serial2"])
def test_a_device_is_found_by_id_name_or_serial(run, named: str) -> None:
    result = run("devices", "show", named)
    assert result.exit_code == 0, result.output
    assert "SERIAL2" in result.stdout
    assert "ether1" in result.stdout


def test_a_name_that_two_devices_have_is_not_guessed(run, stub: Stub) -> None:
    stub.devices[0]["name"] = stub.devices[1]["name"] = "twin"
    result = run("devices", "show", "twin")
    assert result.exit_code == 1
    assert "dev_0000000000000001, dev_0000000000000002" in result.stderr


def test_tags_are_added_and_taken_away(run, stub: Stub) -> None:
    run("devices", "set", "router-1", "--tag", "new", "--untag", "core", "--name", "n")
    assert stub.asked("PATCH", "/devices/dev_0000000000000001") == [{"tags": ["new"], "name": "n"}]
    run("devices", "set", "router-2", "--site", "")
    assert stub.asked("PATCH", "/devices/dev_0000000000000002") == [{"site_id": None}]
    assert run("devices", "set", "router-2").exit_code == 2


def test_removal_asks_first(run, stub: Stub) -> None:
    assert run("devices", "remove", "router-1", given="n\n").exit_code == 1
    assert not stub.asked("DELETE", "/devices/dev_0000000000000001")
    assert run("devices", "remove", "router-1", "--yes").exit_code == 0
    assert len(stub.asked("DELETE", "/devices/dev_0000000000000001")) == 1


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [(400, 2), (401, 3), (403, 3), (404, 4), (409, 1), (429, 5), (500, 5), (503, 5)],
)
def test_problems_are_a_sentence_a_remedy_a_code_and_an_exit_code(run, stub: Stub, status: int, exit_code: int) -> None:
    errors = [{"pointer": "/q", "message": "too long"}]
    stub.answers["GET", "/devices"] = (status, problem(status, "some.code", "it did not work", errors=errors))
    result = run("devices", "list")
    assert result.exit_code == exit_code
    assert result.stdout == ""
    assert result.stderr.splitlines() == ["it did not work [some.code]", "  /q: too long", "Do this."]


def test_an_answer_that_is_not_the_apis_is_told_as_such(run, stub: Stub) -> None:
    stub.answers["GET", "/devices"] = (200, "<html>")
    assert run("devices", "list").exit_code == 5
    stub.answers["GET", "/devices"] = (502, "<html>")
    result = run("devices", "list")
    assert (result.exit_code, result.stderr.strip()) == (5, "the server answered 502")


def test_export_is_csv_that_no_spreadsheet_runs(run, stub: Stub) -> None:
    stub.devices = [device(1, name='=HYPERLINK("http://x")'), device(2, name=" @SUM(1)"), device(3, cpu_load=-5)]
    rows = list(csv.DictReader(io.StringIO(run("export", "--fields", "name,cpu_load,tags").stdout)))
    assert [row["name"] for row in rows] == ['\'=HYPERLINK("http://x")', "' @SUM(1)", "router-3"]
    assert rows[2]["cpu_load"] == "-5"
    assert rows[0]["tags"] == "core"


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_export_is_json_too(run, form: str, tmp_path) -> None:
    path = tmp_path / "out"
    assert run("export", "--format", form, "-o", str(path), "--status", "online").exit_code == 0
    text = path.read_text()
    rows = json.loads(text)["items"] if form == "json" else [json.loads(line) for line in text.splitlines()]
    assert len(rows) == 3


def test_a_table_has_no_colour_when_nobody_looks(run) -> None:
    assert "\x1b" not in run("devices", "list").stdout


def test_what_a_menu_holds_is_shown_as_the_router_has_it(run, stub: Stub) -> None:
    path = "/devices/dev_0000000000000001/routeros-schema"
    found = {
        "version": "7.20.8", "packages": ["routeros"], "path": "/ip/dns", "kind": "menu", "menus": ["static"],
        "commands": [{"name": "set", "arguments": ["servers", HOSTILE]}], "kept": False,
    }  # fmt: skip
    stub.answers["GET", path] = (200, found)
    shown = run("devices", "schema", "dev_0000000000000001", "/ip/dns")
    assert shown.exit_code == 0, shown.output
    assert "  static/" in shown.stdout
    assert "  set  servers" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert stub.asked("GET", path)[-1]["menu"] == ["/ip/dns"]

    command = {"name": "set", "arguments": ["servers", "ttl"], "values": {"servers": HOSTILE}, "unasked": ["ttl"]}
    stub.answers["GET", path] = (200, found | {"kind": "command", "menus": [], "commands": [command]})
    shown = run("devices", "schema", "dev_0000000000000001", "/ip/dns/set")
    assert "  servers  " in shown.stdout
    assert "  ttl  (not asked in time)" in shown.stdout
    assert "\x1b" not in shown.stdout
