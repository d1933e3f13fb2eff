import asyncio
import os
import signal
from pathlib import Path

import pytest
from protocol_stub import KEY, Job, Stub, serving

from tikfleet.virtual.light.exchange import AnswerReader, ExchangeFailed
from tikfleet.virtual.light.faults import NO_FAULTS, Faults
from tikfleet.virtual.light.fleet import FleetOptions, run_fleet
from tikfleet.virtual.light.register import RegisterUnusable


def options(url: str, **changes: object) -> FleetOptions:
    given = {"url": url, "key": KEY, "routers": 12, "duration_s": 1.2, "interval_s": 0.2, "enrol_per_s": 1_000}
    return FleetOptions(**{"faults": NO_FAULTS, **given, **changes})


def ignore(_: object) -> None:
    pass


@pytest.mark.parametrize("keep_alive", [False, True])
async def test_a_fleet_enrols_and_reports(keep_alive: bool) -> None:
    stub = Stub()
    async with serving(stub) as url:
        summary = await run_fleet(options(url, keep_alive=keep_alive), ignore)

    assert (summary.enrolled, summary.errors, summary.refused) == (12, 0, 0)
    assert summary.ok == summary.sent > 24
    assert len(stub.devices) == 12
    assert summary.p99_ms >= summary.p50_ms > 0
    assert "12/12 routers" in summary.line()


async def test_a_fleet_that_comes_back_neither_enrols_nor_reboots(tmp_path: Path) -> None:
    stub, state = Stub(), tmp_path / "fleet.json"
    async with serving(stub) as url:
        await run_fleet(options(url, state_file=state), ignore)
        boots = {boot for device in stub.devices.values() for boot, _ in device.order}
        await run_fleet(options(url, state_file=state), ignore)

        assert len(stub.devices) == 12
        assert {boot for device in stub.devices.values() for boot, _ in device.order} == boots
        assert state.stat().st_mode & 0o777 == 0o600
        with pytest.raises(RegisterUnusable, match="seed 1"):
            await run_fleet(options(url, state_file=state, seed=2), ignore)


async def test_each_place_presents_one_of_several_keys() -> None:
    stub = Stub()
    async with serving(stub) as url:
        summary = await run_fleet(options(url, key=f"{KEY},tfe_other"), ignore)

    assert 0 < summary.enrolled < 12


async def test_faults_on_the_way_lose_nothing_and_repeat_numbers() -> None:
    stub = Stub()
    async with serving(stub) as url:
        faults = Faults(lost=0.2, truncated=0.2, duplicate=0.2, days_between_spells=0)
        summary = await run_fleet(options(url, faults=faults, duration_s=2.0), ignore)

    assert summary.lost > 0
    assert stub.refusals > 0
    assert sum(device.repeats for device in stub.devices.values()) > 0


async def test_a_slow_server_makes_reports_late_not_many() -> None:
    stub = Stub()
    async with serving(stub, delay_s=0.4) as url:
        summary = await run_fleet(options(url, duration_s=2.0), ignore)

    assert summary.late > 0
    assert summary.sent < 12 * 2.0 / 0.4


async def test_jobs_reach_routers_and_their_outcomes_come_back() -> None:
    stub = Stub()
    stub.jobs["job_1"] = Job('/system identity set name="named by a job"')
    stub.queue.append("job_1")
    async with serving(stub) as url:
        summary = await run_fleet(options(url, routers=3), ignore)

    assert stub.jobs["job_1"].result is not None
    assert summary.jobs == 1


async def test_an_unreachable_server_is_an_error_and_no_crash() -> None:
    summary = await run_fleet(options("http://127.0.0.1:9", routers=2, duration_s=0.3), ignore)
    assert (summary.ok, summary.enrolled) == (0, 0)
    assert summary.note


async def test_a_signal_ends_a_fleet_with_its_summary() -> None:
    stub = Stub()
    async with serving(stub) as url:
        run = asyncio.create_task(run_fleet(options(url, duration_s=None), ignore))
        await asyncio.wait_for(stub.heard.wait(), 5)
        os.kill(os.getpid(), signal.SIGTERM)
        summary = await asyncio.wait_for(run, 5)
    assert summary.enrolled >= 1


@pytest.mark.parametrize("size", [1, 2, 7, 4_096])
@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
    ],
)
def test_an_answer_is_read_however_it_is_cut(wire: bytes, size: int) -> None:
    reader, answer = AnswerReader(), None
    for start in range(0, len(wire), size):
        answer = answer or reader.feed(wire[start : start + size])
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"hello world")


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    reader = AnswerReader()
    assert reader.feed(b"HTTP/1.1 401 No\r\n\r\nbye") is None
    answer = reader.end()
    assert answer is not None
    assert (answer.status, answer.body, answer.keeps) == (401, b"bye", False)


@pytest.mark.parametrize("wire", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_what_is_not_http_is_refused(wire: bytes) -> None:
    with pytest.raises(ExchangeFailed):
        AnswerReader().feed(wire)
