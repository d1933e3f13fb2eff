"""Typed kinds of jobs, rolled out: the catalogue's parameters, values of devices in them, and secrets."""

from collections.abc import Callable

import pytest

from .conftest import Field

Fields = Callable[[int], Field]
PASSWORD = "correct horse battery"


def parameters(**given: object) -> list[dict[str, object]]:
    return [{"name": name, "value": value} for name, value in given.items()]


def test_a_typed_kind_is_written_for_each_device(field: Fields) -> None:
    shop = field(2)
    run = shop.run(
        kind="address-list", script=None, waves=[{"percent": 100}],
        parameters=parameters(name="of ${device.name}", addresses=["192.0.2.1"]),
    )  # fmt: skip
    previews = shop.tenant.items(f"/runs/{run['id']}/preview")
    shop.do(run, "start")
    shop.until(run, asked=2)
    jobs = [shop.tenant.house.until(lambda device=device: shop.check_in(device)) for device in shop.routers]

    assert run["job_class"] == "desired-state"
    for preview in previews:
        assert f'"of {preview["device_name"]}"' in preview["script"]
    scripts = [shop.scripts[str(job)] for job in jobs]
    assert all('($wanted->"192.0.2.1")' in script for script in scripts)
    assert shop.until(run, state="finished")["counts"]["succeeded"] == 2


def test_a_password_that_is_rolled_out_is_shown_to_nobody(field: Fields) -> None:
    shop = field(1)
    run = shop.run(kind="user-password", script=None, parameters=parameters(user="admin", password=PASSWORD))
    (preview,) = shop.tenant.items(f"/runs/{run['id']}/preview")
    shop.do(run, "start")
    shop.until(run, asked=1)
    (device,) = shop.routers
    job = shop.tenant.house.until(lambda: shop.check_in(device))
    shop.until(run, state="finished")

    assert PASSWORD in shop.scripts[str(job)]
    assert "********" in preview["script"]
    shown = [
        str(run), str(preview), str(shop.read(run)), str(shop.targets(run)),
        shop.tenant.ask("GET", f"/jobs/{job}").text, shop.tenant.ask("GET", "/audit").text,
    ]  # fmt: skip
    assert all(PASSWORD not in text for text in shown)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "ping"}, 409),
        ({"kind": "ping", "parameters": parameters(host="192.0.2.1", count=1_000)}, 400),
        ({"kind": "ping", "parameters": parameters(surprise=1)}, 400),
        ({"kind": "export", "parameters": parameters(x="y")}, 400),
        ({"kind": "dns", "parameters": parameters(servers=[]), "job_class": "query"}, 409),
    ],
)
def test_parameters_that_are_not_the_kinds_make_no_run(field: Fields, change: dict[str, object], status: int) -> None:
    shop = field(1)
    body = {"name": "Hello", "device_ids": sorted(shop.routers)} | change

    assert shop.tenant.ask("POST", "/runs", body).status_code == status


def test_what_a_device_makes_of_a_value_is_checked_for_that_device(field: Fields) -> None:
    shop = field(1)
    body = {"name": "Hello", "device_ids": sorted(shop.routers), "kind": "ping"}

    answer = shop.tenant.ask("POST", "/runs", body | {"parameters": parameters(host="${device.name} and more")})

    assert answer.status_code == 409
    assert "host" in answer.text


def test_a_run_takes_a_version_of_the_library(field: Fields) -> None:
    shop = field(1)
    script = shop.tenant.made(
        "/library",
        {
            "name": "Say", "source": ":put ${text}\n:put ${device.name}", "parameters": [{"name": "text"}],
            "samples": [{"name": "a word", "values": {"text": "hello"}}],
        },
    )  # fmt: skip
    run = shop.run(script=None, library_id=script["id"], version=1, values={"text": "good day"})
    (preview,) = shop.tenant.items(f"/runs/{run['id']}/preview")
    body = {"name": "Say", "device_ids": sorted(shop.routers), "kind": "script", "library_id": script["id"]}

    assert preview["script"] == f':put "good day"\n:put "{preview["device_name"]}"'
    assert shop.tenant.ask("POST", "/runs", body).json()["code"] == "library.values-unfit"
    assert (
        shop.tenant.ask("POST", "/jobs", {key: value for key, value in body.items() if key != "name"}).status_code
        == 409
    )
