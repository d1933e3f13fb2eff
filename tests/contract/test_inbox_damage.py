"""A disk that loses or changes bytes: the inbox gives back what is whole, and never something that was not sent."""

import random
import shutil
import sqlite3
import zlib
from pathlib import Path

import pytest

from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope, InboxUnavailable

RECORDS = 12
BODY = random.Random(7).randbytes(9000)
ENVELOPES = [
    Envelope(OrganisationId("org_acme"), DeviceId(f"dev_{n}"), n, "checkin", "text/plain", "::1", BODY + bytes([n]))
    for n in range(RECORDS)
]


async def fill(directory: Path) -> Path:
    """An inbox of twelve records, as a process that was killed leaves it: all in the log."""
    inbox = SqliteInbox(directory / "inbox.sqlite")
    for item in ENVELOPES:
        await inbox.append(item)
    shutil.copytree(directory, directory.with_name("left"))
    await inbox.close()
    return directory.with_name("left")


async def recovered(directory: Path) -> tuple[list[Envelope], int]:
    """What can be read, and how many envelopes are known to be damaged."""
    inbox = SqliteInbox(directory / "inbox.sqlite")
    found: list[Envelope] = []
    damaged = after = 0
    try:
        while (batch := await inbox.read(after, 1000)) is not None:
            found += batch.envelopes
            damaged += batch.damaged
            after = batch.last
        await inbox.append(ENVELOPES[0])
    finally:
        await inbox.close()
    return found, damaged


async def test_a_torn_tail_leaves_the_prefix(tmp_path: Path) -> None:
    left = await fill(tmp_path / "made")
    log = (left / "inbox.sqlite-wal").read_bytes()
    cuts = {len(log), 0, 31, *random.Random(3).sample(range(len(log)), 25)}
    counts = []
    for cut in sorted(cuts):
        directory = tmp_path / f"cut{cut}"
        shutil.copytree(left, directory)
        (directory / "inbox.sqlite-wal").write_bytes(log[:cut])
        (directory / "inbox.sqlite-shm").unlink(missing_ok=True)
        found, damaged = await recovered(directory)
        assert found == ENVELOPES[: len(found)]
        assert damaged == 0
        counts.append(len(found))
        shutil.rmtree(directory)

    assert counts == sorted(counts)
    assert counts[-1] == RECORDS


async def test_flipped_bits_never_become_a_report(tmp_path: Path) -> None:
    left = await fill(tmp_path / "made")
    with sqlite3.connect(left / "inbox.sqlite") as folded:
        folded.execute("pragma wal_checkpoint(truncate)")
    folded.close()
    whole = (left / "inbox.sqlite").read_bytes()
    chance = random.Random(11)
    outcomes = {"whole": 0, "damaged": 0, "refused": 0}
    for _ in range(40):
        directory = tmp_path / "flipped"
        directory.mkdir()
        changed = bytearray(whole)
        # The first pages hold the schema; a file without one is the subject of another test.
        at = chance.randrange(3 * 4096, len(whole))
        changed[at] ^= 1 << chance.randrange(8)
        (directory / "inbox.sqlite").write_bytes(changed)
        try:
            found, damaged = await recovered(directory)
            assert [item for item in found if item not in ENVELOPES] == []
            outcomes["damaged" if damaged else "whole"] += 1
            assert damaged or len(found) == RECORDS
        except InboxUnavailable:
            outcomes["refused"] += 1
        shutil.rmtree(directory)

    assert outcomes["damaged"] >= 20


async def test_one_damaged_record_is_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    left = await fill(tmp_path / "made")
    with sqlite3.connect(left / "inbox.sqlite") as changed:
        changed.execute("update record set payload = x'00' where last = (select min(last) + 3 from record)")
    changed.close()

    found, damaged = await recovered(left)
    assert found == ENVELOPES[:3] + ENVELOPES[4:]
    assert damaged == 1


@pytest.mark.parametrize("payload", [b"", b"\xc1", b"\x91\x97\xa1\xef", b"\x91\x93\xa1a\xa1b\x01"])
async def test_a_whole_record_of_another_form_is_counted_and_the_rest_is_read(tmp_path: Path, payload: bytes) -> None:
    left = await fill(tmp_path / "made")
    with sqlite3.connect(left / "inbox.sqlite") as changed:
        sql = "update record set payload = ?, checksum = ? where last = (select min(last) from record)"
        changed.execute(sql, (payload, zlib.crc32(payload)))
    changed.close()

    assert await recovered(left) == (ENVELOPES[1:], 1)


async def test_a_file_that_is_no_inbox_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "inbox.sqlite").write_bytes(b"this is not a database, and long enough to be looked at" * 100)
    with pytest.raises(InboxUnavailable, match="cannot be opened"):
        SqliteInbox(tmp_path / "inbox.sqlite")
