"""From a job's end to its receiver: five attempts, growing pauses, dead letters, and nothing lost in between."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from tikfleet.adapters.files.vault import FileVault
from tikfleet.adapters.memory.queue import MemoryQueue
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.audit.tables import metadata as audit_tables
from tikfleet.domains.callbacks.errors import CallbackNotFound, CallbackStillWaiting, CallbackWithoutSecret
from tikfleet.domains.callbacks.model import Notice, aim_of
from tikfleet.domains.callbacks.public import CallbackPost, Callbacks
from tikfleet.domains.callbacks.repository import CallbackFilters
from tikfleet.domains.callbacks.schemas import CallbackView
from tikfleet.domains.callbacks.tables import metadata
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database
from tikfleet.ports.outbound import AddressRefused, OutboundFailed
from tikfleet.ports.queue import Message

ACME, GLOBEX = (OrgScope.only(OrganisationId(new_id("org"))) for _ in range(2))
ADA = Actor("person", "per_01m3k5x0v7q2a9bc", "Ada")
URL = "https://hooks.acme.example/in?key=canary"
HOUR_S = 3_600


class Receiver:
    """Answers as it is told to, and remembers what came."""

    def __init__(self) -> None:
        self.answers: list[int | Exception] = []
        self.otherwise: int | Exception = 204
        self.came: list[tuple[str, Mapping[str, str], bytes]] = []

    def check(self, url: str) -> None:
        if "forbidden" in url:
            raise AddressRefused("not there")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.came.append((url, headers, body))
        answer = self.answers.pop(0) if self.answers else self.otherwise
        if isinstance(answer, Exception):
            raise answer
        return answer


class News:
    """A source whose news stay due until they were told."""

    def __init__(self) -> None:
        self.waiting: list[Notice] = []
        self.forgetful = False

    async def due(self, limit: int) -> Sequence[Notice]:
        return self.waiting[:limit]

    async def told(self, notices: Sequence[Notice]) -> None:
        if self.forgetful:
            raise OutboundFailed("the power went")
        self.waiting = [one for one in self.waiting if one not in notices]


class Office:
    """Callbacks with a clock that stands still until it is moved."""

    def __init__(self, database: Database) -> None:
        self.now = datetime(2026, 11, 23, 4, 20, 11, tzinfo=UTC)
        self.database, self.vault = database, FileVault(b"k" * 32)
        self.receiver, self.news = Receiver(), News()
        self.queue = MemoryQueue(self.now_s)
        audit = AuditTrail(database, self.clock)
        self.callbacks = Callbacks(database, audit, self.vault, self.receiver, self.clock)
        self.post = self.fresh_post()

    def clock(self) -> datetime:
        return self.now

    def now_s(self) -> float:
        return self.now.timestamp()

    def fresh_post(self) -> CallbackPost:
        return CallbackPost(self.database, self.queue, self.receiver, self.vault, [self.news], self.clock)

    async def happen(self, org: OrgScope = ACME, number: int = 1) -> str:
        """A job ends, with `number` in its id."""
        aim = await self.callbacks.aim(org, URL)
        job_id = f"job_{number:016}"
        self.news.waiting.append(
            Notice(job_id, "job.finished", job_id, "2026-11-23T04:20:11.000Z", aim, {"job": {"id": job_id}})
        )
        return job_id

    async def turn(self, after_s: float = 0) -> None:
        """Time passes, then what is due goes out; the second look buries what died meanwhile."""
        self.now += timedelta(seconds=after_s)
        for _ in range(2):
            await self.post.turn()
            await self.post.ended()

    async def all(self, org: OrgScope = ACME, *states: str) -> list[CallbackView]:
        filters = CallbackFilters(state=states)  # type: ignore[arg-type]
        return list((await self.callbacks.page(org, filters, PageRequest(200))).items)

    async def only(self) -> CallbackView:
        [found] = await self.all()
        return await self.callbacks.get(ACME, found.id)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    path = tmp_path / "state.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    audit_tables.create_all(engine)
    engine.dispose()
    database = SqliteDatabase(path)
    office = Office(database)
    await office.callbacks.make_secret(ACME, ADA)
    yield office
    await database.close()


async def test_news_reach_the_address_signed_and_once(office: Office) -> None:
    secret = (await office.callbacks.make_secret(GLOBEX, ADA)).secret
    job_id = await office.happen(GLOBEX)
    await office.turn()
    await office.turn(HOUR_S)

    [(url, headers, body)] = office.receiver.came
    [shown] = await office.all(GLOBEX)
    assert url == URL
    assert msgspec.json.decode(body) == {
        "id": shown.id,
        "event": "job.finished",
        "occurred_at": "2026-11-23T04:20:11.000Z",
        "job": {"id": job_id},
    }
    assert (headers["Tikfleet-Event"], headers["Tikfleet-Callback"]) == ("job.finished", shown.id)
    moment, signature = headers["Tikfleet-Signature"].split(",")
    assert moment == "t=1795407611"
    expected = hmac.new(secret.encode(), b"1795407611." + body, hashlib.sha256).hexdigest()
    assert signature == f"v1={expected}"
    assert (shown.state, shown.attempts, shown.subject_id, shown.host) == (
        "delivered", 1, job_id, "hooks.acme.example",
    )  # fmt: skip


async def test_a_replaced_secret_signs_beside_the_new_one_for_a_day(office: Office) -> None:
    await office.callbacks.make_secret(ACME, ADA)
    await office.happen()
    await office.turn()
    office.now += timedelta(days=1, seconds=1)
    await office.happen(number=2)
    await office.turn()

    counts = [headers["Tikfleet-Signature"].count("v1=") for _, headers, _ in office.receiver.came]
    assert counts == [2, 1]


async def test_a_failure_is_tried_again_after_pauses_that_grow(office: Office) -> None:
    office.receiver.answers = [500, OutboundFailed("no answer within 10 s"), 302, 404]
    await office.happen()
    waited = []
    await office.turn()
    for pause_s in (60, 600, 3_600, 21_600):
        before = len(office.receiver.came)
        await office.turn(pause_s - 1)
        assert len(office.receiver.came) == before
        await office.turn(1)
        waited.append(len(office.receiver.came) - before)

    shown = await office.only()
    assert waited == [1, 1, 1, 1]
    assert (shown.state, shown.attempts, shown.next_at) == ("delivered", 5, None)
    assert [(one.status, one.error) for one in shown.log] == [
        (500, "the receiver answered 500"),
        (None, "no answer within 10 s"),
        (302, "the receiver answered 302"),
        (404, "the receiver answered 404"),
        (204, ""),
    ]
    assert len({body for _, _, body in office.receiver.came}) == 1


async def test_after_five_attempts_it_is_a_dead_letter_until_somebody_asks_for_it_again(office: Office) -> None:
    office.receiver.otherwise = 503
    await office.happen()
    for pause_s in (0, 60, 600, 3_600, 21_600, 86_400):
        await office.turn(pause_s)
    [dead] = await office.all(ACME, "dead")
    assert (dead.attempts, dead.error, len(office.receiver.came)) == (5, "the receiver answered 503", 5)
    assert list(await office.queue.dead("callbacks", 9)) == []

    office.receiver.otherwise = 200
    again = await office.callbacks.retry(ACME, ADA, dead.id)
    assert (again.state, again.attempts) == ("waiting", 0)
    with pytest.raises(CallbackStillWaiting):
        await office.callbacks.retry(ACME, ADA, dead.id)
    await office.turn()
    assert ((await office.only()).state, len(office.receiver.came)) == ("delivered", 6)


async def test_a_receiver_that_is_gone_for_good_is_not_tried_again(office: Office) -> None:
    office.receiver.answers = [410]
    await office.happen()
    await office.turn()
    await office.turn(86_400)

    assert ((await office.only()).state, len(office.receiver.came)) == ("dead", 1)


async def test_an_address_that_turned_private_is_not_called_and_says_so(office: Office) -> None:
    office.receiver.otherwise = AddressRefused("the name leads to an address that is not on the public internet")
    await office.happen()
    await office.turn()

    shown = await office.only()
    assert (shown.state, shown.log[0].status) == ("waiting", None)
    assert "not on the public internet" in shown.error


async def test_a_crash_between_any_two_steps_loses_nothing_and_makes_one_callback(office: Office) -> None:
    await office.happen()
    office.news.forgetful = True
    with pytest.raises(OutboundFailed):
        await office.post.turn()
    office.news.forgetful = False
    office.post = office.fresh_post()
    await office.turn()

    assert (len(await office.all()), len(office.receiver.came)) == (1, 1)


async def test_a_process_that_dies_while_it_sends_sends_again_and_not_for_ever(office: Office) -> None:
    await office.happen()
    office.receiver.otherwise = RuntimeError("killed")
    for _ in range(7):
        await office.turn(61)
    assert len(office.receiver.came) == 5

    shown = await office.only()
    assert (shown.state, shown.error) == ("dead", "the platform ended each time while it was being sent")


class Leaking(MemoryQueue):
    """Loses all that it is given."""

    async def take(self, topic: str, limit: int, visible_again_s: float) -> Sequence[Message]:
        return []


async def test_what_the_queue_lost_is_given_to_it_again(office: Office) -> None:
    office.queue = Leaking(office.now_s)
    office.post = office.fresh_post()
    await office.happen()
    await office.turn()
    # A backup was restored: the database is of then, the queue is empty.
    office.queue = MemoryQueue(office.now_s)
    office.post = office.fresh_post()
    await office.turn(60)
    assert office.receiver.came == []
    await office.turn(900)

    assert ((await office.only()).state, len(office.receiver.came)) == ("delivered", 1)


async def test_one_organisations_dead_receiver_does_not_hold_up_anothers(office: Office) -> None:
    await office.callbacks.make_secret(GLOBEX, ADA)
    for number in range(20):
        await office.happen(ACME, number)
    await office.happen(GLOBEX, 99)
    await office.post.turn()
    await office.post.ended()

    assert len(office.receiver.came) == 9
    assert [one.state for one in await office.all(GLOBEX)] == ["delivered"]


async def test_without_a_secret_nothing_is_promised(office: Office) -> None:
    with pytest.raises(CallbackWithoutSecret):
        await office.callbacks.aim(GLOBEX, URL)
    with pytest.raises(AddressRefused):
        await office.callbacks.aim(ACME, "https://forbidden.example/")
    assert await office.callbacks.aim(ACME, None) == ""


async def test_neither_address_nor_secret_rests_anywhere_in_clear(office: Office, tmp_path: Path) -> None:
    made = await office.callbacks.make_secret(ACME, ADA)
    await office.happen()
    await office.turn()

    rest = await asyncio.to_thread(
        lambda: b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    )
    assert made.secret.encode() not in rest
    assert b"canary" not in rest
    assert aim_of(await office.callbacks.aim(ACME, URL)).host == "hooks.acme.example"


async def test_another_organisations_callbacks_do_not_exist(office: Office) -> None:
    await office.happen()
    await office.turn()
    [mine] = await office.all()

    assert await office.all(GLOBEX) == []
    with pytest.raises(CallbackNotFound):
        await office.callbacks.get(GLOBEX, mine.id)
    with pytest.raises(CallbackNotFound):
        await office.callbacks.retry(GLOBEX, ADA, mine.id)


async def test_what_ended_is_forgotten_after_thirty_days(office: Office) -> None:
    await office.happen()
    await office.turn()
    office.now += timedelta(days=31)
    office.post = office.fresh_post()
    await office.turn()

    assert await office.all() == []
