"""How long lines are kept, by organisation: what is asked for, and what is removed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tikfleet.domains.logs.facts import LINES
from tikfleet.domains.logs.retention import LogRetention
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Expired

DAY_MS = 86_400_000
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
MIDNIGHT_MS = NOW_MS - DAY_MS // 4
ACME, GLOBEX, INITECH = map(OrganisationId, ("org_a", "org_g", "org_i"))


class Store:
    """Notes what it is to forget."""

    def __init__(self) -> None:
        self.forgot: list[tuple[str, tuple[str, ...], int]] = []

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None:
        self.forgot.append((table, scope.org_ids, before_ms))


class Chosen:
    """Days by organisation."""

    def __init__(self, **days: int) -> None:
        self._days = {OrganisationId(f"org_{name}"): count for name, count in days.items()}

    async def log_days(self) -> Mapping[OrganisationId, int]:
        return self._days


def retention(**days: int) -> LogRetention:
    return LogRetention(Chosen(**days), lambda: NOW)


async def test_a_question_is_as_it_was_where_nobody_chose_or_it_asks_for_later() -> None:
    scope = OrgScope(ACME, (ACME, GLOBEX))

    assert await retention().shown(scope, 0) == (0, ())
    assert await retention(i=1).shown(scope, 0) == (0, ())
    assert await retention(a=1, g=1).shown(scope, NOW_MS - 1000) == (NOW_MS - 1000, ())


async def test_a_question_begins_where_the_lines_of_all_its_organisations_do() -> None:
    assert await retention(a=7).shown(OrgScope.only(ACME), 0) == (NOW_MS - 7 * DAY_MS, ())
    assert await retention(a=7, g=7).shown(OrgScope(ACME, (ACME, GLOBEX)), 0) == (NOW_MS - 7 * DAY_MS, ())


async def test_organisations_that_keep_less_than_others_of_the_scope_are_bounded_by_themselves() -> None:
    scope = OrgScope(ACME, (ACME, GLOBEX, INITECH))
    a_day, a_week = Expired((GLOBEX,), NOW_MS - DAY_MS), Expired((ACME,), NOW_MS - 7 * DAY_MS)

    assert await retention(a=7, g=1).shown(scope, 0) == (0, (a_day, a_week))
    assert await retention(a=7, g=1).shown(OrgScope(ACME, (ACME, GLOBEX)), 0) == (NOW_MS - 7 * DAY_MS, (a_day,))
    assert await retention(a=7, g=1).shown(scope, NOW_MS - 2 * DAY_MS) == (NOW_MS - 2 * DAY_MS, (a_day,))


async def test_the_sweep_removes_whole_days_once_for_all_that_keep_as_many() -> None:
    store: Any = Store()
    await retention(a=7, g=1, i=7).sweep(store)

    assert store.forgot == [
        (LINES, (GLOBEX,), MIDNIGHT_MS - DAY_MS),
        (LINES, (ACME, INITECH), MIDNIGHT_MS - 7 * DAY_MS),
    ]


async def test_nobody_chose_and_nothing_is_removed() -> None:
    store: Any = Store()
    await retention().sweep(store)

    assert store.forgot == []
