"""The history of an organisation's devices."""

from tests.api.conformance.house import Tenant


def test_what_happened_is_told_newest_first_and_can_be_filtered(acme: Tenant) -> None:
    router, other = acme.router(1, reports=1), acme.router(2)
    kinds = [event["kind"] for event in acme.items("/events")]
    assert set(kinds) >= {"device.enrolled", "device.online"}
    assert [event["id"] for event in acme.items("/events")] == sorted(
        (event["id"] for event in acme.items("/events")), reverse=True
    )
    assert {event["device_id"] for event in acme.items("/events", device_id=other.id)} == {other.id}
    online = acme.items("/events", kind=["device.online", "device.offline"])
    assert [(event["kind"], event["device_id"]) for event in online] == [("device.online", router.id)]


def test_a_stretch_of_time_includes_its_start_and_not_its_end(acme: Tenant) -> None:
    acme.router(1)
    at = acme.items("/events")[0]["at"]
    assert len(acme.items("/events", **{"from": at})) == 1
    assert acme.items("/events", to=at) == []
    assert acme.items("/events", **{"from": "2999-12-31T00:00:00Z"}) == []


def test_a_day_that_its_month_does_not_have_contradicts_the_calendar(acme: Tenant) -> None:
    answer = acme.ask("GET", "/events", params={"from": "2026-02-30T00:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (409, "time.unknown-day")


def test_a_removed_router_leaves_its_history(acme: Tenant, globex: Tenant) -> None:
    router = acme.router(1)
    acme.ask("DELETE", f"/devices/{router.id}", params={"force": "true"})
    assert "device.removed" in [event["kind"] for event in acme.items("/events", device_id=router.id)]
    assert globex.items("/events", device_id=router.id) == []
