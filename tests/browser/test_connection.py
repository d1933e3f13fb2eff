"""What the dashboard says when the server is gone, comes back, or refuses."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.conftest import PlatformProcess

from .house import OWNER, Account, Fleet, House, console_token, until
from .watch import Watch

OpenContext = Callable[..., tuple[BrowserContext, Watch]]
SLOW_MS = 11_000
NOT_YET = "The server has not answered yet."
ASK_AGAIN_MS = 31_000  # the list asks every 30 s
PROBLEM = {
    "type": "/docs/errors#warehouse.unavailable",
    "code": "warehouse.unavailable",
    "title": "History can't be read",
    "status": 503,
    "detail": "The warehouse did not answer",
    "remedy": "Wait a minute, then look at the server's log",
}
LISTS = {
    "/": ("**/api/v1/telemetry/**", "/telemetry/"),
    "/devices": ("**/api/v1/devices?**", "/devices"),
    "/events": ("**/api/v1/events?**", "/events"),
    "/jobs": ("**/api/v1/jobs?**", "/jobs"),
    "/library": ("**/api/v1/library?**", "/library"),
    "/sites": ("**/api/v1/sites?**", "/sites"),
    "/audit": ("**/api/v1/audit?**", "/audit"),
    "/runs": ("**/api/v1/runs?**", "/runs"),
    "/logs": ("**/api/v1/logs?**", "/logs"),
    "/traffic": ("**/api/v1/traffic/**", "/traffic/"),
    "/settings/server": ("**/api/v1/server", "/server"),
}
EMPTY = re.compile(
    "No devices yet|No scripts yet|"
    "Nothing has happened yet|No jobs|No runs|No log lines in this period|No traffic in this period|"
    "No sites yet|Nothing written down yet|Nothing was measured"
)


@pytest.fixture
def own_platform(
    platform_process: Callable[..., PlatformProcess], tmp_path: Path
) -> Iterator[tuple[PlatformProcess, Account]]:
    """A platform with one router, to be killed."""
    platform = platform_process()
    platform.start()
    account = Account(platform.url, "/setup", OWNER | {"token": console_token(platform)})
    key = account.ask("POST", "/enrolment-keys", {"name": "one"})["secret"]
    fleet = Fleet.plain(platform.url, key, tmp_path / "fleet.log")
    until(lambda: account.ask("GET", "/devices?status=online")["items"], "a router coming online")
    yield platform, account
    fleet.end()


def test_a_lost_server_is_said_so_and_its_return_is_noticed(
    own_platform: tuple[PlatformProcess, Account], open_context: OpenContext
) -> None:
    platform, account = own_platform
    context, watch = open_context(platform.url, account)
    page = context.new_page()
    page.clock.install()
    page.goto("/devices")
    row = page.get_by_role("table", name="Devices").locator("tbody tr")
    expect(row).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="Live ·")).to_be_visible()

    watch.allow("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    platform.kill()
    page.clock.fast_forward(ASK_AGAIN_MS)
    expect(page.get_by_text(re.compile("Live updates are interrupted|out of reach"))).to_be_visible()
    expect(page.get_by_text("The Tikfleet server is out of reach")).to_be_visible(timeout=60_000)
    expect(row).to_have_count(1)  # what was known stays in sight
    expect(page.get_by_text(re.compile("State of "))).to_be_visible(timeout=60_000)

    platform.start()
    page.clock.fast_forward(ASK_AGAIN_MS)
    expect(page.get_by_text("The Tikfleet server is out of reach")).to_be_hidden(timeout=60_000)
    expect(page.get_by_role("status").filter(has_text="Live ·")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("State of "))).to_be_hidden(timeout=60_000)
    expect(row).to_have_count(1)


@pytest.mark.parametrize("path", list(LISTS))
def test_a_refused_question_is_a_problem_with_a_remedy_and_never_an_empty_list(
    path: str, house: House, open_context: OpenContext
) -> None:
    page, _ = refused(path, house, open_context, 503, PROBLEM)
    expect(page.get_by_role("alert").filter(has_text=PROBLEM["detail"]).first).to_be_visible()
    expect(page.get_by_text(PROBLEM["remedy"]).first).to_be_visible()
    expect(page.get_by_text(PROBLEM["code"]).first).to_be_visible()
    expect(page.get_by_role("button", name="Try again").first).to_be_visible()
    expect(page.get_by_text(EMPTY)).to_have_count(0)


def test_a_try_after_a_refusal_shows_the_list(house: House, open_context: OpenContext) -> None:
    page, pattern = refused("/devices", house, open_context, 500, {"error": "no problem document"})
    expect(page.get_by_text("The server answered with status 500")).to_be_visible()
    expect(page.get_by_text("look into its log")).to_be_visible()
    page.unroute(pattern)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table", name="Devices").locator("tbody tr")).to_have_count(50)


def test_a_server_that_lets_a_page_wait_is_said_so_and_can_be_asked_again(
    house: House, open_context: OpenContext
) -> None:
    context, _ = open_context(house.url, house.owner)
    page = context.new_page()
    page.clock.install()
    pattern, _ = LISTS["/devices"]
    waits = True
    left_waiting: list[Route] = []

    def answer(route: Route) -> None:
        if waits:
            left_waiting.append(route)
        else:
            route.continue_()

    page.route(pattern, answer)
    page.goto("/devices")
    expect(page.locator("[aria-busy=true]").first).to_be_visible()
    expect(page.get_by_text(NOT_YET)).to_have_count(0)
    page.clock.fast_forward(SLOW_MS)
    expect(page.get_by_text(NOT_YET)).to_be_visible()
    waits = False
    page.get_by_role("button", name="Try again").click()
    rows = page.get_by_role("table", name="Devices").locator("tbody tr")
    expect(rows).to_have_count(50)
    expect(page.get_by_text(NOT_YET)).to_have_count(0)

    waits = True  # now with something to show, which is marked as old
    page.clock.fast_forward(ASK_AGAIN_MS)
    page.clock.fast_forward(SLOW_MS)
    expect(page.get_by_text(NOT_YET)).to_be_visible()
    expect(page.get_by_text(re.compile("State of "))).to_be_visible()
    expect(rows).to_have_count(50)


def refused(path: str, house: House, open_context: OpenContext, status: int, body: object) -> tuple[Page, str]:
    """A page whose list is answered with this status. Gives the page and the pattern of what is refused."""
    pattern, place = LISTS[path]
    context, watch = open_context(house.url, house.owner)
    watch.allow(f"status of {status} .*{re.escape(place)}")

    def answer(route: Route) -> None:
        route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(body))

    page = context.new_page()
    page.route(pattern, answer)
    page.goto(path)
    return page, pattern
