"""What a router is told: plan, tags, wants, approval, removal, new tokens, jobs."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tikfleet.app.bridges import AGENT_VERSION
from tikfleet.domains.jobs.schemas import JobCreate
from tikfleet.domains.jobs.service import Jobs
from tikfleet.kernel.scopes import SYSTEM, OrgScope

from .conftest import JSON, Fleet, Router, answer_of

ABOUT = {"identity": "r1", "version": "7.16.2"}
NEAR = [{"interface": "ether1", "identity": "switch", "mac-address": "02:00:00:00:00:09"}]


async def test_the_plan_comes_until_the_router_follows_it(router: Router) -> None:
    told = await router.check_in(plan="")
    tag = told["plan"]["tag"]

    assert int(told["plan"]["interval"]) == 60
    assert 54 <= int(told["next"]) <= 66
    assert "plan" not in await router.check_in(plan=tag)
    assert (await router.check_in(plan="p0"))["plan"]["tag"] == tag


async def test_a_router_without_tags_is_asked_for_what_is_missing(router: Router) -> None:
    assert (await router.check_in())["want"].split() == ["inventory", "neighbors"]
    told = await router.check_in(inventory=ABOUT, neighbors=NEAR)
    assert "want" not in told

    tags = told["tags"]
    assert "want" not in await router.check_in(tags=tags)
    assert (await router.check_in(tags={**tags, "inventory": "another"}))["want"] == "inventory"


async def test_tags_follow_the_content_and_survive_a_restart(fleet: Fleet, router: Router) -> None:
    first = (await router.check_in(inventory=ABOUT, neighbors=NEAR))["tags"]
    assert (await router.check_in(inventory=ABOUT))["tags"] == {"inventory": first["inventory"]}
    other = (await router.check_in(inventory={**ABOUT, "identity": "r2"}))["tags"]
    assert other["inventory"] != first["inventory"]
    await fleet.drain()

    fleet.sessions.forget_all()
    assert "want" not in await router.check_in(tags={**first, **other})


async def test_neighbors_that_were_read_and_are_none_are_stored_as_none(
    fleet: Fleet, acme: OrgScope, router: Router
) -> None:
    await router.check_in(neighbors=NEAR)
    await fleet.drain()
    assert len(await fleet.devices.neighbors(acme, router.device_id)) == 1

    assert "neighbors" in (await router.check_in(neighbors=[]))["tags"]
    await fleet.drain()
    assert await fleet.devices.neighbors(acme, router.device_id) == []


async def test_a_waiting_router_is_told_so_and_only_its_time_is_kept(fleet: Fleet, acme: OrgScope) -> None:
    router = await fleet.enrol(await fleet.key(acme, needs_approval=True))
    told = await router.check_in(cpu_load="5")
    assert (told["ok"], told["error"]) == (False, "enrolment.pending")
    await fleet.drain()

    device = await fleet.device(acme, router)
    assert (device.status, device.cpu_load) == ("pending", None)
    assert device.last_seen_at is not None
    assert await fleet.history(router) == []
    assert fleet.refused("pending") == 1


async def test_approval_counts_from_the_next_report(fleet: Fleet, acme: OrgScope) -> None:
    router = await fleet.enrol(await fleet.key(acme, needs_approval=True))
    assert (await router.check_in())["ok"] is False
    await fleet.enrolment.approve(acme, SYSTEM, router.device_id)

    async def let_in() -> bool:
        return (await router.check_in())["ok"] is True

    await fleet.until(let_in)
    await fleet.drain()
    assert (await fleet.kinds(acme, router))[-2:] == ["device.approved", "device.online"]


async def test_a_device_that_is_removed_is_told_fetches_the_script_and_is_gone(
    fleet: Fleet, acme: OrgScope, router: Router
) -> None:
    await router.check_in()
    assert (await router.get("/agent/v1/remove")).status_code == 404
    await fleet.devices.remove(acme, SYSTEM, router.device_id, force=False)

    async def told() -> bool:
        return "remove" in await router.check_in()

    await fleet.until(told)
    await fleet.drain()
    assert (await fleet.device(acme, router)).status == "removing"
    script = await router.get("/agent/v1/remove")
    assert script.status_code == 200
    assert "tikfleet" in script.text


async def test_a_device_that_is_removed_at_once_is_unknown_at_once(
    fleet: Fleet, acme: OrgScope, router: Router
) -> None:
    await router.check_in()
    await fleet.devices.remove(acme, SYSTEM, router.device_id, force=True)

    async def unknown() -> bool:
        return (await router.post("/agent/v1/checkin", msgspec.json.encode(router.report()), JSON)).status_code == 401

    await fleet.until(unknown)


async def test_a_new_token_is_repeated_until_it_was_used_and_the_old_one_stays_a_while(
    fleet: Fleet, router: Router
) -> None:
    await router.check_in()
    assert await fleet.sessions.rotate(router.device_id)
    fresh = (await router.check_in())["token"]
    assert (await router.check_in())["token"] == fresh
    fleet.sessions._by_secret.clear()
    assert (await router.check_in())["token"] == fresh

    old, router.token = router.token, fresh
    assert "token" not in await router.check_in()
    router.token = old
    assert "token" not in await router.check_in()
    router.token = fresh
    assert (await router.check_in())["ok"] is True


async def test_an_old_token_ends_after_ten_minutes(fleet: Fleet, plain: Router) -> None:
    await plain.check_in()
    await fleet.sessions.rotate(plain.device_id)
    old, plain.token = plain.token, (await plain.check_in())["token"]
    await plain.check_in()
    async with fleet.platform.infra.database.write() as tx:
        await tx.execute(
            "update device_credential set created_at = :then where device_id = :id and state = 'old'",
            id=plain.device_id,
            then="2020-01-01T00:00:00.000Z",
        )
    assert await fleet.enrolment.credential(old) is None
    assert (await plain.check_in())["ok"] is True


async def test_who_waits_for_a_place_gets_no_token(fleet: Fleet, acme: OrgScope) -> None:
    key = await fleet.key(acme)
    router, claimant = await fleet.enrol(key), await fleet.enrol(key)
    await claimant.check_in()
    assert not await fleet.sessions.rotate(router.device_id)
    await router.check_in()
    assert await fleet.sessions.rotate(router.device_id)
    fresh = (await router.check_in())["token"]
    assert "token" not in await claimant.check_in()
    router.token = fresh
    assert (await router.check_in())["ok"] is True


@pytest_asyncio.fixture(loop_scope="module")
async def jobs(fleet: Fleet) -> AsyncIterator[Any]:
    """`make(scope, router, **wanted)`: one job for a router; gives its id."""
    provided: Any = fleet.platform.api.made().dependencies["jobs"]
    service: Jobs = provided.dependency()

    async def make(scope: OrgScope, router: Router, **wanted: Any) -> str:
        create = JobCreate(**({"kind": "script", "script": ":put hello"} | wanted), device_ids=[router.device_id])
        return (await service.create(scope, SYSTEM, create)).items[0].id

    make.service = service  # type: ignore[attr-defined]
    yield make


async def test_a_job_goes_through_check_ins_to_its_end(fleet: Fleet, acme: OrgScope, router: Router, jobs: Any) -> None:
    await router.check_in()
    job_id = await jobs(acme, router)
    told = await router.check_in()
    assert told["job"]["id"] == job_id
    assert int(told["next"]) <= 10
    script = await router.get(f"/agent/v1/jobs/{job_id}/script")
    assert len(script.content) == int(told["job"]["size"])

    started = await router.post(f"/agent/v1/jobs/{job_id}/started", b'{"boot":"boot1"}', JSON)
    assert started.json() == {"ok": True}
    result = b'{"state":"succeeded","output":"hello\\n","boot":"boot1"}'
    for _ in range(2):
        assert (await router.post(f"/agent/v1/jobs/{job_id}/result", result, JSON)).json() == {"ok": True}
    job = await jobs.service.get(acme, job_id)
    assert (job.status, job.output) == ("succeeded", "hello\n")

    told = await router.check_in(job={"id": job_id, "state": "succeeded"})
    assert told["job-ack"] == job_id
    assert "job" not in told


async def test_an_outcome_that_only_a_check_in_brings_counts(acme: OrgScope, router: Router, jobs: Any) -> None:
    job_id = await jobs(acme, router)
    assert (await router.check_in())["job"]["id"] == job_id
    await router.post(f"/agent/v1/jobs/{job_id}/started", b'{"boot":"boot1"}', JSON)
    told = await router.check_in(job={"id": job_id, "state": "failed", "error": "no such item"})

    assert told["job-ack"] == job_id
    job = await jobs.service.get(acme, job_id)
    assert (job.status, job.error) == ("failed", "no such item")


@pytest.mark.parametrize("path", ["script", "started", "result", "parts/0"])
async def test_a_job_exists_for_its_own_device_only(
    fleet: Fleet, acme: OrgScope, globex: OrgScope, jobs: Any, path: str
) -> None:
    key = await fleet.key(acme)
    router, claimant = await fleet.enrol(key), await fleet.enrol(key)
    stranger = await fleet.enrol(await fleet.key(globex))
    neighbour = await fleet.enrol(key, serial_number="OTHER")
    job_id = await jobs(acme, router)
    assert (await router.check_in())["job"]["id"] == job_id
    body = b'{"state":"succeeded","boot":"boot1","output":"forged"}'

    for other in (claimant, stranger, neighbour):
        place = f"/agent/v1/jobs/{job_id}/{path}"
        answer = await (other.get(place) if path == "script" else other.post(place, body, JSON))
        assert answer.status_code == 404 or answer_of(answer)["ok"] is False
    job = await jobs.service.get(acme, job_id)
    assert (job.status, job.output) == ("delivered", None)


async def test_a_router_that_runs_another_agent_is_asked_to_fetch_this_one(router: Router) -> None:
    assert "agent" not in await router.check_in()
    asked = await router.check_in(agent="0.9.3/A")
    await router.check_in(agent="")

    assert asked["agent"] == AGENT_VERSION
    script = await router.get("/agent/v1/agent")
    assert "replaces the one here" in script.text
