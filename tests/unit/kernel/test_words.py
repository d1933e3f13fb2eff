"""Ids, cursors, credentials and time: the words that every part shares."""

import string
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.kernel.clock import from_text, to_text, utc_now
from tikfleet.kernel.ids import OrganisationId, is_id, new_id
from tikfleet.kernel.paging import Cursor
from tikfleet.kernel.scopes import OrgScope
from tikfleet.kernel.secrets import API_TOKEN, DEVICE_TOKEN, digest, looks_genuine, new_secret


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id("dev") for _ in range(5000)]

    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert all(is_id(item, "dev") for item in made)


def test_ids_made_by_several_threads_at_once_are_all_different() -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(new_id("job") for _ in range(2000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 8000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dev_",
        "dev_01m3k5x0v7q2a9b",
        "dev_01m3k5x0v7q2a9bcd",
        "dev_01M3K5X0V7Q2A9BC",
        "dev_01m3k5x0v7q2a9bi",
        "dev_01m3k5x0v7q2a9bc\n",
    ],
)
def test_what_is_not_an_id_is_told(text: str) -> None:
    assert not is_id(text, "dev")
    assert is_id("dev_01m3k5x0v7q2a9bc", "dev")
    assert not is_id("dev_01m3k5x0v7q2a9bc", "job")


sort_values = st.one_of(
    st.none(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=50)
)


@given(sort_values, st.text(max_size=30))
def test_a_cursor_is_read_back_or_refused_for_its_nul(value: str | float | None, id_: str) -> None:
    cursor = Cursor(value, id_)
    text = cursor.encode()
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")
    if "\x00" in id_ or (isinstance(value, str) and "\x00" in value):
        with pytest.raises(ValueError, match="not a cursor"):
            Cursor.decode(text)
    else:
        assert Cursor.decode(text) == cursor


@given(st.text(max_size=100))
def test_no_other_text_is_a_cursor_by_accident(text: str) -> None:
    found: object = None
    with suppress(ValueError):
        found = Cursor.decode(text)

    assert found is None or isinstance(found, Cursor)


def test_a_secret_has_its_form_and_each_is_new() -> None:
    made = {new_secret(DEVICE_TOKEN) for _ in range(100)}

    assert len(made) == 100
    assert all(len(item) == 53 and looks_genuine(item, DEVICE_TOKEN) for item in made)
    assert not any(looks_genuine(item, API_TOKEN) for item in made)


def test_every_changed_character_of_a_secret_is_noticed() -> None:
    secret = new_secret(DEVICE_TOKEN)
    for at in range(4, len(secret)):
        other = "A" if secret[at] != "A" else "B"
        assert not looks_genuine(secret[:at] + other + secret[at + 1 :], DEVICE_TOKEN)
    assert not looks_genuine(secret + "\n", DEVICE_TOKEN)
    assert not looks_genuine("", DEVICE_TOKEN)
    assert len(digest(secret)) == 32


moments = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments, moments)
def test_times_as_text_sort_as_they_read_and_come_back(one: datetime, other: datetime) -> None:
    assert from_text(to_text(one)) == one.replace(microsecond=one.microsecond // 1000 * 1000)
    if one <= other:
        assert to_text(one) <= to_text(other)
    assert len(to_text(one)) == 24


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    there = datetime(2026, 11, 23, 6, 0, tzinfo=timezone(timedelta(hours=2)))

    assert to_text(there) == "2026-11-23T04:00:00.000Z"
    assert from_text("2026-11-23T06:00:00+02:00") == there
    assert utc_now().tzinfo is UTC


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-23T04:00:00", "2026-02-30T00:00:00Z", "2026-11-23"])
def test_a_text_without_a_moment_or_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_text(text)


def test_a_scope_holds_its_own_organisations_only() -> None:
    acme, globex = OrganisationId("org_a"), OrganisationId("org_b")

    assert acme in OrgScope.only(acme)
    assert globex not in OrgScope.only(acme)
    assert globex in OrgScope(acme, (acme, globex))
    with pytest.raises(AttributeError):
        msgspec.structs.force_setattr(OrgScope.only(acme), "nothing", 1)
