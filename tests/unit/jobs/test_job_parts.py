"""Outputs in parts: sealed until they are whole, then one output."""

from pathlib import Path

import pytest

from tikfleet.adapters.files.vault import open_file_vault
from tikfleet.domains.jobs.public import JobOutcome, JobParts, JobTarget
from tikfleet.domains.jobs.schemas import JobView
from tikfleet.kernel.secrets import DEVICE_TOKEN, new_secret

from .conftest import ORG, Bench


@pytest.fixture
def parts(bench: Bench, tmp_path: Path) -> JobParts:
    return JobParts(bench.desk, bench.ledger, bench.blobs, open_file_vault(tmp_path / "root.key"))


async def begun(bench: Bench, router: JobTarget) -> JobView:
    job = await bench.ask(router, "export")
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.desk.started(router.id, job.id, "boot1")
    return job


async def test_parts_come_before_the_output_proper_and_leave_nothing_behind(
    bench: Bench, router: JobTarget, parts: JobParts
) -> None:
    job = await begun(bench, router)
    for number, content in ((0, b"one "), (1, b"\xc3"), (1, b"\xc3"), (2, b"\xa9 three ")):
        assert await parts.take(router.id, job.id, number, content)
    assert await parts.result(router.id, job.id, JobOutcome("succeeded", output="console"), 3)
    shown = await bench.jobs.get(ORG, job.id)
    assert (shown.output, shown.output_truncated) == ("one é three console", False)
    assert await bench.blobs.names(ORG.org_id) == []
    assert await parts.result(router.id, job.id, JobOutcome("failed"), 3)
    assert await bench.jobs.get(ORG, job.id) == shown


async def test_a_credential_across_two_parts_is_never_stored_in_clear(
    bench: Bench, router: JobTarget, parts: JobParts, tmp_path: Path
) -> None:
    token = new_secret(DEVICE_TOKEN)
    job = await begun(bench, router)
    await parts.take(router.id, job.id, 0, b"x" * 9000 + token[:25].encode())
    await parts.take(router.id, job.id, 1, token[25:].encode() + b"y" * 9000)
    kept = [path.read_bytes() for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any(token[:25].encode() in content or token[25:].encode() in content for content in kept)
    await parts.result(router.id, job.id, JobOutcome("succeeded"), 2)
    output = await bench.jobs.output(ORG, job.id)
    assert output == "x" * 9000 + "tfd_[redacted]" + "y" * 9000


async def test_a_part_that_is_missing_makes_the_output_truncated(
    bench: Bench, router: JobTarget, parts: JobParts
) -> None:
    job = await begun(bench, router)
    await parts.take(router.id, job.id, 1, b"second")
    assert await parts.result(router.id, job.id, JobOutcome("succeeded"), 2)
    shown = await bench.jobs.get(ORG, job.id)
    assert (shown.output, shown.output_truncated) == ("second", True)


async def test_a_part_is_refused_where_it_does_not_belong(bench: Bench, router: JobTarget, parts: JobParts) -> None:
    other, waiting = bench.shelf.add("branch-2"), await bench.ask(router)
    assert not await parts.take(router.id, waiting.id, 0, b"never handed out")
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    assert not await parts.take(other.id, waiting.id, 0, b"another device's")
    assert not await parts.take(router.id, waiting.id, 320, b"one too many")
    assert not await parts.take(router.id, waiting.id, 0, b"x" * 65_537)
    assert await parts.take(router.id, waiting.id, 0, b"x" * 65_536)
    await bench.desk.result(router.id, waiting.id, JobOutcome("succeeded"))
    assert not await parts.take(router.id, waiting.id, 0, b"after the outcome")


@pytest.mark.parametrize(("extra", "cut"), [(b"", False), (b"!", True)])
async def test_ten_mebibytes_are_kept_whole_and_one_byte_more_is_cut(
    bench: Bench, router: JobTarget, parts: JobParts, extra: bytes, cut: bool
) -> None:
    job = await begun(bench, router)
    for number in range(320):
        assert await parts.take(router.id, job.id, number, b"line of 32 bytes, with its end.\n" * 1_024)
    assert not await parts.take(router.id, job.id, 320, b"x")

    await parts.result(router.id, job.id, JobOutcome("succeeded", output=extra), 320)

    shown = await bench.jobs.get(ORG, job.id)
    assert (shown.status, shown.output_bytes, shown.output_truncated) == (
        ("failed" if cut else "succeeded"),
        10_485_760,
        cut,
    )
    assert len(await bench.jobs.output(ORG, job.id)) == 10_485_760
