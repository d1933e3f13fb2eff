"""One person, token or organisation reaches so many devices in a minute, by whatever way; nobody else notices."""

import asyncio
from datetime import timedelta

import pytest
from msgspec import convert

from tests.unit.jobs.conftest import ADA, ORG, Bench, wired
from tikfleet.domains.jobs.errors import JobDevicesTooFast, JobForTooMany
from tikfleet.domains.jobs.issuing import JobIssuer
from tikfleet.domains.jobs.limits import JobLimits, Reach, forget_reach
from tikfleet.domains.jobs.orders import JobOrder, JobOrders
from tikfleet.domains.jobs.public import JobTarget
from tikfleet.domains.jobs.schemas import JobCreate
from tikfleet.domains.jobs.service import Written
from tikfleet.kernel.ids import JobId, OrganisationId, new_id
from tikfleet.kernel.scopes import SYSTEM, Actor, OrgScope

BOB = Actor("token", "tok_01m3k5x0v7q2a9bc", "Bob's token")
GLOBEX = OrgScope.only(OrganisationId(new_id("org")))


def limited(bench: Bench, org: int = 100, person: int = 100, request: int = 100) -> None:
    bench.limits.limits = JobLimits(org, person, request)


def routers(bench: Bench, count: int, org: OrgScope = ORG) -> list[JobTarget]:
    return [bench.shelf.add(f"branch-{number}", org=org) for number in range(count)]


async def ask(bench: Bench, devices: list[JobTarget], actor: Actor = ADA, org: OrgScope = ORG) -> int:
    create = JobCreate(kind="script", script=":put done", device_ids=[device.id for device in devices])
    return (await bench.jobs.create(org, actor, create)).count


async def made(bench: Bench) -> int:
    async with bench.database.read() as tx:
        return int((await tx.fetch("select count(*) from job"))[0][0])


async def test_over_the_organisations_limit_nothing_is_made_and_the_wait_is_said(bench: Bench) -> None:
    limited(bench, org=5)
    await ask(bench, routers(bench, 2))
    bench.clock.move(20)
    await ask(bench, routers(bench, 2))
    bench.clock.move(10)
    with pytest.raises(JobDevicesTooFast) as refused:
        await ask(bench, routers(bench, 2), BOB)

    assert (refused.value.status, refused.value.code) == (429, "job.devices-per-minute")
    assert refused.value.retry_after_s == pytest.approx(30)
    assert "run" in refused.value.advice
    assert await made(bench) == 4
    bench.clock.move(30)
    assert await ask(bench, routers(bench, 2), BOB) == 2


async def test_the_wait_is_until_enough_devices_have_left(bench: Bench) -> None:
    limited(bench, org=4)
    await ask(bench, routers(bench, 1))
    bench.clock.move(20)
    await ask(bench, routers(bench, 3))
    with pytest.raises(JobDevicesTooFast) as refused:
        await ask(bench, routers(bench, 2))

    assert refused.value.retry_after_s == pytest.approx(60)


async def test_a_device_counts_once_a_minute_however_often_it_is_asked(bench: Bench) -> None:
    limited(bench, org=2)
    two = routers(bench, 2)
    for _ in range(5):
        await ask(bench, two)
        bench.clock.move(30)

    with pytest.raises(JobDevicesTooFast):
        await ask(bench, routers(bench, 1))


async def test_one_person_at_their_limit_leaves_others_theirs(bench: Bench) -> None:
    limited(bench, person=3)
    await ask(bench, routers(bench, 3))

    with pytest.raises(JobDevicesTooFast, match="one person or token"):
        await ask(bench, routers(bench, 1))
    assert await ask(bench, routers(bench, 3), BOB) == 3


async def test_other_organisations_are_not_touched(bench: Bench) -> None:
    limited(bench, org=2)
    await ask(bench, routers(bench, 2))

    assert await ask(bench, routers(bench, 2, GLOBEX), BOB, GLOBEX) == 2


async def test_a_batch_over_several_organisations_counts_for_each_of_them(bench: Bench) -> None:
    limited(bench, org=2)
    both = OrgScope(ORG.org_id, (*ORG.org_ids, *GLOBEX.org_ids))

    assert await ask(bench, routers(bench, 2) + routers(bench, 2, GLOBEX), org=both) == 4
    with pytest.raises(JobDevicesTooFast):
        await ask(bench, routers(bench, 1, GLOBEX), BOB, GLOBEX)


async def test_what_only_reads_counts_for_nothing(bench: Bench) -> None:
    limited(bench, org=1, request=1)
    many = routers(bench, 5)
    create = JobCreate(kind="export", device_ids=[device.id for device in many])
    await bench.jobs.create(ORG, ADA, create)
    await bench.jobs.write(ADA, many[0], Written(":put 1", "query", "GET", {}, 60))

    assert await ask(bench, many[:1]) == 1


