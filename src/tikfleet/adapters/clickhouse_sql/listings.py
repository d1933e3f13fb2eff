"""Listings of few rows among many, asked in stretches of time that grow, from the end that is wanted first.

In one question an engine that reads in order looks into every part of a table for its first row that fits, all at
once: a hundred lines of an hour would cost the memory and the time of a month.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from tikfleet.ports.warehouse import Answer, Expired, FactQuery

Settings = Mapping[str, int]
_FIRST_SHARE: Final = 64
_GROWTH: Final = 3
_LEAST_MS: Final = 600_000
# So few days have few parts, whose buffers fit into the memory of a question.
_MOST_MS: Final = 2 * 86_400_000
_AS_STORED: Final[Settings] = {}
# Where the stretch before had hardly any, this one is looked through whole, with all threads.
_AS_FOUND: Final[Settings] = {"optimize_read_in_order": 0}


async def listed(query: FactQuery, ask: Callable[[FactQuery, Settings], Awaitable[Answer]]) -> Answer:
    """The answer of all stretches, as far as they are needed."""
    columns: Sequence[str] = ()
    rows: list[Sequence[Any]] = []
    elapsed_ms, rows_read, settings = 0.0, 0, _AS_STORED
    for since_ms, until_ms in _stretches(query):
        part = msgspec.structs.replace(query, since_ms=since_ms, until_ms=until_ms, limit=query.limit - len(rows))
        answer = await ask(part, settings)
        columns, settings = answer.columns, _AS_FOUND
        rows += answer.rows
        elapsed_ms += answer.elapsed_ms
        rows_read += answer.rows_read
        if len(rows) >= query.limit:
            break
    return Answer(tuple(columns), rows, elapsed_ms, rows_read)


def _stretches(query: FactQuery) -> Iterator[tuple[int | None, int | None]]:
    """From and until when, one after the other."""
    since, until = query.since_ms, query.until_ms
    chosen = any(not isinstance(wanted, Expired) for wanted in query.filters)
    if since is None or until is None or not chosen:
        yield since, until
        return
    length = min(max((until - since) // _FIRST_SHARE, _LEAST_MS), _MOST_MS)
    while until - since > length:
        cut = until - length if query.descending else since + length
        yield (cut, until) if query.descending else (since, cut)
        since, until = (since, cut) if query.descending else (cut, until)
        length *= _GROWTH
    yield since, until
