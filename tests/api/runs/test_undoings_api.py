"""A router that takes a change back by itself: people hear of it once, in the audit trail and in its history."""

from collections.abc import Callable
from typing import Any

from .conftest import Field

Fields = Callable[[int], Field]


def under_way(field: Fields, state: str) -> tuple[Field, dict[str, Any], str, str]:
    """One device's run with a confirmed change, whose router has said so much of it: who, the run, device and job."""
    shop = field(1)
    run = shop.run(confirm={"within_s": 60}, waves=[{"percent": 100}])
    shop.do(run, "start")
    shop.until(run, asked=1)
    (device,) = shop.routers
    return shop, run, device, shop.tenant.house.until(lambda: shop.check_in(device, state))


def told(shop: Field, device: str) -> tuple[list[Any], list[Any]]:
    """The audit entries and the events that say so."""
    entries = [one for one in shop.tenant.items("/audit") if one["action"] == "job.rolled-back"]
    return entries, shop.tenant.items("/events", device_id=device, kind="device.change-undone")


def test_an_undoing_is_in_the_audit_trail_and_in_the_devices_history(field: Fields) -> None:
    shop, run, device, job = under_way(field, "undoing")
    assert told(shop, device) == ([], [])
    shop.check_in(device, job={"id": job, "state": "rolled-back"})

    (entry,), (event,) = told(shop, device)
    assert shop.tenant.get(f"/jobs/{job}")["status"] == "rolled_back"
    assert (entry["actor"]["kind"], entry["actor"]["id"]) == ("device", device)
    assert (entry["target"]["id"], entry["after"]["batch_id"]) == (job, run["id"])
    assert event["text"].startswith(f"{event['device_name']} took a change back by itself: ")
    assert event["data"]["job_id"] == job

    shop.check_in(device, job={"id": job, "state": "rolled-back"})
    assert [len(found) for found in told(shop, device)] == [1, 1]


def test_a_change_that_stays_is_told_as_nothing_else(field: Fields) -> None:
    shop, run, device, job = under_way(field, "changed")
    shop.check_in(device, job={"id": job, "state": "changed"})
    shop.check_in(device, job={"id": job, "state": "confirmed"})

    assert shop.until(run, succeeded=1)
    assert told(shop, device) == ([], [])
