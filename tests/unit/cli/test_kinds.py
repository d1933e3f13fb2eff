import json

import pytest
from api_stub import Stub

KINDS = {
    "items": [
        {"kind": "script", "title": "Run a script", "classes": ["once"], "parameters": {"properties": {}}},
        {
            "kind": "ping",
            "title": "Ping from the router",
            "classes": ["query", "once"],
            "parameters": {
                "properties": {
                    "host": {"type": "string"},
                    "count": {"type": "integer"},
                    "port": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    "servers": {"type": "array"},
                    "use_dns": {"type": "boolean"},
                },
                "required": ["host"],
            },
        },
        {
            "kind": "user-password",
            "title": "Change a user's password",
            "classes": ["desired-state"],
            "parameters": {"properties": {"user": {"type": "string"}, "password": {"type": "string"}}},
        },
    ]
}


@pytest.fixture(autouse=True)
def kinds(stub: Stub) -> None:
    stub.answers["GET", "/job-kinds"] = (200, KINDS)


def test_kinds_are_listed_with_what_they_take(run) -> None:
    shown = run("jobs", "kinds").stdout
    assert "host [count] [port] [servers] [use_dns]" in shown
    assert json.loads(run("jobs", "kinds", "--json").stdout) == KINDS


def test_values_have_the_type_of_their_parameter(run, stub: Stub) -> None:
    values = ("host=192.0.2.1", "count=3", "port=53", "servers=a, b", "use_dns=yes")
    result = run("jobs", "run", "ping", "router-1", "serial2", *(word for one in values for word in ("--set", one)))

    assert result.exit_code == 0, result.output
    asked = stub.asked("POST", "/jobs")[0]
    assert asked["device_ids"] == ["dev_0000000000000001", "dev_0000000000000002"]
    assert asked["parameters"] == {"host": "192.0.2.1", "count": 3, "port": 53, "servers": ["a", "b"], "use_dns": True}


def test_a_selection_may_stand_for_names(run, stub: Stub) -> None:
    assert run("jobs", "run", "ping", "--set", "host=a", "--tag", "core").exit_code == 0
    assert stub.asked("POST", "/jobs")[0]["selection"] == {"tag": ["core"]}


def test_a_secret_is_asked_for_without_showing_it(run, stub: Stub) -> None:
    result = run(
        "jobs", "run", "user-password", "router-1", "-s", "user=admin", "-s", "password=-", given="correct horse\n"
    )

    assert stub.asked("POST", "/jobs")[0]["parameters"] == {"user": "admin", "password": "correct horse"}
    assert "correct horse" not in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("ping", "router-1", "-s", "surprise=1"),
        ("ping", "router-1", "-s", "host"),
        ("ping", "router-1", "-s", "count=many"),
        ("ping", "router-1", "-s", "use_dns=maybe"),
        ("ping", "router-1", "--all"),
        ("ping",),
        ("script", "router-1"),
        ("surprise", "router-1"),
    ],
)
def test_what_fits_no_kind_is_not_asked(run, stub: Stub, words: tuple[str, ...]) -> None:
    assert run("jobs", "run", *words).exit_code == 2
    assert not stub.asked("POST", "/jobs")
