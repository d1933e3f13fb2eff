"""The same path with PostgreSQL behind it, which is stricter than SQLite about lengths, numbers and NUL."""

from typing import Any

import pytest

from tikfleet.kernel.scopes import SYSTEM, OrgScope

from .conftest import Fleet, Router

LONG = "\x00" + "ü" * 2000


@pytest.fixture(scope="module")
def database_url(postgres_server: Any) -> str:
    return str(postgres_server.create("checkin"))


async def test_a_report_becomes_state_events_and_history_once(fleet: Fleet, acme: OrgScope, router: Router) -> None:
    first = router.report(
        cpu_load="5", inventory={"identity": "r1", "version": "7.16.2"}, neighbors=[{"identity": "s"}]
    )
    for _ in range(2):
        assert (await router.send(first))["ok"] is True
    router.reboot()
    await router.check_in(cpu_load="6", uptime="9s")
    await fleet.drain()

    device = await fleet.device(acme, router)
    assert (device.status, device.cpu_load, device.identity) == ("online", 6.0, "r1")
    assert [row[2] for row in await fleet.history(router)] == [1, 1]
    assert await fleet.kinds(acme, router) == ["device.enrolled", "device.online", "device.rebooted"]


async def test_the_longest_and_largest_values_stop_nothing(fleet: Fleet, acme: OrgScope, router: Router) -> None:
    about = dict.fromkeys(("identity", "version", "board-name", "model", "architecture-name", "serial-number"), LONG)
    most = str(2**63 - 1)
    told = await router.check_in(
        inventory=about | {"cpu-count": "9" * 400, "total-memory": most, "current-firmware": LONG},
        agent="\x00" * 200 + "/\x00\x00\x00", wan_address="\x00" * 256, dhcp_leases=most, ppp_active=most,
        free_memory=most, uptime="9" * 60, time="\x00" * 200,
        interfaces=[{"name": "\x00" * 200, "rx-byte": most, "tx-byte": most, "actual-mtu": "9" * 30}],
        wireless=[{"ssid": LONG, "signal": "9" * 200, "tx-rate": "9" * 200, "uptime": "9" * 200}],
        health=[{"name": "temperature", "value": "inf"}, {"name": "voltage", "value": "1e308"}],
    )  # fmt: skip
    assert told["ok"] is True
    await router.check_in(cpu_load="7")
    await fleet.drain()

    assert fleet.counted("set_aside") == 0
    assert fleet.counted("processed") == 2
    assert (await fleet.device(acme, router)).cpu_load == 7.0


async def test_enrolment_with_hostile_words_and_its_approval(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme, needs_approval=True)
    router = await fleet.enrol(key, identity=LONG, serial_number=LONG, board_name=LONG, architecture_name=LONG)
    assert (await router.check_in())["error"] == "enrolment.pending"
    await fleet.enrolment.approve(acme, SYSTEM, router.device_id)

    async def let_in() -> bool:
        return (await router.check_in())["ok"] is True

    await fleet.until(let_in)


async def test_a_token_is_replaced_and_the_old_one_stays_a_while(fleet: Fleet, plain: Router) -> None:
    await plain.check_in()
    assert await fleet.sessions.rotate(plain.device_id)
    old, plain.token = plain.token, (await plain.check_in())["token"]
    assert (await plain.check_in())["ok"] is True
    plain.token = old
    assert (await plain.check_in())["ok"] is True
