"""Scripts that run beside others: `:execute`, `/system script run`, jobs and the scheduler."""

import asyncio
from collections.abc import Callable

import pytest

from tikfleet.virtual import waiting
from tikfleet.virtual.clock import ManualClock
from tikfleet.virtual.menus.request import Caller, Refused, Request
from tikfleet.virtual.scripting.limits import Limits

from .small_router import SmallRouter


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def router(clock: ManualClock) -> SmallRouter:
    return SmallRouter(clock=clock)


async def test_execute_answers_at_once_and_its_script_runs_on(router: SmallRouter, clock: ManualClock) -> None:
    assert await router.shown(':put [:execute ":delay 10s; /system identity set name=later"]') == "*1"

    await clock.advance(9)
    assert await router.shown(":put [/system identity get name]") == "MikroTik"
    await clock.advance(2)
    assert await router.shown(":put [/system identity get name]") == "later"


async def test_a_job_is_listed_while_it_runs_and_can_be_removed(router: SmallRouter, clock: ManualClock) -> None:
    await router.run(':global j [:execute ":delay 10s; /system identity set name=later"]')
    await clock.advance(1)

    assert await router.shown(":put [/system script job print count-only]") == "1"
    assert await router.shown(":global j; :put [:len [/system script job find where .id=$j]]") == "1"
    await router.run(":global j; /system script job remove $j")
    await clock.advance(20)
    assert await router.shown(":put [/system script job print count-only]") == "0"
    assert await router.shown(":put [/system identity get name]") == "MikroTik"


async def test_a_script_that_looks_for_itself_finds_itself(router: SmallRouter) -> None:
    counted = "/system script job print count-only as-value where script=[:jobname]"
    await router.run(f'/system script add name=once source=":put [{counted}]"')

    assert await router.shown("/system script run once") == "1"


async def test_a_run_is_counted(router: SmallRouter) -> None:
    await router.run('/system script add name=s source=":put hello"')

    assert await router.shown("/system script run s; /system script run s") == "hello\nhello"
    assert await router.shown(":put [/system script get s run-count]") == "2"
    assert (await router.shown(":put [/system script get s last-started]")).startswith("2026-")


async def test_an_error_in_a_script_keeps_its_place_for_the_caller(router: SmallRouter) -> None:
    await router.run('/system script add name=s source="\\n:error boom"')

    assert (await router.run("/system script run s")).error == "boom (:error; line 2)"
    with pytest.raises(Refused, match="boom"):
        await waiting.run(router.menus.perform, Request("/system/script", "run", {"number": "s"}))


async def test_a_script_with_more_rights_than_its_caller_is_refused(router: SmallRouter) -> None:
    await router.run('/system script add name=s source=":put hello" policy=read,write,policy')
    guest = Caller("guest", frozenset({"read", "write"}))

    assert "not enough permissions (9)" in ((await router.run("/system script run s", guest)).error or "")
    await router.run("/system script set s dont-require-permissions=yes")
    assert (await router.run("/system script run s", guest)).printed == "hello\n"


async def test_output_goes_to_a_file_with_an_ending(router: SmallRouter, clock: ManualClock) -> None:
    await router.run(':execute script=":put one; :error two" file=out')
    await router.jobs.settled()

    assert router.files.read("out.txt") == b"one\ntwo (:error; line 1)\n"
    await router.run(':execute script=":put one" file="exact\\00"')
    await router.jobs.settled()
    assert router.files.read("exact") == b"one\n"


async def test_output_as_a_string_is_cut_at_what_a_variable_holds(router: SmallRouter) -> None:
    source = ":for i from=1 to=9 do={ :put [:rndstr length=10000] }"

    assert await router.shown(f':put [:len [:execute script="{source}" as-string]]') == "65536"


async def test_a_global_is_shared_with_an_executed_script(router: SmallRouter) -> None:
    await router.run(':global g "a"; :execute script=":global g; :set g \\"b\\"" as-string')

    assert await router.shown(":global g; :put $g") == "b"


async def scheduled(router: SmallRouter, more: str, event: str = ":global n; :set n ($n + 1)") -> None:
    router.schedule.boot()
    outcome = await router.run(f'/system scheduler add name=e on-event="{event.replace("$", chr(92) + "$")}" {more}')
    assert outcome.error is None, outcome.error


async def count(router: SmallRouter) -> str:
    return await router.shown(":global n; :put $n")


