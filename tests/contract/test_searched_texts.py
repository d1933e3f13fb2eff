"""Searched texts on the embedded engine: its indexes leave out what can't be there, and nothing else."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.clickhouse_sql import schema
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    Answer,
    Batch,
    Column,
    FactQuery,
    FactTable,
    Holds,
    Kind,
    Span,
    words_of,
)

ORG = OrganisationId("org_a")
SCOPE = OrgScope.only(ORG)
COLUMNS = (Column("org_id", Kind.LABEL), Column("received_at", Kind.MOMENT))
TABLE = FactTable(
    "told", 1, (*COLUMNS, Column("message", Kind.TEXT, searched=True)), ("received_at",), Span.DAY, 36_500
)
NOW_MS = 1_763_871_611_000
MESSAGES = 24
DICE = random.Random(7)
ATOMS = ("login", "Failure", "dead", "BEEF", "ether1", "ac3", "10.1.2.3", "10.1.2.30", "00:0c:29:ab:cd:ef", "n0", "->",
         "::1", "caf\u00e9", "_", "%", "'", "\\", "fc", "down.", "x1y2", "1")  # fmt: skip


def made() -> str:
    return "".join(DICE.choice(ATOMS) + DICE.choice((" ", ", ", ":", " ")) for _ in range(DICE.randint(2, 7))).strip()


TEXTS = [made() for _ in range(MESSAGES)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ChdbWarehouse]:
    """Each message stands in a part of its own, so an index that errs hides it."""
    warehouse = await ChdbWarehouse.open(tmp_path)
    await warehouse.prepare([TABLE])
    for number, text in enumerate(TEXTS):
        day_ms = NOW_MS + number * 86_400_000
        await warehouse.append(Batch(f"texts/{number}", {"told": [(ORG, day_ms, text)]}))
    yield warehouse
    await warehouse.close()


async def asked(store: ChdbWarehouse, *texts: str) -> Answer:
    filters = tuple(Holds("message", text) for text in texts)
    return await store.select(
        SCOPE, FactQuery("told", (), None, None, group_by=("message",), filters=filters, listing=True)
    )


def holds(message: str, text: str) -> bool:
    """What the port promises, of ASCII."""
    words, phrase = words_of(text), text.strip().lower()
    lower = message.lower()
    return all(word in words_of(lower) for word in words) and (words == [phrase] or phrase in lower)


async def test_an_index_never_hides_a_message(store: ChdbWarehouse) -> None:
    for number in range(120):
        whole = TEXTS[number % MESSAGES].split(" ")
        begin = DICE.randrange(len(whole))
        text = " ".join(whole[begin : begin + DICE.randint(1, 3)])
        more = DICE.choice(whole)
        wanted = [message for message in TEXTS if holds(message, text) and holds(message, more)]

        assert [row[0] for row in (await asked(store, text, more)).rows] == wanted, (text, more)


async def test_what_cannot_be_there_is_not_read(store: ChdbWarehouse) -> None:
    for texts in (("nowhere",), ("192.0.2.77",), ("login ssh", "failure"), ("of login",)):
        answer = await asked(store, *texts)

        assert (answer.rows, answer.rows_read) == ([], 0), texts


async def test_a_store_from_before_the_indexes_gets_them(tmp_path: Path) -> None:
    unsearched = FactTable("told", 1, (*COLUMNS, Column("message", Kind.TEXT)), ("received_at",), Span.DAY, 36_500)
    before = await ChdbWarehouse.open(tmp_path)
    await before.prepare([unsearched])
    await before.append(Batch("before", {"told": [(ORG, NOW_MS, "login failure from 10.1.2.3")]}))
    await before.close()

    store = await ChdbWarehouse.open(tmp_path)
    await store.prepare([TABLE])
    await store.append(Batch("after", {"told": [(ORG, NOW_MS + 1, "link down")]}))

    assert [len((await asked(store, *texts)).rows) for texts in (("10.1.2.3",), ("link", "down"))] == [1, 1]
    assert (await asked(store, "zerotier")).rows_read == 1, "the new message is left out by its index"
    assert [name for name, _ in schema.base_indexes(TABLE)] == ["message_words", "message_shapes", "message_addresses"]
    await store.close()
