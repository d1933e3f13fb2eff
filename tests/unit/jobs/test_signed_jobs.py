"""Only what the job service signed is handed out: to its device, with its script, while it lasts."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.unit.jobs.conftest import ADA, ORG, Bench
from tikfleet.adapters.memory.signing import MemoryKey
from tikfleet.domains.audit.model import Filter
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.jobs.envelope import CHANGING, envelope
from tikfleet.domains.jobs.issuing import JobIssuer, keys_in_use, sign_waiting
from tikfleet.domains.jobs.model import Job
from tikfleet.domains.jobs.orders import JobOrder, JobOrders
from tikfleet.domains.jobs.public import JobTarget, Placed, Reach
from tikfleet.domains.jobs.repository import digest_of
from tikfleet.domains.jobs.service import Written
from tikfleet.kernel.ids import JobId, new_id
from tikfleet.kernel.paging import PageRequest

EVIL = "/user add name=evil group=full"


async def rewrite(bench: Bench, sql: str, **values: Any) -> None:
    """What somebody does who can write into the database and knows no key."""
    async with bench.database.write() as tx:
        assert await tx.execute(sql, **values) == 1


async def plant(bench: Bench, like: str, device: JobTarget, signature: str | None = None) -> str:
    """A row of a job that nobody asked for, made after another one."""
    job_id = new_id("job")
    async with bench.database.write() as tx:
        await tx.execute("insert into job_script values (:org, :digest, :text)", org=ORG.org_id,
                         digest=digest_of(EVIL), text=EVIL)  # fmt: skip
        rows = await tx.fetch("select * from job where id = :id", id=like)
        names = [field.name for field in msgspec.structs.fields(Job)]
        found = dict(zip(names, (await tx.fetch(f"select {', '.join(names)} from job where id = :id", id=like))[0],
                         strict=True))  # fmt: skip
        found |= {"id": job_id, "device_id": device.id, "script_digest": digest_of(EVIL), "script_bytes": len(EVIL)}
        found |= {"source_digest": "", "signature": found["signature"] if signature is None else signature}
        assert rows
        marks = ", ".join(f":{name}" for name in names)
        await tx.execute(f"insert into job ({', '.join(names)}) values ({marks})", **found)
    bench.ledger.work.mark([device.id])
    return job_id


async def handed(bench: Bench, device: JobTarget) -> str | None:
    """The script that the device gets with its next check-in."""
    hand_out = await bench.desk.next_for(device.id, "boot1", bench.clock())
    return None if hand_out is None else await bench.desk.script_for(device.id, hand_out.id)


async def error_of(bench: Bench, job_id: str) -> tuple[str, str]:
    job = await bench.jobs.get(ORG, job_id)
    return job.status, (job.error or "").partition(":")[0]


async def test_a_forged_row_never_leaves_and_the_jobs_behind_it_do(bench: Bench, router: JobTarget) -> None:
    other = bench.shelf.add("branch-2")
    model = await bench.ask(other, script=":put honest")
    forged = await plant(bench, model.id, router)
    honest = await bench.ask(router, script=":put mine")

    assert await handed(bench, router) == "# script for A: :put mine"
    assert await error_of(bench, forged) == ("failed", "job.signature-wrong")
    assert await bench.status(honest.id) == "delivered"
    assert await handed(bench, other) == "# script for A: :put honest"


async def test_without_the_look_at_signatures_the_forged_row_would_leave(bench: Bench, router: JobTarget) -> None:
    """The control: what the tests of this file plant is good enough to run, if nothing looked at its signature."""

    class Credulous:
        def vouches(self, signature: str, content: bytes) -> bool:
            return True

    model = await bench.ask(bench.shelf.add("branch-2"))
    await plant(bench, model.id, router)
    bench.vetting._verifier = Credulous()

    assert await handed(bench, router) == EVIL


async def test_a_row_without_a_signature_is_called_unsigned(bench: Bench, router: JobTarget) -> None:
    forged = await plant(bench, (await bench.ask(bench.shelf.add("branch-2"))).id, router, signature="")

    assert await handed(bench, router) is None
    assert await error_of(bench, forged) == ("failed", "job.unsigned")


async def test_a_signature_of_a_key_that_is_not_ours_is_wrong(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    await rewrite(bench, "update job set signature = :it where id = :id", it=MemoryKey().sign(b"x"), id=job.id)

    assert await handed(bench, router) is None
    assert await error_of(bench, job.id) == ("failed", "job.signature-wrong")


async def test_a_job_that_was_moved_to_another_device_reaches_neither(bench: Bench, router: JobTarget) -> None:
    other = bench.shelf.add("branch-2")
    job = await bench.ask(router)
    await rewrite(bench, "update job set device_id = :it where id = :id", it=other.id, id=job.id)
    bench.ledger.work.mark([other.id])

    assert await handed(bench, other) is None
    assert await handed(bench, router) is None
    assert await error_of(bench, job.id) == ("failed", "job.signature-wrong")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("expires_at", "2036-11-23T04:20:11.000Z"),
        ("job_class", "desired-state"),
        ("timeout_s", 3600),
        ("kind", "reboot"),
        ("parameters", '{"name":"evil"}'),
        ("org_id", "org_01m3k5x0v7q2a9bc"),
        ("created_by_id", "per_01m3k5x0v7q2a9bd"),
        ("script_bytes", 7),
        ("source_digest", "0" * 64),
    ],
)
async def test_no_field_that_was_signed_can_be_changed(
    bench: Bench, router: JobTarget, column: str, value: object
) -> None:
    job = await bench.ask(router)
    await rewrite(bench, f"update job set {column} = :it where id = :id", it=value, id=job.id)

    assert await handed(bench, router) is None
    async with bench.database.read() as tx:
        rows = await tx.fetch("select status, error from job where id = :id", id=job.id)
    assert rows[0][0] == "failed"
    assert str(rows[0][1]).startswith("job.signature-wrong: ")


def test_every_field_is_signed_or_is_one_that_changes() -> None:
    """A field that is added later is signed unless somebody says here why it can't be."""
    job = Job(
        id=JobId("job_1"), org_id=ORG.org_id, batch_id="bat_1", device_id="dev_1", device_name="d", kind="script",
        job_class="once", created_at="a", created_by_kind="person", created_by_id="p", created_by_name="n",
        expires_at="z", timeout_s=1, script_digest="d", script_bytes=1,
    )  # type: ignore[arg-type]  # fmt: skip
    for field in msgspec.structs.fields(Job):
        other = "other" if isinstance(getattr(job, field.name), str | None) else 77
        changed = msgspec.structs.replace(job, **{field.name: other})
        assert (envelope(changed) == envelope(job)) == (field.name in CHANGING), field.name


