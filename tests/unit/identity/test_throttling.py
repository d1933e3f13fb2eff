from datetime import UTC, datetime, timedelta

import pytest

from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.domains.identity.errors import SignInThrottled
from tikfleet.domains.identity.throttling import ACCOUNT, PAIR, SOURCE, Gate, SignInThrottle

VICTIM = "ada@acme.example"


class Scene:
    def __init__(self):
        self.now = datetime(2026, 11, 23, tzinfo=UTC)
        self.throttle = SignInThrottle(MemoryCache(self.now_s), lambda: self.now)

    def now_s(self):
        return self.now.timestamp()

    async def wait_s(self, email, source):
        """How long an attempt is told to wait; 0 when it may go on."""
        try:
            await self.throttle.admit(email, source)
        except SignInThrottled as refused:
            return refused.retry_after_s
        return 0

    async def attempts(self, seconds, email, sources):
        """How many attempts get through when somebody tries each second."""
        through = 0
        for n in range(seconds):
            through += await self.wait_s(email, sources(n)) == 0
            self.now += timedelta(seconds=1)
        return through


@pytest.fixture
def scene():
    return Scene()


def test_delays_double_up_to_a_longest():
    gate = Gate(free=2, longest_s=10)
    assert [gate.delay_s(n) for n in range(1, 8)] == [0, 0, 2, 4, 8, 10, 10]
    assert gate.delay_s(10**9) == 10


async def test_one_source_at_one_account_gets_a_few_guesses_a_minute(scene):
    through = await scene.attempts(900, VICTIM, lambda n: "198.51.100.7")
    assert through <= PAIR.free + 5 + 900 / PAIR.longest_s


async def test_one_source_cannot_try_one_password_on_many_accounts(scene):
    through = 0
    for n in range(900):
        through += await scene.wait_s(f"p{n}@acme.example", "198.51.100.7") == 0
        scene.now += timedelta(seconds=1)
    assert through <= SOURCE.free + 9 + 900 / SOURCE.longest_s


async def test_neighbours_in_an_ipv6_network_are_one_source(scene):
    through = await scene.attempts(300, VICTIM, lambda n: f"2001:db8:1:2::{n:x}")
    assert through < 20


async def test_many_sources_at_one_account_are_slowed_down(scene):
    through = await scene.attempts(800, VICTIM, lambda n: f"198.51.{n % 250}.{n // 250}")
    assert through <= ACCOUNT.free + 4 + 800 / ACCOUNT.longest_s


async def test_strangers_never_lock_out_a_source_that_signed_in_before(scene):
    await scene.throttle.succeeded(VICTIM, "192.0.2.1")
    for n in range(300):
        await scene.wait_s(VICTIM, f"198.51.{n % 250}.{n // 250}")
        scene.now += timedelta(milliseconds=100)
    assert await scene.wait_s(VICTIM, "192.0.2.1") == 0


async def test_strangers_delay_a_new_source_by_seconds_only(scene):
    for n in range(300):
        await scene.wait_s(VICTIM, f"198.51.{n % 250}.{n // 250}")
        scene.now += timedelta(milliseconds=100)
    assert 0 < await scene.wait_s(VICTIM, "192.0.2.1") <= ACCOUNT.longest_s


async def test_success_forgives_the_pair(scene):
    for _ in range(PAIR.free):
        await scene.throttle.admit(VICTIM, "192.0.2.1")
    await scene.throttle.succeeded(VICTIM, "192.0.2.1")
    for _ in range(PAIR.free):
        assert await scene.wait_s(VICTIM, "192.0.2.1") == 0


async def test_the_window_ends(scene):
    for _ in range(20):
        await scene.wait_s(VICTIM, "192.0.2.1")
    scene.now += timedelta(minutes=16)
    assert [await scene.wait_s(VICTIM, "192.0.2.1") for _ in range(PAIR.free)] == [0] * PAIR.free