async def test_an_entry_runs_every_interval(router: SmallRouter, clock: ManualClock) -> None:
    await scheduled(router, "interval=10s")

    await clock.advance(9)
    assert await count(router) == ""
    await clock.advance(22)
    assert await count(router) == "3"
    assert await router.shown(":put [/system scheduler get e run-count]") == "3"
    await router.schedule.stop()


async def test_runs_stay_aligned_to_the_start(router: SmallRouter, clock: ManualClock) -> None:
    """2026-09-21 14:13:20 is the clock's start; an entry from 00:00:05 every minute runs at :05."""
    await scheduled(router, "interval=1m start-date=2026-09-21 start-time=00:00:05")

    assert (await router.shown(":put [/system scheduler get e next-run]")).endswith(":05")
    await clock.advance(44)
    assert await count(router) == ""
    await clock.advance(2)
    assert await count(router) == "1"
    await router.schedule.stop()


async def test_startup_without_an_interval_runs_once_a_boot(router: SmallRouter, clock: ManualClock) -> None:
    await scheduled(router, "start-time=startup")
    await clock.advance(100)
    assert await count(router) == ""

    await router.schedule.stop()
    router.schedule.boot()
    await clock.advance(2)
    assert await count(router) == ""
    await clock.advance(100)
    assert await count(router) == "1"
    await router.schedule.stop()


async def test_startup_with_an_interval_first_runs_an_interval_later(router: SmallRouter, clock: ManualClock) -> None:
    await scheduled(router, "start-time=startup interval=30s")
    await router.schedule.stop()
    router.schedule.boot()

    await clock.advance(29)
    assert await count(router) == ""
    await clock.advance(2)
    assert await count(router) == "1"
    await router.schedule.stop()


async def test_an_entry_without_an_interval_runs_once_at_its_moment(router: SmallRouter, clock: ManualClock) -> None:
    await scheduled(router, "start-date=2026-09-21 start-time=14:14:00")

    await clock.advance(500)
    assert await count(router) == "1"
    await router.schedule.stop()


async def test_runs_of_one_entry_may_overlap(router: SmallRouter, clock: ManualClock) -> None:
    await scheduled(router, "interval=10s", ":delay 25s")

    await clock.advance(31)
    assert await router.shown(":put [/system script job print count-only]") == "3"
    await router.schedule.stop()
    await router.jobs.stop()


async def test_a_changed_interval_counts_at_once_and_a_removed_entry_stops(
    router: SmallRouter, clock: ManualClock
) -> None:
    await scheduled(router, "interval=1h")
    await router.run("/system scheduler set e interval=10s")
    await clock.advance(11)
    assert await count(router) == "1"

    await router.run("/system scheduler disable e")
    await clock.advance(60)
    assert await count(router) == "1"
    await router.run("/system scheduler enable e")
    await clock.advance(10)
    assert await count(router) == "2"
    await router.run("/system scheduler remove e")
    await clock.advance(60)
    assert await count(router) == "2"
    await router.schedule.stop()


async def test_a_failure_is_told_in_the_log(router: SmallRouter, clock: ManualClock) -> None:
    await router.run('/system script add name=bad source=":error boom"')
    await scheduled(router, "interval=10s", "bad")

    await clock.advance(11)

    logged = router.logged()
    assert "script,error executing script bad from scheduler (e) failed, please check it manually" in logged
    assert "script,error,debug (scheduler:e) boom (:error; line 1)" in logged
    await router.schedule.stop()


async def test_an_entry_with_fewer_rights_than_its_script_fails(router: SmallRouter, clock: ManualClock) -> None:
    await router.run('/system script add name=s source=":global n 1" policy=read,write,policy')
    await scheduled(router, "interval=10s policy=read,write", "s")

    await clock.advance(11)

    assert "script,error,debug (scheduler:e) not enough permissions (9)" in router.logged()
    assert await count(router) == ""
    await router.schedule.stop()


async def test_home_mode_runs_no_scheduler(router_of: Callable[..., SmallRouter], clock: ManualClock) -> None:
    router = router_of("7.20.8", mode="home", clock=clock)

    outcome = await router.run("/system scheduler add name=e interval=10s on-event=x")

    assert outcome.error == "failure: not allowed by device-mode (/system/scheduler/add; line 1)"


async def test_a_script_without_end_lets_others_run_and_is_halted() -> None:
    router = SmallRouter(limits=Limits(steps=300_000))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(tick())
    outcome = await router.run(":onerror e in={ :while (true) do={} } do={ :put caught }")
    other.cancel()

    assert outcome.error == "the script took more than 300000 steps"
    assert outcome.printed == ""
    assert ticks > 1
