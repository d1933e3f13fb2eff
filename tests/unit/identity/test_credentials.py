import asyncio
import statistics
import time

import pytest
from argon2 import PasswordHasher

from tikfleet.domains.identity.errors import BeyondYourRole, PasswordWeak, SignInThrottled
from tikfleet.domains.identity.model import (
    Identified,
    Standing,
    csrf_of,
    require_role_within,
    require_strong,
    strongest,
)
from tikfleet.domains.identity.passwords import Passwords
from tikfleet.domains.identity.recognition import Recognition
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.permissions import ROLE_PERMISSIONS
from tikfleet.kernel.scopes import OrgScope

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ADA = Identified("person", "per_1", "Ada", OrgScope.only(OrganisationId("org_1")), frozenset())


async def test_a_password_is_known_again_however_the_keyboard_composes_it():
    passwords = Passwords(QUICK)
    stored = await passwords.hash("cafe\u0301 au lait fini")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify(stored, "caf\u00e9 au lait fini")
    assert not await passwords.verify(stored, "cafe au lait fini")


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$broken"])
async def test_what_is_no_hash_verifies_nothing(stored):
    assert not await Passwords(QUICK).verify(stored, "nobody has this password")


async def test_an_unknown_address_takes_the_time_of_a_wrong_password():
    passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1))
    stored = await passwords.hash("some password here")

    async def median_s(known: str | None) -> float:
        took = []
        for _ in range(7):
            started = time.perf_counter()
            await passwords.verify(known, "wrong password here")
            took.append(time.perf_counter() - started)
        return statistics.median(took)

    known_s, unknown_s = await median_s(stored), await median_s(None)
    assert 0.4 < known_s / unknown_s < 2.5


async def test_old_parameters_are_noticed():
    stored = await Passwords(QUICK).hash("some password here")
    assert not Passwords(QUICK).outdated(stored)
    assert Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).outdated(stored)


async def test_few_hash_at_once_and_a_crowd_is_sent_away():
    passwords = Passwords(QUICK, at_once=1)
    done = await asyncio.gather(*(passwords.hash("some password") for _ in range(60)), return_exceptions=True)
    refused = [one for one in done if isinstance(one, SignInThrottled)]
    assert len(refused) == 20
    assert await passwords.hash("some password")


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "121212121212", "ada@acme.example", "ada@acme.example1!"])
def test_easy_passwords_are_refused(password):
    with pytest.raises(PasswordWeak):
        require_strong(password, "ada@acme.example", "Ada Example")


def test_a_long_password_may_hold_a_name():
    require_strong("my friend example writes long sentences", "ada@acme.example", "Ada Example")


def test_roles_are_nested_sets_of_permissions():
    viewer, operator, admin, owner = (ROLE_PERMISSIONS[role] for role in ("viewer", "operator", "admin", "owner"))
    assert viewer < operator < admin < owner
    require_role_within("admin", admin)
    with pytest.raises(BeyondYourRole):
        require_role_within("owner", admin)


def test_the_strongest_standing_counts():
    standings = [Standing("viewer", "here"), Standing("admin", "above"), Standing("admin", "top")]
    assert strongest(standings) == Standing("admin", "above")
    assert strongest([]) is None


def test_a_csrf_token_belongs_to_secret_and_nonce():
    assert len({csrf_of("a", "1"), csrf_of("a", "2"), csrf_of("b", "1")}) == 3


async def test_recognition_lasts_seconds_and_ends_at_any_change():
    now, asked = 0.0, []

    async def look_up(key: bytes) -> Identified | None:
        asked.append(key)
        return ADA if key == b"known" else None

    recognition = Recognition(lambda: now, kept_s=5)
    for _ in range(3):
        assert await recognition.find(b"known", look_up) == ADA
        assert await recognition.find(b"unknown", look_up) is None
    assert asked.count(b"known") == 1
    assert asked.count(b"unknown") == 3
    now = 6
    await recognition.find(b"known", look_up)
    assert asked.count(b"known") == 2
    recognition.forget()
    await recognition.find(b"known", look_up)
    assert asked.count(b"known") == 3


async def test_what_was_looked_up_before_a_change_is_not_kept_after_it():
    recognition = Recognition(lambda: 0.0)
    asked = 0

    async def look_up(_key: bytes) -> Identified | None:
        nonlocal asked
        asked += 1
        recognition.forget()
        return ADA

    await recognition.find(b"known", look_up)
    await recognition.find(b"known", look_up)
    assert asked == 2
