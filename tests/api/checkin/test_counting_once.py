"""Each report counts once; what happened to a device becomes an event; counters become rates."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tikfleet.domains.inventory.model import DeviceState
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.scopes import OrgScope

from .conftest import Fleet, Router


async def seqs(fleet: Fleet, router: Router) -> list[tuple[str, int, int]]:
    """(boot, sequence, rows) of a router's history."""
    return sorted((str(boot), int(seq), int(rows)) for seq, boot, rows in await fleet.history(router))


async def test_a_report_that_is_sent_again_counts_once(fleet: Fleet, router: Router) -> None:
    first = router.report(cpu_load="10")
    for _ in range(3):
        assert (await router.send(first))["ok"] is True
    await fleet.drain()
    assert (await router.send(first))["ok"] is True
    await fleet.drain()

    assert await seqs(fleet, router) == [("boot1", 1, 1)]
    assert fleet.counted("duplicates") == 3


async def test_late_reports_count_once_and_change_no_state(fleet: Fleet, acme: OrgScope, plain: Router) -> None:
    held = [plain.report(cpu_load=str(number)) for number in (1, 2, 3)]
    await plain.check_in(cpu_load="44")
    for report in (*held, *held):
        assert (await plain.send(report))["ok"] is True
    await fleet.drain()

    assert await seqs(fleet, plain) == [("boot1", number, 1) for number in (1, 2, 3, 4)]
    assert (await fleet.device(acme, plain)).cpu_load == 44.0
    assert fleet.counted("duplicates") == 3


async def test_a_report_of_the_boot_before_counts_once_across_the_boot(fleet: Fleet, plain: Router) -> None:
    await plain.check_in()
    lost = plain.report(cpu_load="5")
    plain.reboot()
    await plain.check_in(cpu_load="6", uptime="10s")
    await plain.send(lost)
    await fleet.drain()
    await plain.send(lost)
    await fleet.drain()

    assert await seqs(fleet, plain) == [("boot1", 1, 1), ("boot1", 2, 1), ("boot2", 1, 1)]


async def test_the_same_numbers_of_two_devices_are_two_reports(fleet: Fleet, acme: OrgScope, globex: OrgScope) -> None:
    routers = [
        await fleet.enrol(await fleet.key(scope), serial_number=name) for scope, name in ((acme, "A"), (globex, "B"))
    ]
    for router in routers:
        await router.check_in()
    await fleet.drain()

    assert [await seqs(fleet, router) for router in routers] == [[("boot1", 1, 1)]] * 2


async def test_missing_numbers_are_counted_as_missed(fleet: Fleet, plain: Router) -> None:
    await plain.check_in()
    plain.seq += 4
    await plain.check_in()
    await fleet.drain()

    assert await fleet.history(plain, "site_checkins", "missed") == [(1, "boot1", 0), (6, "boot1", 4)]


async def test_what_happens_becomes_events_in_order(
    fleet: Fleet, acme: OrgScope, globex: OrgScope, plain: Router
) -> None:
    about = {"identity": "r1", "version": "7.16.2", "board-name": "hAP"}
    await plain.check_in(inventory=about, wan_address="203.0.113.1")
    await plain.check_in(inventory={**about, "identity": "r2"}, wan_address="203.0.113.2")
    plain.reboot()
    await plain.check_in(inventory={**about, "identity": "r2", "version": "7.17"}, uptime="20s")
    await fleet.drain()

    events = await fleet.events(acme, plain)
    assert [event.kind for event in events] == [
        "device.enrolled",
        "device.online",
        "device.identity-changed",
        "device.address-changed",
        "device.rebooted",
        "device.version-changed",
    ]
    assert events[-1].data == {"before": "7.16.2", "after": "7.17"}
    assert events[3].data == {"before": "203.0.113.1", "after": "203.0.113.2"}
    assert events[4].data == {"uptime_s": 20}
    assert await fleet.events(globex) == []


