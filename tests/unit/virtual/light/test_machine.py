import hashlib
from datetime import UTC, datetime

import pytest
from small_fleet import NOON, routers

from tikfleet.routeros.values import parse_duration_s, parse_moment
from tikfleet.virtual.light import places, sections, traffic
from tikfleet.virtual.light.encoding import decode_answer
from tikfleet.virtual.light.faults import Faults
from tikfleet.virtual.light.machine import COUNTERS, RX_BYTE, TX_BYTE
from tikfleet.virtual.light.router import Router

FULL_PLAN = decode_answer(
    b'{"ok":true,"plan":{"tag":"p","interfaces":1,"health":1,"wireless":1,"counts":1,"lte":1,"wan":1,"neighbors":1,'
    b'"inventory":1}}'
)


def story(seed: int) -> str:
    """A hash over what a fleet says in an hour."""
    digest = hashlib.sha256()
    for router in routers(40, seed):
        router.learn(FULL_PLAN)
        for minute in range(0, 60, 5):
            digest.update(router.report(NOON + minute * 60))
    return digest.hexdigest()


def test_the_same_seed_tells_the_same_story() -> None:
    assert story(7) == story(7)
    assert story(7) != story(8)


def test_a_bigger_fleet_begins_with_the_smaller_one() -> None:
    small, big = routers(20), routers(60)
    assert [r.machine.blueprint.serial for r in small] == [r.machine.blueprint.serial for r in big[:20]]


def test_counters_only_grow_until_a_boot(fleet: list[Router]) -> None:
    for router in fleet[:30]:
        machine = router.machine
        before = machine.counters[:]
        machine.advance(NOON + 3_600)
        assert all(now >= then for now, then in zip(machine.counters, before, strict=True))
        router.reboot(NOON + 4_000)
        assert not any(machine.counters)


def test_a_bridge_carries_what_its_ports_carry(fleet: list[Router]) -> None:
    machine = next(r.machine for r in fleet if r.machine.blueprint.role == "branch")
    wan = machine.counters[RX_BYTE]
    bridge = machine.counters[(len(machine.links) - 1) * COUNTERS + TX_BYTE]
    assert machine.links[-1].name == "bridge"
    assert bridge == pytest.approx(wan, rel=0.01)


def test_fast_steps_and_one_long_step_count_about_the_same() -> None:
    fine, coarse = routers(1)[0].machine, routers(1)[0].machine
    start = fine.counters[RX_BYTE]
    for minute in range(1, 6 * 60 + 1):
        fine.advance(NOON + minute * 60)
    coarse.advance(NOON + 6 * 3_600)
    assert coarse.counters[RX_BYTE] - start == pytest.approx(fine.counters[RX_BYTE] - start, rel=0.35)


def test_a_day_has_a_quiet_night_and_a_weekend() -> None:
    wednesday = NOON - NOON % 86_400
    saturday = wednesday + 3 * 86_400
    assert traffic.level("work", wednesday + 3 * 3_600) < 0.1
    assert traffic.level("work", wednesday + 10 * 3_600) > 0.6
    assert traffic.level("work", saturday + 10 * 3_600) < 0.3
    assert traffic.level("home", wednesday + 21 * 3_600) > 0.9


def test_times_are_written_as_each_release_does(fleet: list[Router]) -> None:
    from_text = {
        r.machine.blueprint.release.version: sections.interfaces(r.machine)[0]["last-link-up-time"] for r in fleet
    }
    assert all(("/" in text) == (not r7_10(version)) for version, text in from_text.items())
    assert len(from_text) > 10


def r7_10(version: str) -> bool:
    major, minor, *_ = version.replace("rc", ".").split(".")
    return (int(major), int(minor)) >= (7, 10)


def test_values_are_such_as_our_own_parsers_read(fleet: list[Router]) -> None:
    near = datetime.fromtimestamp(NOON, UTC)
    for router in fleet:
        for row in sections.interfaces(router.machine):
            assert int(row["rx-byte"]) >= 0
            if "last-link-up-time" in row:
                assert parse_moment(row["last-link-up-time"], near) is not None
        for row in sections.wireless(router.machine) or []:
            assert parse_duration_s(row["uptime"]) is not None


def test_memory_load_and_temperature_stay_within_what_a_board_has(fleet: list[Router]) -> None:
    for router in fleet:
        machine = router.machine
        for hour in range(48):
            machine.advance(NOON + hour * 3_600)
            assert 1 <= machine.load_percent() <= 100
            assert 0 < machine.free_memory() < machine.blueprint.board.ram_mib * 1_048_576
            assert 0 < machine.free_disk() < machine.blueprint.board.disk_mib * 1_048_576
            assert 20 < machine.temperature_c() < 90


def test_a_busy_hour_loads_a_router_more_than_a_quiet_one(fleet: list[Router]) -> None:
    machine = next(r.machine for r in fleet if r.machine.blueprint.site.life == "work")
    midnight = NOON - NOON % 86_400 - machine.blueprint.site.offset_s + 7 * 86_400
    machine.advance(midnight + 3 * 3_600)
    quiet = machine.down_bps
    machine.advance(midnight + 10.5 * 3_600)
    assert machine.down_bps > 4 * quiet


def test_neighbours_are_the_other_routers_of_the_site(fleet: list[Router]) -> None:
    machine = next(r.machine for r in fleet if len(r.machine.blueprint.site.machines) > 3)
    rows = sections.neighbors(machine)
    assert len(rows) == len(machine.blueprint.site.machines) - 1
    assert machine.identity not in [row["identity"] for row in rows] or len({row["mac-address"] for row in rows}) > 1


def test_some_identities_are_hostile_and_none_is_over_long() -> None:
    names = [r.machine.identity for r in routers(1_300)]
    assert len(set(places.HOSTILE) & set(names)) == len(places.HOSTILE)
    assert max(len(name) for name in names) <= 64


def test_serials_and_addresses_are_each_used_once() -> None:
    machines = [r.machine for r in routers(3_000)]
    serials = [m.blueprint.serial for m in machines if m.blueprint.serial]
    assert len(set(serials)) == len(serials) > 2_800
    assert len({m.blueprint.mac for m in machines}) == len(machines)


def test_a_board_without_a_clock_may_wake_in_1970() -> None:
    years = set()
    for router in routers(150):
        router.reboot(NOON)
        years.add(router.report(NOON + 60).find(b"1970") >= 0 or router.report(NOON + 60).find(b"jan/01/1970") >= 0)
    assert years == {True, False}


def test_a_report_of_any_router_is_far_from_the_64_kib_that_routers_can_send(fleet: list[Router]) -> None:
    for router in fleet:
        router.learn(FULL_PLAN)
        router.memory.plan, router.memory.turn = dict.fromkeys(router.memory.plan, 1), 1
        assert len(router.report(NOON + 60)) < 30_000


def test_faults_come_as_often_as_they_are_told_to() -> None:
    dice = routers(1)[0].machine.dice
    faults = Faults(lost=0.2, truncated=0.1, duplicate=0.05, days_between_spells=1)
    drawn = [faults.draw(dice) for _ in range(4_000)]
    assert drawn.count("lost") == pytest.approx(800, rel=0.2)
    assert drawn.count("truncated") == pytest.approx(400, rel=0.25)
    absences = [faults.absence_s(dice, 60) for _ in range(20_000)]
    assert 4 < sum(1 for a in absences if a) < 40
    assert max(absences) <= 18_000
