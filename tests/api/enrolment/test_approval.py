"""Routers that wait, and those that claim another's place."""

from tests.api.conformance.house import Router, Tenant
from tests.api.conformance.seeding import report_of
from tests.api.enrolment.test_keys import last_entry


def test_a_waiting_router_is_let_in_by_a_person(acme: Tenant) -> None:
    router = acme.router(1, acme.key(needs_approval=True))
    assert router.read()["status"] == "pending"
    approved = acme.ask("POST", f"/devices/{router.id}/approve")
    assert (approved.status_code, approved.json()["status"]) == (200, "never")
    assert last_entry(acme, "device.approve")["target"]["id"] == router.id
    assert "device.approved" in [event["kind"] for event in acme.items("/events", device_id=router.id)]
    router.report(report_of(1, 1))
    acme.house.until(lambda: router.read()["status"] == "online")


def test_there_is_nothing_to_approve_or_reject_on_a_router_that_is_in(acme: Tenant) -> None:
    router = acme.router(1)
    for verb in ("approve", "reject"):
        answer = acme.ask("POST", f"/devices/{router.id}/{verb}")
        assert (answer.status_code, answer.json()["code"]) == (409, "enrolment.nothing-to-approve")
    assert router.read()["status"] == "never"


def test_a_rejected_router_is_no_device_and_its_token_opens_nothing(acme: Tenant) -> None:
    router = acme.router(1, acme.key(needs_approval=True))
    assert acme.ask("POST", f"/devices/{router.id}/reject").status_code == 204
    assert acme.ask("GET", f"/devices/{router.id}").status_code == 404
    assert router.report(report_of(1, 1)).status_code == 401
    assert last_entry(acme, "device.reject")["target"]["id"] == router.id


def test_a_router_that_was_removed_at_once_is_not_heard_again(acme: Tenant) -> None:
    router = acme.router(1, reports=1)
    assert acme.ask("DELETE", f"/devices/{router.id}", params={"force": "true"}).status_code == 204
    assert router.report(report_of(1, 2)).status_code == 401


def test_a_known_serial_number_waits_and_the_first_router_keeps_its_place(acme: Tenant) -> None:
    key = acme.key()
    first = acme.router(1, key, reports=1)
    second = acme.router(1, key)
    assert second.id == first.id
    assert first.read()["warning_count"] == 1
    assert first.report(report_of(1, 2)).status_code == 200
    assert acme.ask("POST", f"/devices/{first.id}/approve").status_code == 200
    assert second.report(report_of(1, 3)).status_code == 200
    assert first.read()["warning_count"] == 0


def test_rejecting_a_claim_leaves_the_device_as_it_is(acme: Tenant) -> None:
    key = acme.key()
    first = acme.router(1, key, reports=1)
    second = acme.router(1, key)
    assert acme.ask("POST", f"/devices/{first.id}/reject").status_code == 204
    assert second.report(report_of(1, 9)).status_code == 401
    assert first.report(report_of(1, 2)).status_code == 200
    assert (first.read()["status"], first.read()["warning_count"]) == ("online", 0)


def test_the_same_serial_number_in_two_organisations_is_two_devices(acme: Tenant, globex: Tenant) -> None:
    ours, theirs = acme.router(1), globex.router(1)
    assert ours.id != theirs.id
    assert globex.get("/devices")["total"] == acme.get("/devices")["total"] == 1


def test_a_stranger_learns_nothing_about_keys_or_devices(acme: Tenant) -> None:
    router = acme.router(1)
    for secret in ("", "tfd_" + "x" * 49, acme.key()["secret"], acme.secret):
        assert Router(acme, router.id, secret).report(report_of(1, 1)).status_code == 401