async def test_silence_becomes_offline_since_the_first_missed_report(
    fleet: Fleet, acme: OrgScope, plain: Router
) -> None:
    await plain.check_in()
    await fleet.drain()
    [state] = (await fleet.states.load([plain.device_id])).values()
    assert state.offline_at_ms is not None
    assert state.last_seen_ms is not None

    async def overdue_at(now_ms: int) -> list[DeviceState]:
        return [item for item in await fleet.states.overdue(now_ms) if item.device_id == plain.device_id]

    assert await overdue_at(state.offline_at_ms) == []
    [overdue] = await overdue_at(state.offline_at_ms + 1)
    [event] = await fleet.states.set_offline([overdue], state.offline_at_ms + 1)
    device = await fleet.device(acme, plain)
    first_missed = datetime.fromtimestamp(state.last_seen_ms / 1000 + state.interval_s, UTC)
    assert device.status == "offline"
    assert device.status_since == event.at == to_text(first_missed)

    await plain.check_in()
    await fleet.drain()
    assert (await fleet.device(acme, plain)).status == "online"
    assert (await fleet.kinds(acme, plain))[-2:] == ["device.offline", "device.online"]


async def test_a_device_that_reported_meanwhile_is_not_called_offline(
    fleet: Fleet, acme: OrgScope, plain: Router
) -> None:
    await plain.check_in()
    await fleet.drain()
    [stale] = (await fleet.states.load([plain.device_id])).values()
    assert stale.offline_at_ms is not None

    assert await fleet.states.set_offline([stale], stale.offline_at_ms - 1) == []
    assert (await fleet.device(acme, plain)).status == "online"


def ports(**counters: int) -> list[dict[str, str]]:
    row = {"name": "ether1", "type": "ether", "running": "true", "mac-address": "02:00:00:00:00:01"}
    return [row | {name.replace("_", "-"): str(value) for name, value in counters.items()}]


STEPS: dict[str, tuple[tuple[int, int], int | None]] = {
    "grown": ((1000, 61_000), 60_000),
    "unchanged": ((5000, 5000), 0),
    "wrapped at 2^32": ((2**32 - 1000, 500), 1500),
    "reset by hand": ((10_000, 40), 40),
    "nonsense": ((0, 2**60), 0),
}


@pytest.mark.parametrize("name", STEPS)
async def test_counters_become_what_flowed(fleet: Fleet, acme: OrgScope, plain: Router, name: str) -> None:
    (before, after), grown = STEPS[name]
    clock = Clock(fleet)
    await plain.check_in(interfaces=ports(rx_byte=before, tx_byte=0), uptime="10h")
    clock.advance(60)
    await plain.check_in(interfaces=ports(rx_byte=after, tx_byte=0), uptime="10h1m")
    clock.restore()
    await fleet.drain()

    assert (await fleet.history(plain, "site_checkins", "rx_bytes_delta"))[-1][2] == grown
    [view] = await fleet.devices.interfaces(acme, plain.device_id)
    assert view.rx_bytes == after
    if name == "grown":
        assert view.rx_bps == pytest.approx(8000, rel=0.02)


async def test_after_a_reboot_the_counter_is_what_flowed(fleet: Fleet, plain: Router) -> None:
    clock = Clock(fleet)
    await plain.check_in(interfaces=ports(rx_byte=9_000_000, tx_byte=0), uptime="10h")
    clock.advance(60)
    plain.reboot()
    await plain.check_in(interfaces=ports(rx_byte=2000, tx_byte=0), uptime="20s")
    clock.restore()
    await fleet.drain()

    rows = {(boot, seq): grown for seq, boot, grown in await fleet.history(plain, "site_checkins", "rx_bytes_delta")}
    assert rows["boot2", 1] == 2000


class Clock:
    """Moves the time by which reports are received."""

    def __init__(self, fleet: Fleet) -> None:
        self._checkins: Any = fleet.platform.http._app._agent._checkins  # type: ignore[attr-defined]
        self._real = self._checkins._clock
        self._ahead_s = 0.0

    def advance(self, seconds: float) -> None:
        real, self._ahead_s = self._real, self._ahead_s + seconds
        self._checkins._clock = lambda: real() + timedelta(seconds=self._ahead_s)

    def restore(self) -> None:
        self._checkins._clock = self._real
