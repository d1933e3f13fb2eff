"""What a search asks of the store, so that its indexes help."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from tikfleet.domains.logs.retention import LogRetention
from tikfleet.domains.logs.search import LogSearch, LogSearches
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Answer, FactQuery, Holds, OneOf

SCOPE = OrgScope.only(OrganisationId("org_a"))


class Store:
    """Notes what it is asked; says how many lines there are."""

    def __init__(self, lines: int) -> None:
        self._lines = lines
        self.asked: list[FactQuery] = []

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        self.asked.append(query)
        return Answer((), [()] * self._lines, 0.0, 0)


class Nobody:
    async def log_days(self) -> Mapping[OrganisationId, int]:
        return {}


def searches(store: Store) -> LogSearches:
    def now() -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)

    return LogSearches(store, LogRetention(Nobody(), now), now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("condition", "spelled"),
    [
        ("address=192.0.2.7", True),
        ("to_address=192.0.2.7", True),
        ("address!=192.0.2.7", False),
        ("address=2001:db8::7", False),
        ("user=192.0.2.7", False),
    ],
)
async def test_the_address_of_a_field_is_looked_for_as_a_word_too(condition: str, *, spelled: bool) -> None:
    store = Store(0)

    await searches(store).lines(SCOPE, LogSearch(0, 1, where=(condition,)), 10, None)

    field, *words = store.asked[0].filters
    assert isinstance(field, OneOf)
    assert words == ([Holds("message", "192.0.2.7")] if spelled else [])


async def test_lines_are_counted_where_there_is_one() -> None:
    none, some = Store(0), Store(1)

    assert (await searches(none).histogram(SCOPE, LogSearch(0, 1000, "login down")))[1].rows == []
    await searches(some).histogram(SCOPE, LogSearch(0, 1000, "login failure"))
    await searches(some).facet(SCOPE, LogSearch(0, 1000, where=("action=drop",)), "user", 5)

    assert [(query.listing, query.limit) for query in none.asked] == [(True, 1)]
    assert [query.listing for query in some.asked] == [True, False, False]
