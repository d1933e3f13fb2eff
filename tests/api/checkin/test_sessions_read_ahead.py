"""Sessions in use are read again before their time, many at once; who was thrown out does not stay for it."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.api.checkin.conftest import Fleet
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import DatabaseUnavailable


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(fleet: Fleet) -> Iterator[Clock]:
    found = Clock()
    before, fleet.sessions._now_s = fleet.sessions._now_s, found
    yield found
    fleet.sessions._now_s = before


@pytest.fixture
def readings(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each question to the database was about."""
    asked: list[int] = []
    credentials = fleet.enrolment.credentials

    async def counted(secrets: list[str]) -> object:
        asked.append(len(secrets))
        return await credentials(secrets)

    monkeypatch.setattr(fleet.enrolment, "credentials", counted)
    return asked


async def test_sessions_in_use_are_read_again_together_and_never_wait(
    fleet: Fleet, acme: OrgScope, clock: Clock, readings: list[int]
) -> None:
    key = await fleet.key(acme)
    routers = [await fleet.enrol(key, serial_number=f"S{number}") for number in range(3)]
    for router in routers:
        await router.check_in()
    readings.clear()
    clock.now_s += 200
    assert await fleet.sessions.read_ahead() == 0
    clock.now_s += 50
    assert await fleet.sessions.read_ahead() == 3
    assert readings == [3]
    clock.now_s += 100
    for router in routers:
        assert (await router.check_in())["ok"] is True
    assert readings == [3]


async def test_routers_that_come_at_once_are_looked_up_together(
    fleet: Fleet, acme: OrgScope, readings: list[int]
) -> None:
    key = await fleet.key(acme)
    routers = [await fleet.enrol(key, serial_number=f"S{number}") for number in range(12)]
    fleet.sessions.forget_all()
    readings.clear()
    answers = await asyncio.gather(*(router.check_in() for router in routers))
    assert all(answer["ok"] for answer in answers)
    assert sum(readings) == 12
    assert len(readings) <= 6


async def test_a_database_that_fails_fails_those_who_wait_and_nobody_after(
    fleet: Fleet, acme: OrgScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = await fleet.enrol(await fleet.key(acme))
    fleet.sessions.forget_all()

    async def fails(_: object) -> object:
        raise DatabaseUnavailable("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(fleet.enrolment, "credentials", fails)
        together = await asyncio.gather(*(fleet.sessions.find(router.token) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in together] == [DatabaseUnavailable] * 3
    assert await fleet.sessions.find(router.token) is not None


async def test_who_was_thrown_out_meanwhile_is_forgotten(fleet: Fleet, acme: OrgScope, clock: Clock) -> None:
    router = await fleet.enrol(await fleet.key(acme))
    await router.check_in()
    async with fleet.platform.infra.database.write() as tx:
        await tx.execute("delete from device_credential where device_id = :id", id=router.device_id)
    clock.now_s += 250
    assert await fleet.sessions.read_ahead() == 1
    assert fleet.sessions.known(router.token) is None


async def test_what_nobody_uses_is_not_read_again_and_goes_after_an_hour(
    fleet: Fleet, acme: OrgScope, clock: Clock
) -> None:
    router = await fleet.enrol(await fleet.key(acme))
    await router.check_in()
    clock.now_s += 310
    assert await fleet.sessions.read_ahead() == 0
    assert router.token in fleet.sessions._by_secret
    clock.now_s += 3_600
    assert await fleet.sessions.read_ahead() == 0
    assert router.token not in fleet.sessions._by_secret