async def test_a_script_of_a_person_counts_whatever_class_they_call_it(bench: Bench) -> None:
    limited(bench, org=1)
    await bench.ask(routers(bench, 1)[0], job_class="query")

    with pytest.raises(JobDevicesTooFast):
        await ask(bench, routers(bench, 1))


async def test_writes_to_a_routers_rest_count_too(bench: Bench) -> None:
    limited(bench, person=1)
    one, other = routers(bench, 2)
    await bench.jobs.write(ADA, one, Written(":put 1", "once", "PATCH", {}, 60))
    await bench.jobs.write(ADA, one, Written(":put 2", "once", "PATCH", {}, 60))

    with pytest.raises(JobDevicesTooFast):
        await bench.jobs.write(ADA, other, Written(":put 1", "once", "PATCH", {}, 60))


@pytest.mark.parametrize("selected", [False, True])
async def test_more_than_one_request_may_ask_has_to_be_a_run(bench: Bench, *, selected: bool) -> None:
    limited(bench, request=3)
    many = routers(bench, 4)
    more = {"selection": {"q": "branch"}} if selected else {"device_ids": [device.id for device in many]}
    with pytest.raises(JobForTooMany) as refused:
        await bench.jobs.create(ORG, ADA, convert({"kind": "script", "script": ":put 1"} | more, JobCreate))
    assert "POST /runs" in refused.value.advice
    assert await ask(bench, many[:3]) == 3


async def test_what_can_never_fit_a_minute_is_not_told_to_wait(bench: Bench) -> None:
    limited(bench, org=2)

    with pytest.raises(JobForTooMany):
        await ask(bench, routers(bench, 3))


async def test_a_large_batch_is_made_whole_or_not_at_all(bench: Bench) -> None:
    limited(bench, org=700, person=700, request=700)
    await ask(bench, routers(bench, 50))
    many = routers(bench, 651)
    with pytest.raises(JobDevicesTooFast):
        await ask(bench, many)

    assert await made(bench) == 50
    assert await ask(bench, many[:650]) == 650


async def test_requests_at_once_together_keep_the_limit(bench: Bench) -> None:
    limited(bench, org=20)
    groups = [routers(bench, 3) for _ in range(12)]
    results = await asyncio.gather(*(ask(bench, group) for group in groups), return_exceptions=True)

    assert sum(result for result in results if isinstance(result, int)) == 18
    assert sum(isinstance(result, JobDevicesTooFast) for result in results) == 6


async def test_a_restart_forgets_nothing(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> None:
    limited(bench, org=2)
    await ask(bench, routers(bench, 2))
    again = wired(bench.database, tmp_path_factory.mktemp("again"))
    limited(again, org=2)

    with pytest.raises(JobDevicesTooFast):
        await ask(again, routers(again, 1))


async def test_what_counts_no_more_is_forgotten(bench: Bench) -> None:
    await ask(bench, routers(bench, 3))
    await forget_reach(bench.database, bench.clock() + timedelta(seconds=59))
    async with bench.database.read() as tx:
        assert (await tx.fetch("select count(*) from job_reach"))[0][0] == 6
    await forget_reach(bench.database, bench.clock() + timedelta(seconds=60))
    async with bench.database.read() as tx:
        assert (await tx.fetch("select count(*) from job_reach"))[0][0] == 0


def order(device: JobTarget) -> JobOrder:
    return JobOrder(id=JobId(new_id("job")), batch_id="run_1", device=device, kind="script", job_class="once",
                    script=":put run")  # fmt: skip


def orders_of(bench: Bench) -> JobOrders:
    issuer = JobIssuer(bench.ledger, bench.vetting._verifier, Reach(bench.limits, bench.clock))  # type: ignore[arg-type]
    return JobOrders(issuer, bench.shelf, bench.clock)


async def test_orders_of_a_run_wait_and_leave_people_a_fifth(bench: Bench) -> None:
    limited(bench, org=10)
    orders, wanted = orders_of(bench), [order(device) for device in routers(bench, 12)]
    first = await orders.place(wanted, ADA)

    assert first.refused == {}
    assert first.postponed == {one.id for one in wanted[8:]}
    assert (await orders.place(wanted, ADA)).postponed == first.postponed
    assert await ask(bench, routers(bench, 2), BOB) == 2
    bench.clock.move(60)
    assert (await orders.place(wanted, ADA)).postponed == set()
    assert await made(bench) == 14


async def test_orders_of_the_platform_itself_are_bound_by_the_organisation_alone(bench: Bench) -> None:
    limited(bench, org=10, person=1)
    wanted = [order(device) for device in routers(bench, 8)]

    assert (await orders_of(bench).place(wanted, SYSTEM)).postponed == set()
