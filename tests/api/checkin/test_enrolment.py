"""Routers that enrol over the agent's address: keys and their limits, the same serial twice, hostile words."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tikfleet.domains.enrolment.schemas import EnrolmentKeyPatch
from tikfleet.kernel.clock import to_text, utc_now
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import SYSTEM, OrgScope
from tikfleet.kernel.secrets import ENROLMENT_KEY, new_secret

from .conftest import JSON, LINES, Fleet, answer_of


async def attempts(fleet: Fleet, scope: OrgScope) -> list[Any]:
    return list(reversed((await fleet.platform.keys.attempts(scope, None, PageRequest(limit=100))).items))


@pytest.mark.parametrize("form", [JSON, LINES])
async def test_a_router_becomes_a_device_in_the_keys_organisation(
    fleet: Fleet, acme: OrgScope, globex: OrgScope, form: str
) -> None:
    key = await fleet.key(acme, tags=["edge"])
    told = answer_of(await fleet.ask_enrol(key, form))

    assert (told["ok"], told["state"], told["tier"]) == (True, "enrolled", "A")
    assert told["token"].startswith("tfd_")
    device = await fleet.devices.get(acme, told["device"])
    assert (device.identity, device.serial, device.tags, device.status) == ("r1", "S1", ["edge"], "never")
    assert [item.outcome for item in await attempts(fleet, acme)] == ["enrolled"]
    assert await attempts(fleet, globex) == []


@pytest.mark.parametrize("secret", ["", "nonsense", new_secret(ENROLMENT_KEY)], ids=["none", "noise", "unknown"])
async def test_without_a_known_key_it_is_401(fleet: Fleet, secret: str) -> None:
    assert (await fleet.ask_enrol(secret)).status_code == 401
    assert (await fleet.http.get("/agent/v1/install", headers={"Authorization": f"Bearer {secret}"})).status_code == 401


async def refused(fleet: Fleet, key: str) -> str:
    """The words of a refusal, in both forms and as the installer's script."""
    for form in (JSON, LINES):
        answer = await fleet.ask_enrol(key, form)
        told = answer_of(answer)
        assert answer.status_code == 200
        assert (told["ok"], told["error"]) == (False, "enrolment.refused")
        assert "token" not in told
    script = await fleet.http.get("/agent/v1/install?version=7.16.2", headers={"Authorization": f"Bearer {key}"})
    assert script.text.startswith(":put ")
    assert told["detail"].partition(".")[0] in script.text
    return str(told["detail"])


async def test_an_expired_key_is_refused_in_words(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme, expires_at=to_text(utc_now() + timedelta(seconds=1)))
    await asyncio.sleep(1.05)

    assert "has expired" in await refused(fleet, key)
    assert {item.outcome for item in await attempts(fleet, acme)} == {"refused"}


async def test_a_revoked_key_is_refused_in_words(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme)
    [made] = (await fleet.platform.keys.page(acme, PageRequest())).items
    await fleet.platform.keys.revoke(acme, SYSTEM, made.id)  # type: ignore[arg-type]

    assert "was revoked" in await refused(fleet, key)


async def test_a_key_lets_in_as_many_as_it_says_even_at_once(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme, max_uses=3)
    told = await asyncio.gather(*(fleet.ask_enrol(key, serial_number=f"S{number}") for number in range(8)))

    assert sum(answer_of(item)["ok"] for item in told) == 3
    assert "no uses left" in await refused(fleet, key)
    [made] = (await fleet.platform.keys.page(acme, PageRequest())).items
    assert (made.uses, made.state) == (3, "used-up")
    await fleet.platform.keys.change(acme, SYSTEM, made.id, EnrolmentKeyPatch(max_uses=4))  # type: ignore[arg-type]
    assert answer_of(await fleet.ask_enrol(key, serial_number="S9"))["ok"] is True


async def test_a_version_without_an_agent_is_refused_in_words(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme)
    for version in ("5.26", "", "soon"):
        told = answer_of(await fleet.ask_enrol(key, version=version))
        assert (told["ok"], told["error"]) == (False, "enrolment.refused")
    [made] = (await fleet.platform.keys.page(acme, PageRequest())).items
    assert made.uses == 0


