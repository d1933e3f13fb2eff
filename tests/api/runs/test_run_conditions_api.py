"""Runs whose jobs have conditions: a backup before each, and attempts."""

from collections.abc import Callable

import pytest

from .conftest import Field

Fields = Callable[[int], Field]
EXPORT = "# 2026-11-23 by RouterOS 7.20.1\n/ip address\n"
ALL_AT_ONCE = [{"percent": 100}]


def test_each_device_is_backed_up_before_it_is_changed(field: Fields) -> None:
    shop = field(1)
    run = shop.run(backup_first=True, waves=ALL_AT_ONCE)
    shop.do(run, "start")
    shop.until(run, asked=1)
    (device,) = shop.routers
    first = shop.tenant.house.until(lambda: shop.check_in(device, output=EXPORT))
    second = shop.check_in(device)

    job = shop.tenant.get(f"/jobs/{second}")
    assert job["backup_job_id"] == first
    assert (job["batch_id"], job["script"]) == (run["id"], ":put hello")
    backup = shop.tenant.get(f"/jobs/{first}")
    assert (backup["kind"], backup["description"]) == ("export", "before Hello")
    assert backup["id"] < job["id"]
    assert shop.until(run, state="finished")["counts"]["succeeded"] == 1
    assert run["spec"]["change"]["backup_first"] is True


def test_a_device_whose_backup_fails_is_left_as_it_is_and_counts_as_failed(field: Fields) -> None:
    shop = field(1)
    run = shop.run(backup_first=True, waves=ALL_AT_ONCE)
    shop.do(run, "start")
    shop.until(run, asked=1)
    (device,) = shop.routers
    shop.tenant.house.until(lambda: shop.check_in(device, "failed"))
    shop.check_in(device)
    shop.until(run, failed=1)

    (target,) = shop.targets(run)
    assert target["error"] == "not run: the backup before it is failed"
    assert target["job_id"] not in shop.scripts


def test_what_is_called_back_takes_its_backup_with_it(field: Fields) -> None:
    shop = field(1)
    run = shop.run(backup_first=True, waves=ALL_AT_ONCE)
    shop.do(run, "start")
    shop.until(run, asked=1)
    job = shop.tenant.house.until(lambda: shop.targets(run)[0]["job_id"])
    backup = shop.tenant.house.until(lambda: shop.tenant.get(f"/jobs/{job}"))["backup_job_id"]
    shop.do(run, "cancel")
    shop.until(run, cancelled=1)

    assert shop.tenant.get(f"/jobs/{backup}")["status"] == "cancelled"
    (device,) = shop.routers
    assert shop.check_in(device) is None


def test_a_failure_is_tried_again_before_it_counts(field: Fields) -> None:
    shop = field(1)
    run = shop.run(job_class="desired-state", retry={"attempts": 2, "pause_s": 3600}, waves=ALL_AT_ONCE)
    shop.do(run, "start")
    shop.until(run, asked=1)
    (device,) = shop.routers
    job = shop.tenant.house.until(lambda: shop.check_in(device, "failed"))

    shown = shop.tenant.get(f"/jobs/{job}")
    assert (shown["status"], shown["retry"]["failures"], shown["retry"]["attempts"]) == ("queued", 1, 2)
    assert shown["retry"]["not_before"] is not None
    assert shop.read(run)["counts"]["asked"] == 1


@pytest.mark.parametrize(
    "wish",
    [
        {"retry": {"attempts": 3}},
        {"retry": {"attempts": 3}, "job_class": "once"},
        {"retry": {"attempts": 3}, "job_class": "desired-state", "confirm": {"within_s": 300}},
        {"backup_first": True, "kind": "export", "script": None},
    ],
)
def test_conditions_that_do_not_go_with_the_change_make_no_run(field: Fields, wish: dict[str, object]) -> None:
    shop = field(1)
    body = {"name": "Hello", "script": ":put hello", "device_ids": sorted(shop.routers)} | wish
    answer = shop.tenant.ask("POST", "/runs", {name: value for name, value in body.items() if value is not None})
    assert (answer.status_code, answer.json()["code"]) == (409, "run.contradictory")