async def test_a_script_that_was_exchanged_does_not_leave(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    hand_out = await bench.desk.next_for(router.id, "boot1", bench.clock())
    assert hand_out is not None
    await rewrite(bench, "update job_script set script = :it where script like '# script%'", it=EVIL)

    assert await bench.desk.script_for(router.id, job.id) is None
    assert await error_of(bench, job.id) == ("failed", "job.script-altered")
    assert bench.vetting.refused == {"job.script-altered": 1}


async def test_a_script_exchanged_together_with_its_digest_does_not_leave_either(
    bench: Bench, router: JobTarget
) -> None:
    job = await bench.ask(router)
    await bench.desk.next_for(router.id, "boot1", bench.clock())
    await rewrite(bench, "update job_script set script = :it, digest = :d where script like '# script%'", it=EVIL,
                  d=digest_of(EVIL))  # fmt: skip
    await rewrite(bench, "update job set script_digest = :d, script_bytes = :n where id = :id", d=digest_of(EVIL),
                  n=len(EVIL), id=job.id)  # fmt: skip

    assert await bench.desk.script_for(router.id, job.id) is None
    assert await error_of(bench, job.id) == ("failed", "job.signature-wrong")


async def test_a_script_written_at_the_hand_out_is_written_of_what_was_signed(bench: Bench) -> None:
    router = bench.shelf.add("fresh", tier=None)
    job = await bench.ask(router, script=":put mine")
    bench.shelf.devices[router.id] = msgspec.structs.replace(router, tier="B")
    hand_out = await bench.desk.next_for(router.id, "boot1", bench.clock())
    assert hand_out is not None
    assert hand_out.size_bytes == len("# script for B: :put mine")
    await rewrite(bench, "update job_script set script = :it where script like '# script%'", it=EVIL)
    await rewrite(bench, "update job set script_digest = :d, script_bytes = :n where id = :id", d=digest_of(EVIL),
                  n=len(EVIL), id=job.id)  # fmt: skip

    assert await bench.desk.script_for(router.id, job.id) == "# script for B: :put mine"


@pytest.mark.parametrize("handed_out", [False, True])
async def test_an_operators_script_that_was_exchanged_is_not_written(bench: Bench, *, handed_out: bool) -> None:
    router = bench.shelf.add("fresh", tier=None)
    job = await bench.ask(router, script=":put mine")
    bench.shelf.devices[router.id] = msgspec.structs.replace(router, tier="B")
    if handed_out:
        await bench.desk.next_for(router.id, "boot1", bench.clock())
    await rewrite(bench, "update job_script set script = :it where script = :was", it=EVIL, was=":put mine")

    assert await handed(bench, router) is None
    assert await error_of(bench, job.id) == ("failed", "job.script-altered")


async def test_people_are_told_by_audit_news_and_count(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    await rewrite(bench, "update job set timeout_s = 61 where id = :id", id=job.id)
    async with bench.bus.subscribe() as news:
        await handed(bench, router)
        told = [await anext(news) for _ in range(3)]

    assert {item.kind for item in told} == {"job.changed", "job.finished", "job.refused"}
    refused = next(item for item in told if item.kind == "job.refused")
    assert refused.org_id == ORG.org_id
    assert refused.data["code"] == "job.signature-wrong"
    entries = await AuditTrail(bench.database, bench.clock).page(ORG, Filter(), PageRequest(10))
    assert [entry.actor.kind for entry in entries.items if entry.action == "job.refused"] == ["system"]
    assert bench.vetting.refused == {"job.signature-wrong": 1}
    assert (await bench.notes(job.id))[-1][0] == "failed"


async def test_a_refusal_that_cannot_be_audited_stops_no_check_in(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    await rewrite(bench, "update job set org_id = 'org_nobody' where id = :id", id=job.id)
    second = await bench.ask(router, script=":put mine")

    assert await handed(bench, router) == "# script for A: :put mine"
    assert await bench.status(second.id) == "delivered"


async def _of_a_run(bench: Bench, router: JobTarget) -> None:
    issuer = JobIssuer(bench.ledger, bench.vetting._verifier, Reach(bench.limits, bench.clock))  # type: ignore[arg-type]
    orders = JobOrders(issuer, bench.shelf, bench.clock)
    order = JobOrder(id=JobId(new_id("job")), batch_id="run_1", device=router, kind="script", job_class="once",
                     script=":put run")  # fmt: skip
    assert await orders.place([order], ADA) == Placed({}, set())


async def _of_rest(bench: Bench, router: JobTarget) -> None:
    await bench.jobs.write(ADA, router, Written(":put rest", "once", "PATCH", {"path": "ip"}, 60))


async def _asked(bench: Bench, router: JobTarget) -> None:
    await bench.ask(router)


@pytest.mark.parametrize("way", [_asked, _of_a_run, _of_rest])
async def test_every_way_in_makes_jobs_that_leave(bench: Bench, router: JobTarget, way: Callable[..., Any]) -> None:
    await way(bench, router)

    assert await handed(bench, router) is not None
    assert bench.vetting.refused == {}


async def test_what_waited_before_there_were_signatures_is_signed_once(bench: Bench, router: JobTarget) -> None:
    done = await bench.ask(bench.shelf.add("branch-2"))
    job = await bench.ask(router)
    await rewrite(bench, "update job set signature = '', status = 'failed' where id = :id", id=done.id)
    await rewrite(bench, "update job set signature = '' where id = :id", id=job.id)

    assert await sign_waiting(bench.database, bench.vetting._verifier) == 1  # type: ignore[arg-type]
    assert await handed(bench, router) == "# script for A: :put done"
    assert len(await keys_in_use(bench.database)) == 1