async def test_the_same_serial_warns_waits_and_never_replaces(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme)
    first = await fleet.enrol(key)
    await first.check_in(cpu_load="5")
    claimant = await fleet.enrol(key, identity="intruder")
    told = await claimant.check_in(cpu_load="99")
    await fleet.drain()

    assert claimant.device_id == first.device_id
    assert (told["ok"], told["error"]) == (False, "enrolment.pending")
    assert (await first.check_in(cpu_load="6"))["ok"] is True
    await fleet.drain()
    device = await fleet.device(acme, first)
    assert (device.identity, device.cpu_load, device.warning_count) == ("r1", 6.0, 1)
    assert device.findings[0].code == "enrolment.serial-seen"
    assert (await fleet.kinds(acme, first)).count("device.enrolment-warning") == 1


async def test_approving_the_claimant_moves_the_place_and_rejecting_keeps_it(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme)
    first = await fleet.enrol(key)
    rejected = await fleet.enrol(key)
    await rejected.check_in()
    await fleet.enrolment.reject(acme, SYSTEM, first.device_id)

    async def gone() -> bool:
        return (await rejected.post("/agent/v1/checkin", b"{}")).status_code == 401

    await fleet.until(gone)
    assert (await first.check_in())["ok"] is True
    assert (await fleet.kinds(acme, first))[-1] == "device.rejected"

    approved = await fleet.enrol(key)
    await fleet.enrolment.approve(acme, SYSTEM, first.device_id)

    async def replaced() -> bool:
        return (await first.post("/agent/v1/checkin", b"{}")).status_code == 401

    await fleet.until(replaced)
    assert (await approved.check_in())["ok"] is True
    assert (await fleet.device(acme, approved)).warning_count == 0


async def test_two_routers_with_one_serial_at_once_are_one_device_and_a_claimant(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme)
    told = [answer_of(item) for item in await asyncio.gather(*(fleet.ask_enrol(key) for _ in range(4)))]

    assert sorted(item["state"] for item in told) == ["enrolled", "pending", "pending", "pending"]
    assert len({item["device"] for item in told}) == 1


async def test_the_same_serial_in_two_organisations_is_two_devices(
    fleet: Fleet, acme: OrgScope, globex: OrgScope
) -> None:
    told = [answer_of(await fleet.ask_enrol(await fleet.key(scope))) for scope in (acme, globex)]

    assert [item["state"] for item in told] == ["enrolled", "enrolled"]
    assert told[0]["device"] != told[1]["device"]


async def test_routers_without_a_serial_are_devices_of_their_own(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme)
    told = [answer_of(await fleet.ask_enrol(key, serial_number="", software_id="")) for _ in range(2)]

    assert told[0]["device"] != told[1]["device"]


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (JSON, b""),
        (JSON, b"[]"),
        (JSON, b'{"inventory":7}'),
        (LINES, b"tikfleet/9\n"),
        (LINES, b"tikfleet/1\ninventory=1:x\n"),
    ],
)
async def test_a_malformed_enrolment_is_told_to_who_has_a_key_only(
    fleet: Fleet, acme: OrgScope, form: str, body: bytes
) -> None:
    async def post(key: str) -> Any:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": form}
        return await fleet.http.post("/agent/v1/enrol", content=body, headers=headers)

    told = answer_of(await post(await fleet.key(acme)))
    assert (told["ok"], told["error"]) == (False, "enrolment.malformed")
    assert (await post(new_secret(ENROLMENT_KEY))).status_code == 401


@pytest.mark.parametrize("form", [JSON, LINES])
async def test_hostile_words_are_bounded_and_change_no_lines(fleet: Fleet, acme: OrgScope, form: str) -> None:
    hostile = "x\x00\r\ntoken=evil\n+inventory\n" + "y" * 5000
    probe = {"clock": hostile, "fetch": "no", "free-hdd-space": "-inf", "device-mode": hostile, "trust": "none"}
    about = {"identity": hostile, "serial_number": "H" + hostile, "board_name": hostile, "architecture_name": hostile}
    answer = await fleet.ask_enrol(await fleet.key(acme), form, probe, **about)
    told = answer_of(answer)

    assert told["ok"] is True
    assert told["token"].startswith("tfd_")
    device = await fleet.devices.get(acme, told["device"])
    assert "\x00" not in device.identity
    assert len(device.identity) == 200
    assert {"device-mode.fetch", "clock.unset", "trust.none"} <= {finding.code for finding in device.findings}
