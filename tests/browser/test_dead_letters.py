"""Dead letters on the page of the server: none, some, replayed, discarded, and a store that does not answer."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tikfleet.adapters.sqlite.queue import SqliteQueue

from .house import House
from .watch import Watch


@pytest.fixture
def letters(house: House) -> Iterator[None]:
    """Two messages of the platform's own queue that were handed out five times."""
    path = house.platform.directory / "queue.sqlite"
    # The browser's own loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _died(path, b"offline watch", b"<b>runs</b>")).result()
        yield
        thread.submit(asyncio.run, _died(path)).result()


async def _died(path: Any, *bodies: bytes) -> None:
    queue = SqliteQueue(path)
    for message in [*await queue.dead("work", 100), *await queue.take("work", 100, 0)]:
        await queue.done(message)
    for body in bodies:
        await queue.send("work", body)
    for _ in range(5):
        await queue.take("work", 100, 0)
    await queue.close()


def test_they_are_shown_replayed_and_discarded(owner_page: Page, letters: None) -> None:
    owner_page.goto("/settings/server")
    panel = owner_page.get_by_role("list", name="Dead letters")
    expect(panel.get_by_role("listitem")).to_have_count(2)
    expect(panel.get_by_text("<b>runs</b>")).to_be_visible()

    panel.get_by_role("listitem").filter(has_text="offline").get_by_role("button", name="Show").click()
    expect(owner_page.get_by_role("dialog").get_by_text("offline watch")).to_be_visible()
    owner_page.keyboard.press("Escape")
    panel.get_by_role("listitem").filter(has_text="offline").get_by_role("button", name="Replay").click()
    expect(panel.get_by_role("listitem")).to_have_count(1)
    panel.get_by_role("button", name="Discard").click()
    owner_page.get_by_role("dialog").get_by_role("button", name="Discard").click()

    expect(owner_page.get_by_text("Nothing was given up")).to_be_visible()


def test_a_queue_that_does_not_answer_is_told_apart_from_none(
    house: House, open_context: Callable[..., tuple[BrowserContext, Watch]]
) -> None:
    context, watch = open_context(house.url, house.owner)
    watch.allow("status of 503 .*/server/letters")
    owner_page = context.new_page()

    def refuse(route: Route) -> None:
        problem = {
            "code": "unavailable",
            "status": 503,
            "title": "x",
            "detail": "sqs does not answer",
            "remedy": "Wait.",
        }
        route.fulfill(status=503, content_type="application/problem+json", json=problem)

    owner_page.route("**/api/v1/server/letters", refuse)
    owner_page.goto("/settings/server")

    expect(owner_page.get_by_text("sqs does not answer")).to_be_visible()
    expect(owner_page.get_by_text("Nothing was given up")).to_have_count(0)
