"""Who sends lines and flows, and whose they are: claims of two organisations and one above them."""

from collections.abc import Iterable

import pytest

from tests.api.conformance.house import House, Tenant
from tikfleet.domains.sources.public import Arrival, Counted, Origin
from tikfleet.kernel.secrets import digest


def origin(house: House, **how: object) -> Origin:
    arrival = Arrival("syslog", **{"address": "203.0.113.1", **how})  # type: ignore[arg-type]
    return house.run(house.platform.attribution.directory.origins([arrival]))[arrival]


def forget(house: House) -> None:
    house.platform.attribution.directory.forget()


def place(house: House, devices: Iterable[str], address: str) -> None:
    """Let devices have checked in from an address last."""

    async def write() -> None:
        async with house.platform.infra.database.write() as tx:
            for device in devices:
                await tx.execute(
                    "update device_state set last_address = :address where device_id = :id", address=address, id=device
                )

    house.run(write())
    forget(house)


def test_a_sender_is_the_device_that_checks_in_from_its_address(house: House, acme: Tenant) -> None:
    device = acme.router(1).id
    place(house, [device], "198.51.100.1")
    found = origin(house, address="198.51.100.1")
    assert (found.org_id, found.device_id, found.reason) == (acme.org_id, device, "")


def test_two_devices_of_one_organisation_behind_one_address_are_the_organisations(house: House, acme: Tenant) -> None:
    place(house, [acme.router(number).id for number in (1, 2)], "198.51.100.2")
    found = origin(house, address="198.51.100.2")
    assert (found.org_id, found.device_id, found.reason) == (acme.org_id, "", "several-devices")


def test_an_address_that_two_organisations_share_is_nobodys(house: House, acme: Tenant, globex: Tenant) -> None:
    place(house, [acme.router(1).id, globex.router(1).id], "198.51.100.3")
    found = origin(house, address="198.51.100.3")
    assert (found.org_id, found.reason) == ("", "several-organisations")


def test_a_token_says_whose_a_sender_is_and_its_secret_is_shown_once(house: House, acme: Tenant) -> None:
    made = acme.made("/sources", {"way": "token", "name": "Fluent Bit"})
    assert made["secret"].startswith("tfl_")
    assert made["value"] == ""
    assert "secret" not in acme.get(f"/sources/{made['id']}")
    token = digest(made["secret"]).hex()
    house.until(lambda: origin(house, token=token).org_id == acme.org_id)
    acme.ask("DELETE", f"/sources/{made['id']}")
    house.until(lambda: not origin(house, token=token).known)


def test_an_unknown_token_is_not_believed_for_the_address_it_comes_from(house: House, acme: Tenant) -> None:
    place(house, [acme.router(1).id], "198.51.100.4")
    assert not origin(house, address="198.51.100.4", token="0" * 64).known


def test_a_claim_beats_what_check_ins_say(house: House, acme: Tenant) -> None:
    first, second = acme.router(1).id, acme.router(2).id
    place(house, [first], "198.51.100.5")
    acme.made("/sources", {"way": "address", "value": "198.51.100.5", "device_id": second})
    house.until(lambda: origin(house, address="198.51.100.5").device_id == second)


def test_an_organisation_cannot_claim_the_address_of_anothers_devices(
    house: House, acme: Tenant, globex: Tenant
) -> None:
    place(house, [acme.router(1).id], "198.51.100.6")
    answer = globex.ask("POST", "/sources", {"way": "address", "value": "198.51.100.6"})
    assert (answer.status_code, answer.json()["code"]) == (409, "source.taken")


def test_only_the_organisation_at_the_top_gives_an_address_that_nobody_reports_from(house: House, acme: Tenant) -> None:
    body = {"way": "address", "value": "198.51.100.7", "device_id": acme.router(1).id}
    assert acme.ask("POST", "/sources", body).json()["code"] == "source.foreign"
    made = house.root.made("/sources", body)
    assert made["org_id"] == acme.org_id
    house.until(lambda: origin(house, address="198.51.100.7").device_id == body["device_id"])
    assert house.root.ask("POST", "/sources", body).json()["code"] == "source.taken"
    assert acme.ask("DELETE", f"/sources/{made['id']}").status_code == 204


@pytest.mark.parametrize("value", ["", "x", "192.0.2.300", "::g", "192.0.2.0/24"])
def test_what_is_no_address_is_refused(acme: Tenant, value: str) -> None:
    answer = acme.ask("POST", "/sources", {"way": "address", "value": value})
    assert answer.status_code == 400


def test_no_port_is_given_where_none_are_set_up(acme: Tenant) -> None:
    answer = acme.ask("POST", "/sources", {"way": "port", "device_id": acme.router(1).id})
    assert answer.json()["code"] == "source.no-port"


def test_claims_are_not_seen_by_others(acme: Tenant, globex: Tenant) -> None:
    made = acme.made("/sources", {"way": "token"})
    assert globex.ask("GET", f"/sources/{made['id']}").status_code == 404
    assert globex.ask("DELETE", f"/sources/{made['id']}").status_code == 404
    assert made["id"] not in [one["id"] for one in globex.items("/sources")]


def test_claims_are_in_the_audit_trail_without_their_secret(acme: Tenant) -> None:
    made = acme.made("/sources", {"way": "token", "name": "Collector"})
    entry = next(one for one in acme.items("/audit") if one["action"] == "source.claimed")
    assert entry["target"]["id"] == made["id"]
    assert digest(made["secret"]).hex() not in str(entry)


def test_what_is_nobodys_is_listed_for_the_top_and_what_is_counted_adds_up(house: House, acme: Tenant) -> None:
    tally = house.platform.attribution.tally
    device = acme.router(1).id
    place(house, [device], "198.51.100.8")
    for address, counted in (
        ("198.51.100.8", Counted(10, 7, rate=2, buffer=1)),
        ("203.0.113.77", Counted(5, unattributed=5)),
    ):
        arrival = Arrival("syslog", address)
        tally.note(arrival, origin(house, address=address), counted, b"\x1b[31mhello <b>\x00\xff")
    house.run(tally.flush())
    mine = acme.items("/sources/seen")
    assert [(one["value"], one["device_id"], one["counts"]["dropped_rate"]) for one in mine] == [
        ("198.51.100.8", device, 2)
    ]
    assert mine[0]["sample"].isprintable()
    lost = house.root.items("/sources/seen", lost=True)
    assert ("203.0.113.77", "unknown") in [(one["value"], one["reason"]) for one in lost]
    assert "203.0.113.77" not in str(mine)
    counts = acme.get("/sources/totals")["streams"][0]["counts"]
    assert counts["received"] == sum(value for name, value in counts.items() if name != "received") == 10
