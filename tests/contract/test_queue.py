"""What every queue promises (`ports/queue.py`), one promise a test, in memory, in a SQLite file and on SQS."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from tests.contract.clouds import ON_AWS, MiniStack
from tikfleet.adapters.dynamodb.cache import DynamoCache
from tikfleet.adapters.memory.queue import MemoryQueue
from tikfleet.adapters.sqlite.queue import SqliteQueue
from tikfleet.adapters.sqs.queue import SqsQueue
from tikfleet.app.letters import DeadLetters
from tikfleet.domains.audit.public import Target
from tikfleet.kernel.errors import Unavailable
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.scopes import SYSTEM, Actor, OrgScope
from tikfleet.ports.queue import Message, Queue

HOUR_S = 3600.0
ORG = OrganisationId("org_provider")


class HeldTime:
    """Seconds that pass only when a test says so, here and in a server that follows."""

    def __init__(self) -> None:
        self._now_s = 1_000_000.0
        self.followers: list[Callable[[float], None]] = []

    def __call__(self) -> float:
        return self._now_s

    @property
    def now_s(self) -> float:
        return self._now_s

    @now_s.setter
    def now_s(self, value: float) -> None:
        for follow in self.followers:
            follow(value - self._now_s)
        self._now_s = value


@pytest.fixture
def time() -> HeldTime:
    return HeldTime()


@pytest.fixture(params=["memory", "sqlite", pytest.param("sqs", marks=ON_AWS)])
async def queue(request: pytest.FixtureRequest, tmp_path: Path, time: HeldTime) -> AsyncIterator[Queue]:
    if request.param == "memory":
        yield MemoryQueue(time)
        return
    if request.param == "sqs":
        stack: MiniStack = request.getfixturevalue("ministack")
        time.followers.append(stack.advance)
        async with stack.clients() as clients:
            distributed = SqsQueue(clients, new_id("q"), DynamoCache(clients, await stack.table(clients), time), time)
            await distributed.prepare(["mail", "hooks"])
            yield distributed
        return
    durable = SqliteQueue(tmp_path / "queue.sqlite", time)
    yield durable
    await durable.close()


def bodies(messages: list[Message]) -> list[bytes]:
    return [message.body for message in messages]


async def test_messages_come_in_the_order_in_which_they_were_sent(queue: Queue) -> None:
    for number in range(5):
        await queue.send("mail", b"%d" % number)

    assert bodies(await queue.take("mail", 3, 60)) == [b"0", b"1", b"2"]
    assert bodies(await queue.take("mail", 9, 60)) == [b"3", b"4"]


async def test_a_topic_gets_only_its_own(queue: Queue) -> None:
    await queue.send("mail", b"m")
    await queue.send("hooks", b"h")

    assert bodies(await queue.take("hooks", 9, 60)) == [b"h"]
    assert await queue.take("other", 9, 60) == []


async def test_a_taken_message_is_hidden_then_given_again_with_another_receipt(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"m")
    [first] = await queue.take("mail", 9, 60)
    time.now_s += 59
    assert await queue.take("mail", 9, 60) == []

    time.now_s += 2
    [second] = await queue.take("mail", 9, 60)
    assert (first.attempts, second.attempts) == (1, 2)
    assert first.id == second.id
    assert first.receipt != second.receipt


async def test_a_message_that_is_done_never_comes_again(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"m")
    [message] = await queue.take("mail", 9, 60)
    await queue.done(message)
    await queue.done(message)

    time.now_s += HOUR_S
    assert await queue.take("mail", 9, 60) == []
    assert await queue.dead("mail", 9) == []


async def test_an_old_receipt_confirms_nothing(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"m")
    [first] = await queue.take("mail", 9, 60)
    time.now_s += 61
    [second] = await queue.take("mail", 9, 60)

    await queue.done(first)
    await queue.done(msgspec.structs.replace(second, receipt="forged"))
    time.now_s += 61
    assert bodies(await queue.take("mail", 9, 60)) == [b"m"]


async def test_after_five_hand_outs_it_is_dead_and_listed(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"poison")
    for attempt in range(1, 6):
        [message] = await queue.take("mail", 9, 60)
        assert message.attempts == attempt
        assert await queue.dead("mail", 9) == []
        time.now_s += 61

    assert await queue.take("mail", 9, 60) == []
    [dead] = await queue.dead("mail", 9)
    assert (dead.body, dead.attempts, dead.topic) == (b"poison", 5, "mail")
    assert await queue.dead("hooks", 9) == []
    assert await queue.dead("mail", 0) == []


async def test_the_fifth_hand_out_may_still_be_confirmed(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"slow")
    for _ in range(5):
        [message] = await queue.take("mail", 9, 60)
        time.now_s += 61
    await queue.done(message)

    assert await queue.dead("mail", 9) == []


async def test_whoever_works_longer_keeps_a_message_hidden(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"slow")
    [message] = await queue.take("mail", 9, 60)
    time.now_s += 50
    assert await queue.keep(message, 60)
    time.now_s += 50
    assert await queue.take("mail", 9, 60) == []

    time.now_s += 11
    [again] = await queue.take("mail", 9, 60)
    assert again.attempts == 2
    assert not await queue.keep(message, 60)
    await queue.done(again)
    assert not await queue.keep(again, 60)


async def test_a_dead_message_that_is_revived_comes_as_if_it_were_new(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"poison")
    for _ in range(5):
        await queue.take("mail", 9, 60)
        time.now_s += 61
    await queue.take("mail", 9, 60)
    [dead] = await queue.dead("mail", 9)
    await queue.revive(dead)

    [message] = await queue.take("mail", 9, 60)
    assert (message.body, message.attempts) == (b"poison", 1)
    time.now_s += 30
    assert await queue.dead("mail", 9) == []


async def test_a_dead_message_that_is_discarded_is_gone(queue: Queue, time: HeldTime) -> None:
    for body in (b"poison", b"another"):
        await queue.send("mail", body)
    for _ in range(5):
        assert len(await queue.take("mail", 2, 10)) == 2
        time.now_s += 11
    await queue.take("mail", 2, 10)
    dead = await queue.dead("mail", 9)
    await queue.discard(next(message for message in dead if message.body == b"poison"))
    time.now_s += 11

    assert [message.body for message in await queue.dead("mail", 9)] == [b"another"]


async def test_a_body_may_be_of_any_bytes_and_none(queue: Queue) -> None:
    for body in (b"", bytes(range(256)), b"x" * 190_000):
        await queue.send("mail", body)

    assert bodies(await queue.take("mail", 9, 60)) == [b"", bytes(range(256)), b"x" * 190_000]


async def test_a_message_waits_for_hours_too(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"tomorrow", delay_s=2000)
    for _ in range(3):
        time.now_s += 650
        assert await queue.take("mail", 9, 60) == []
    for _ in range(2):
        time.now_s += 100
        found = bodies(await queue.take("mail", 9, 60))
    assert found == [b"tomorrow"]


async def test_a_delayed_message_waits(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"later", delay_s=30)
    assert await queue.take("mail", 9, 60) == []
    time.now_s += 31
    assert bodies(await queue.take("mail", 9, 60)) == [b"later"]


async def test_the_same_key_within_five_minutes_is_one_message(queue: Queue, time: HeldTime) -> None:
    await queue.send("mail", b"one", dedupe_key="k")
    [message] = await queue.take("mail", 9, 600)
    await queue.done(message)
    time.now_s += 299
    await queue.send("mail", b"two", dedupe_key="k")
    await queue.send("hooks", b"another topic", dedupe_key="k")
    assert await queue.take("mail", 9, 60) == []
    assert bodies(await queue.take("hooks", 9, 60)) == [b"another topic"]

    time.now_s += 2
    await queue.send("mail", b"three", dedupe_key="k")
    assert bodies(await queue.take("mail", 9, 60)) == [b"three"]


async def test_without_a_key_equal_messages_are_two(queue: Queue) -> None:
    await queue.send("mail", b"same")
    await queue.send("mail", b"same")

    assert bodies(await queue.take("mail", 9, 60)) == [b"same", b"same"]


async def test_takers_at_once_get_each_message_once(queue: Queue) -> None:
    for number in range(30):
        await queue.send("mail", b"%d" % number)
    taken = await asyncio.gather(*(queue.take("mail", 4, 60) for _ in range(12)))

    found = [body for part in taken for body in bodies(part)]
    assert len(found) == len(set(found)) == 30


async def test_what_was_sent_survives_the_process(tmp_path: Path, time: HeldTime) -> None:
    path = tmp_path / "queue.sqlite"
    before = SqliteQueue(path, time)
    await before.send("mail", b"kept", dedupe_key="k")
    await before.send("mail", b"taken", dedupe_key="l")
    await before.take("mail", 1, 60)
    # Not closed: as after a kill.

    after = SqliteQueue(path, time)
    await after.send("mail", b"again", dedupe_key="k")
    assert bodies(await after.take("mail", 9, 60)) == [b"taken"]
    time.now_s += 61
    assert bodies(await after.take("mail", 9, 60)) == [b"kept", b"taken"]
    await after.close()
    await before.close()


async def test_a_file_that_cannot_be_written_is_unavailable_and_the_queue_recovers(tmp_path: Path) -> None:
    blocked = tmp_path / "place"
    blocked.write_text("a file where the directory should be")
    queue = SqliteQueue(blocked / "queue.sqlite")
    with pytest.raises(Unavailable):
        await queue.send("mail", b"m")

    blocked.unlink()
    await queue.send("mail", b"m")
    assert bodies(await queue.take("mail", 9, 60)) == [b"m"]
    await queue.close()


@ON_AWS
async def test_a_letter_that_a_look_hides_is_found_again_for_what_is_done_to_it(
    ministack: MiniStack, time: HeldTime
) -> None:
    class Top:
        async def is_top(self, org_id: OrganisationId) -> bool:
            return org_id == ORG

    class Trail:
        noted: ClassVar[list[str]] = []

        async def record(self, org_id: str, actor: Actor, action: str, target: Target, *_: object) -> None:
            self.noted.append(f"{action} {target.id}")

    async with ministack.clients() as clients:
        queue = SqsQueue(clients, new_id("q"), DynamoCache(clients, await ministack.table(clients), time), time)
        await queue.prepare(["work"])
        for body in (b"one", b"two"):
            await queue.send("work", body)
        for _ in range(6):
            await queue.take("work", 9, 1)
            ministack.advance(2)
        letters = DeadLetters(queue, Top(), Trail(), hidden_s=0.05)  # type: ignore[arg-type]
        listed = await letters.listed(OrgScope.only(ORG))
        again = await letters.listed(OrgScope.only(ORG))
        one, two = sorted(listed, key=lambda letter: letter.text)
        ministack.advance(3)
        await letters.replay(OrgScope.only(ORG), SYSTEM, one.id)
        ministack.advance(3)
        await letters.discard(OrgScope.only(ORG), SYSTEM, two.id)
        ministack.advance(3)

        assert [letter.text for letter in (one, two)] == ["one", "two"]
        assert again == listed
        assert await queue.dead("work", 9) == []
        assert [message.body for message in await queue.take("work", 9, 60)] == [b"one"]
        assert Trail.noted == [f"letter.replayed {one.id}", f"letter.discarded {two.id}"]
