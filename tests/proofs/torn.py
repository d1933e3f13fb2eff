"""R4: a torn tail and flipped bits. The prefix is recovered, and nothing that was not sent is accepted."""

import random
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import msgspec

from tikfleet.adapters.sqlite import inbox as product
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.ports.inbox import InboxUnavailable

from .inboxes import FILE, contents, envelope
from .power import memory_directory
from .verdicts import Verdict

RECORDS: Final = 12
LAST: Final = 3
SIZE_BYTES: Final = 900
# The first page holds the schema: without it the file is no inbox, which is refused in a sentence.
_SCHEMA_BYTES: Final = 4096


class Tally(msgspec.Struct):
    cuts: int = 0
    flips: int = 0
    not_a_prefix: int = 0
    accepted_wrong: int = 0
    lost_unseen: int = 0
    refused: int = 0


class Found(msgspec.Struct, frozen=True):
    """Numbers in the order of the inbox; `wrong` are those that were never sent so."""

    numbers: list[int]
    damaged: int
    wrong: int


async def made(place: Path) -> tuple[Path, list[int]]:
    """An inbox as a process that was killed leaves it; how long its log was after each record."""
    inbox = SqliteInbox(place / "made" / FILE)
    lengths = []
    for number in range(1, RECORDS + 1):
        await inbox.append(envelope(number, SIZE_BYTES))
        lengths.append((place / "made" / (FILE + "-wal")).stat().st_size)
    (place / "left").mkdir()
    for name in (FILE, FILE + "-wal"):
        shutil.copyfile(place / "made" / name, place / "left" / name)
    await inbox.close()
    return place / "left", lengths


async def read(directory: Path) -> Found:
    inbox = SqliteInbox(directory / FILE)
    numbers: list[int] = []
    damaged = wrong = after = 0
    try:
        while (batch := await inbox.read(after, 1000)) is not None:
            for item in batch.envelopes:
                wrong += item != envelope(item.received_at_ms, SIZE_BYTES)
                numbers.append(item.received_at_ms)
            damaged += batch.damaged
            after = batch.last
    finally:
        await inbox.close()
    return Found(numbers, damaged, wrong)


async def cut_the_tail(left: Path, lengths: list[int], place: Path, tally: Tally, step_bytes: int) -> None:
    """Every byte of the last records is the last one once."""
    log = (left / (FILE + "-wal")).read_bytes()
    for at in range(lengths[-LAST - 1], lengths[-1] + 1, step_bytes):
        with files(place, (left / FILE).read_bytes(), log[:at]) as directory:
            found = await read(directory)
        whole = sum(length <= at for length in lengths)
        tally.cuts += 1
        tally.not_a_prefix += found.numbers != list(range(1, whole + 1)) or found.damaged > 0
        tally.accepted_wrong += found.wrong


async def flip_bits(left: Path, place: Path, tally: Tally, flips: int) -> None:
    """In the log, then in the file that the log was folded into: one bit anywhere."""
    chance = random.Random(4)
    file, log = (left / FILE).read_bytes(), (left / (FILE + "-wal")).read_bytes()
    folded = place / "folded"
    shutil.copytree(left, folded)
    with closing(sqlite3.connect(folded / FILE)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    whole = (folded / FILE).read_bytes()
    for number in range(flips):
        in_log = number % 2 == 0
        pair = (file, flipped(log, chance, 0)) if in_log else (flipped(whole, chance, _SCHEMA_BYTES), b"")
        tally.flips += 1
        with files(place, *pair) as directory:
            try:
                found = await read(directory)
            except InboxUnavailable:
                tally.refused += 1
                continue
        tally.accepted_wrong += found.wrong
        if in_log:
            tally.not_a_prefix += found.numbers != list(range(1, len(found.numbers) + 1))
        else:
            tally.lost_unseen += len(found.numbers) + found.damaged < RECORDS


def flipped(content: bytes, chance: random.Random, start: int) -> bytes:
    at = chance.randrange(start, len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


@contextmanager
def files(place: Path, file: bytes, log: bytes) -> Iterator[Path]:
    directory = place / "tried"
    directory.mkdir()
    (directory / FILE).write_bytes(file)
    if log:
        (directory / (FILE + "-wal")).write_bytes(log)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


class Whatever(int):
    """The negative control: a checksum that is always right."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@contextmanager
def without_checksums() -> Iterator[None]:
    product.zlib = SimpleNamespace(crc32=lambda payload: Whatever(zlib.crc32(payload)))
    try:
        yield
    finally:
        product.zlib = zlib


async def prove_torn(step_bytes: int = 1, flips: int = 6_000) -> Verdict:
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="tikfleet-torn-", dir=memory_directory()) as name:
        place = Path(name)
        left, lengths = await made(place)
        whole = await contents_of_a_copy(left, place)
        await cut_the_tail(left, lengths, place, tally, step_bytes)
        await flip_bits(left, place, tally, flips)
    good = whole == RECORDS and not (tally.not_a_prefix or tally.accepted_wrong or tally.lost_unseen)
    return Verdict("R4 torn tail and flipped bits", good, msgspec.structs.asdict(tally))


async def contents_of_a_copy(left: Path, place: Path) -> int:
    """How many come back where nothing was broken."""
    shutil.copytree(left, place / "whole")
    found, _ = await contents(place / "whole", dict.fromkeys(range(1, RECORDS + 1), SIZE_BYTES))
    return len(found)
