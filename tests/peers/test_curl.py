"""curl against REST: every verb, in the order in which tools that keep a configuration use them."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from .office import Office

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: apt-get install curl")


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: str
    body: str

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class Curl:
    def __init__(self, office: Office) -> None:
        self._url = f"http://127.0.0.1:{office.port('www')}/rest"

    def __call__(self, method: str, path: str, body: object = None, *options: str, user: str = "admin:") -> Reply:
        command = ["curl", "-s", "-i", "-g", "--max-time", "20", "-u", user, "-X", method, *options]
        if body is not None:
            command += ["-H", "content-type: application/json", "--data-binary", "@-"]
        done = subprocess.run(
            [*command, self._url + path], input=json.dumps(body).encode(), capture_output=True, check=True
        )
        head, _, rest = done.stdout.decode().partition("\r\n\r\n")
        return Reply(int(head.split()[1]), head.lower(), rest)


@pytest.fixture
def curl(office7: Office) -> Curl:
    return Curl(office7)


def test_a_list_is_filtered_and_its_properties_picked(curl: Curl) -> None:
    assert {row["name"] for row in curl("GET", "/interface").data} >= {"ether1", "bridge1", "guests"}
    found = curl("GET", "/interface?type=vlan&.proplist=name,type").data
    assert [(row["name"], row["type"], sorted(row)) for row in found] == [("guests", "vlan", [".id", "name", "type"])]
    assert curl("GET", "/interface?name=none").data == []
    assert curl("GET", "/system/identity").data == {"name": "office"}
    assert curl("GET", "/interface/bridge1").data["type"] == "bridge"


def test_a_record_is_made_changed_and_deleted_by_id(curl: Curl) -> None:
    made = curl("PUT", "/ip/address", {"address": "10.4.4.1/24", "interface": "ether4", "comment": "naïve €"})
    assert made.status == 201
    number = made.data[".id"]
    assert f"/rest/ip/address/{number.lower()}" in made.headers
    changed = curl("PATCH", f"/ip/address/{number}", {"disabled": True, "comment": ""})
    assert (changed.status, changed.data["disabled"]) == (200, "true")
    assert "comment" not in changed.data
    assert curl("GET", f"/ip/address/{number}").data["network"] == "10.4.4.0"
    gone = curl("DELETE", f"/ip/address/{number}")
    assert (gone.status, gone.body) == (204, "")
    assert curl("GET", f"/ip/address/{number}").status == 404
    assert curl("DELETE", f"/ip/address/{number}").status == 404


def test_a_record_is_found_changed_and_deleted_by_name(curl: Curl) -> None:
    assert curl("PUT", "/interface/bridge", {"name": "tf-bridge", "protocol-mode": "none"}).status == 201
    assert curl("PATCH", "/interface/bridge/tf-bridge", {"comment": "kept"}).data["comment"] == "kept"
    assert curl("GET", "/interface/bridge/tf-bridge").data["protocol-mode"] == "none"
    assert curl("DELETE", "/interface/bridge/tf-bridge").status == 204
    assert curl("GET", "/interface/bridge?name=tf-bridge").data == []


def test_a_set_of_values_is_posted(curl: Curl, office7: Office) -> None:
    assert curl("POST", "/system/identity/set", {"name": "renamed"}).data == []
    assert curl("GET", "/system/identity").data == {"name": "renamed"}
    assert curl("POST", "/system/identity/set", {"name": "office"}).status == 200
    assert curl("GET", "/system/identity").data == {"name": "office"}


def test_commands_are_posted_with_queries(curl: Curl) -> None:
    body = {".proplist": ["name", "type"], ".query": ["type=vlan", "type=bridge", "#|"]}
    found = curl("POST", "/interface/print", body).data
    assert sorted(row["name"] for row in found) == ["bridge1", "guests"]
    added = curl("POST", "/ip/firewall/address-list/add", {"list": "peers", "address": "192.0.2.0/24"}).data
    assert added["ret"].startswith("*")
    assert curl("POST", "/ip/firewall/address-list/remove", {"numbers": added["ret"]}).data == []
    packets = curl("POST", "/ping", {"address": "192.0.2.1", "count": 2, "interval": "20ms"}).data
    assert [row["seq"] for row in packets] == ["0", "1"]
    once = curl("POST", "/interface/monitor-traffic", {"interface": "ether1", "once": ""}).data
    assert ".section" not in once[0]


def test_samples_over_time_are_numbered(curl: Curl) -> None:
    body = {"interface": "ether1", "duration": "60ms", "interval": "20ms"}
    assert [row[".section"] for row in curl("POST", "/interface/monitor-traffic", body).data] == ["0", "1", "2"]


def test_rules_are_placed_and_moved(curl: Curl) -> None:
    rules = "/ip/firewall/filter"
    before = curl("GET", rules).data[0][".id"]
    number = curl("PUT", rules, {"chain": "input", "action": "drop", "place-before": before}).data[".id"]
    assert curl("GET", rules).data[0][".id"] == number
    assert curl("POST", f"{rules}/move", {"numbers": number}).status == 200
    assert curl("GET", rules).data[-1][".id"] == number
    assert curl("DELETE", f"{rules}/{number}").status == 204


def test_scripts_run_and_say_what_they_put(curl: Curl) -> None:
    assert curl("POST", "/execute", {"script": ":put (1 + 2)", "as-string": ""}).data == {"ret": "3"}
    assert curl("POST", "/system/script/run", {".id": "hello"}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "detail"),
    [
        ("PUT", "/ip/address", {"adress": "10.0.0.1/24"}, 400, "unknown parameter adress"),
        ("PUT", "/ip/address", {"address": "x", "interface": "ether1"}, 400, "invalid value for argument address"),
        ("PUT", "/interface/bridge", {"name": "bridge1"}, 400, "failure: already have"),
        ("GET", "/ip/nonsense", None, 400, "no such command or directory (nonsense)"),
        ("PATCH", "/ip/address", {"comment": "x"}, 400, "missing or invalid resource identifier"),
        ("GET", "/ip/address/*FFFF", None, 404, ""),
    ],
)
def test_errors_have_the_words_of_the_router(
    curl: Curl, method: str, path: str, body: object, status: int, detail: str
) -> None:
    reply = curl(method, path, body)
    assert reply.status == status
    assert reply.data["error"] == status
    assert detail in reply.data.get("detail", "")


def test_who_is_nobody_and_what_is_no_json_is_refused(curl: Curl) -> None:
    assert curl("GET", "/interface", user="admin:wrong").status == 401
    assert curl("POST", "/ip/address/print", None, "-H", "content-type: text/plain", "-d", "x").status == 415
    broken = curl("POST", "/ip/address/print", None, "-H", "content-type: application/json", "-d", "{")
    assert (broken.status, broken.data["error"]) == (400, 400)


def test_a_large_value_goes_and_comes_back(curl: Curl) -> None:
    source = "# " + "y" * 60_000
    number = curl("PUT", "/system/script", {"name": "large", "source": source}).data[".id"]
    assert curl("GET", f"/system/script/{number}").data["source"] == source
    assert curl("DELETE", "/system/script/large").status == 204
