"""From the inbox onwards: each stretch counts once through crashes, and what is broken is set aside alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tikfleet.domains.identity.setup import FirstOwner
from tikfleet.domains.inventory.model import StateBatch
from tikfleet.httpkit.authentication import SESSION_COOKIE
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.inbox import Envelope
from tikfleet.ports.warehouse import Batch, WarehouseUnavailable

from .conftest import JSON, Fleet, Router


@contextmanager
def broken(target: Any, name: str, error: Exception, *, after: bool) -> Iterator[None]:
    """One call of `target.name` fails: before it does anything, or after it did everything."""
    real = getattr(target, name)

    async def fail(argument: Batch | StateBatch) -> None:
        if after:
            await real(argument)
        raise error

    setattr(target, name, fail)
    try:
        yield
    finally:
        setattr(target, name, real)


def away() -> WarehouseUnavailable:
    return WarehouseUnavailable("away")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("stage", ["append", "apply"])
async def test_a_stretch_that_broke_off_counts_once(
    fleet: Fleet, acme: OrgScope, plain: Router, stage: str, after: bool
) -> None:
    for number in range(3):
        await plain.check_in(cpu_load=str(number))
    consumer: Any = fleet.platform.consumer
    target = consumer._warehouse if stage == "append" else consumer._states
    with broken(target, stage, away(), after=after), pytest.raises(WarehouseUnavailable):
        await consumer.step()
    # As after a start: the position is read anew.
    consumer._position = None
    await plain.check_in(cpu_load="9")
    await fleet.drain()

    assert [row[2] for row in await fleet.history(plain)] == [1, 1, 1, 1]
    assert (await fleet.kinds(acme, plain)).count("device.online") == 1
    assert (await fleet.device(acme, plain)).cpu_load == 9.0
    assert fleet.platform.infra.inbox.depth() == 0


async def test_a_report_that_breaks_us_is_set_aside_and_the_rest_counts(
    fleet: Fleet, acme: OrgScope, plain: Router
) -> None:
    await plain.check_in(cpu_load="1")
    consumer: Any = fleet.platform.consumer
    real = consumer._readings.percent

    def breaks(value: object) -> object:
        if value == "66":
            raise RuntimeError("a fault of ours")
        return real(value)

    consumer._readings.percent = breaks
    try:
        for load in ("2", "66", "3"):
            await plain.check_in(cpu_load=load)
        await fleet.drain()
    finally:
        del consumer._readings.percent

    rows = await fleet.history(plain, "site_checkins", "cpu_load")
    assert sorted(row[2] for row in rows) == [1, 2, 3]
    assert fleet.counted("set_aside") == 1
    assert (await fleet.device(acme, plain)).cpu_load == 3.0


async def test_a_stored_report_that_cannot_be_read_again_is_set_aside(fleet: Fleet, plain: Router) -> None:
    inbox = fleet.platform.infra.inbox
    await inbox.append(Envelope(plain.org_id, plain.device_id, 1, "checkin", JSON, "::1", b"not what was sent"))
    await plain.check_in()
    await fleet.drain()

    assert len(await fleet.history(plain)) == 1
    assert fleet.counted("set_aside") == 1


async def test_a_damaged_record_is_counted_and_the_rest_is_processed(fleet: Fleet, plain: Router) -> None:
    for _ in range(3):
        await plain.check_in()
    path = Path(fleet.platform.settings.directory) / "inbox.sqlite"
    with sqlite3.connect(path) as damage:
        damage.execute("update record set payload = x'ff' where last = (select min(last) + 1 from record)")
    damage.close()
    await fleet.drain()

    assert len(await fleet.history(plain)) == 2
    assert fleet.counted("set_aside") == 1


async def test_reports_of_a_device_that_was_removed_meanwhile_go_nowhere(
    fleet: Fleet, acme: OrgScope, plain: Router
) -> None:
    await plain.check_in()
    await fleet.devices.removed(acme.org_id, plain.device_id)
    await fleet.drain()

    assert await fleet.history(plain) == []
    assert fleet.counted("set_aside") == 0


HOSTILE = "<script>alert(1)</script>\"'`=cmd|' /C calc'!A0\r\nX-Injected: 1\x00\u202e{{7*7}}${jndi:ldap://x}"


async def test_hostile_text_stays_text(fleet: Fleet, acme: OrgScope, router: Router) -> None:
    about = {"identity": HOSTILE, "version": HOSTILE, "board-name": HOSTILE, "serial-number": HOSTILE}
    ports = [{"name": HOSTILE, "type": HOSTILE, "comment": HOSTILE, "rx-byte": "1", "tx-byte": "1"}]
    told = await router.check_in(
        inventory=about, interfaces=ports, wan_address=HOSTILE, agent=HOSTILE, time=HOSTILE,
        wireless=[{"interface": HOSTILE, "ssid": HOSTILE, "mac-address": HOSTILE, "signal": HOSTILE}],
        neighbors=[{"interface": HOSTILE, "identity": HOSTILE}], health=[{"name": HOSTILE, "value": HOSTILE}],
        errors=[{"section": HOSTILE, "error": HOSTILE}],
    )  # fmt: skip
    assert told["ok"] is True
    await fleet.drain()

    shown = HOSTILE.replace("\x00", "\ufffd")
    device = await fleet.device(acme, router)
    assert device.identity == shown
    assert device.name == shown
    [port] = await fleet.devices.interfaces(acme, router.device_id)
    assert (port.name, port.comment) == (shown, shown)
    [client] = await fleet.devices.wireless_clients(acme, router.device_id)
    assert client.ssid == shown[:64]
    assert fleet.counted("set_aside") == 0
    assert fleet.counted("processed") == 1


async def test_hostile_text_leaves_the_api_as_json_that_no_browser_runs(fleet: Fleet) -> None:
    identity = fleet.platform.identity
    first = FirstOwner("Root", "ada@root.example", "Ada", "twelve monkeys ride")
    made = await identity.setup.create_first_owner(first)
    opened = await identity.services["sessions"].open(made.person_id, made.password_hash, "::1")
    router = await fleet.enrol(await fleet.key(OrgScope.only(made.org_id)))
    await router.check_in(inventory={"identity": HOSTILE, "version": "7.16"})
    await fleet.drain()
    headers = {"Cookie": f"{SESSION_COOKIE}={opened.secret}"}
    for path in ("/devices", f"/devices/{router.device_id}", "/events", "/enrolments"):
        answer = await fleet.http.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith(JSON)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "x-injected" not in answer.headers
        assert "\r" not in answer.text
        assert "\x00" not in answer.text
    listed = (await fleet.http.get("/api/v1/devices", headers=headers)).json()["items"]
    assert [item["identity"] for item in listed] == [HOSTILE.replace("\x00", "\ufffd")]
