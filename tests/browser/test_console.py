"""A session with a whole virtual router, and its menus as tables. With TIKFLEET_SCREENSHOTS=1, pictures are kept."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.conftest import PlatformProcess

from .house import OWNER, Account, Fleet, console_token, until
from .test_looks import PHONE, keep
from .watch import Watch

OpenContext = Callable[..., tuple[BrowserContext, Watch]]
ROUTER = Path(__file__).with_name("whole_router.py")


class ReachablePlatform(PlatformProcess):
    """A platform whose agents report to the loopback, where the router of this test is."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._environment["TIKFLEET_PUBLIC_URL"] = self.url


class Home:
    """A platform with an owner and one whole router."""

    def __init__(self, platform: PlatformProcess) -> None:
        self.url = platform.url
        self.owner = Account(self.url, "/setup", OWNER | {"token": console_token(platform)})
        key = self.owner.ask("POST", "/enrolment-keys", {"name": "Home"})["secret"]
        log = platform.directory.with_name("router.log")
        self.fleet = Fleet([sys.executable, str(ROUTER), self.url, key], log)
        try:
            self.device_id: str = until(self._reported, "the router enrolling and reporting", 180)
        except BaseException:
            self.fleet.end()
            raise

    def _reported(self) -> str:
        found = self.owner.ask("GET", "/devices?status=online")["items"]
        return next((device["id"] for device in found if device["uptime_s"] is not None), "")


@pytest.fixture(scope="module")
def home(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    platform = ReachablePlatform(tmp_path_factory.mktemp("home") / "data")
    try:
        platform.start()
        home = Home(platform)
        yield home
        home.fleet.end()
    finally:
        platform.end()


@pytest.fixture
def open_home(home: Home, open_context: OpenContext) -> Callable[..., Page]:
    """Opens a page of the router, as its owner sees it: `open_home("console")`."""

    def make(section: str, **options: Any) -> Page:
        page = open_context(home.url, home.owner, **options)[0].new_page()
        page.goto(f"/devices/{home.device_id}/{section}")
        return page

    return make


def say(page: Page, line: str) -> Locator:
    """Write a line, and give the place where its answer comes."""
    editor = page.get_by_role("textbox", name="Command line")
    editor.click()
    page.keyboard.type(line)
    page.keyboard.press("Enter")
    return page.get_by_role("list", name="Session").locator("> li").last


def test_live_mode_comes_on_by_opening_the_console_and_a_print_is_a_table(open_home: Callable[..., Page]) -> None:
    page = open_home("console")
    expect(page.get_by_text("Live: answers at once")).to_be_visible()
    table = say(page, "/ip address print").get_by_role("table", name="/ip/address")
    expect(table.get_by_role("row").filter(has_text="192.0.2.1/24")).to_contain_text("uplink")
    keep(page, "console-wide-light")


def test_a_condition_narrows_and_a_path_alone_moves_there(open_home: Callable[..., Page]) -> None:
    page = open_home("console")
    expect(page.get_by_text("Live: answers at once")).to_be_visible()
    say(page, "/ip address")
    table = say(page, "print where comment=lan").get_by_role("table", name="/ip/address")
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(table).to_contain_text("198.51.100.1/24")


def test_what_changes_something_becomes_a_job_with_its_output(open_home: Callable[..., Page]) -> None:
    page = open_home("console")
    answer = say(page, ':put ("the name is " . [/system identity get name])')
    expect(answer.get_by_label("Output", exact=True)).to_contain_text("the name is whole-router")
    answer.get_by_role("link", name="Open job").click()
    expect(page).to_have_url(re.compile("/jobs/job_"))


def test_a_mistake_is_said_in_the_routers_own_words(home: Home, open_context: OpenContext) -> None:
    context, watch = open_context(home.url, home.owner)
    watch.allow("status of 400 .*/routeros/nonsense")
    page = context.new_page()
    page.goto(f"/devices/{home.device_id}/console")
    expect(say(page, "/nonsense print").get_by_text("no such command")).to_be_visible()


def test_tab_completes_and_the_arrow_brings_a_line_back(open_home: Callable[..., Page]) -> None:
    page = open_home("console")
    editor = page.get_by_role("textbox", name="Command line")
    editor.click()
    page.keyboard.type("/ip addr")
    page.keyboard.press("Tab")
    expect(editor).to_have_text("/ip address")
    page.keyboard.type("pr")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(editor).to_have_text("/ip address print")  # the placeholder
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    expect(editor).to_have_text("/ip address print")
    expect(page.get_by_role("list", name="Session").locator("> li")).to_have_count(1)


def test_a_menu_is_a_table_that_can_be_searched_and_a_row_shows_all(open_home: Callable[..., Page]) -> None:
    page = open_home("browse?menu=/ip/address")
    table = page.get_by_role("table", name="/ip/address")
    expect(table.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Find in rows").fill("198.51")
    expect(table.locator("tbody tr")).to_have_count(1)
    table.get_by_role("button", name="All of row").click()
    expect(page.get_by_role("dialog", name="/ip/address").get_by_text("198.51.100.0", exact=True)).to_be_visible()


def test_another_menu_is_asked_for_by_its_name(open_home: Callable[..., Page]) -> None:
    page = open_home("browse")
    page.get_by_role("navigation", name="Menus").get_by_role("button", name="/system/identity").click()
    expect(page).to_have_url(re.compile("menu=/system/identity"))
    expect(page.get_by_text("whole-router", exact=True).last).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="/system/identity")).to_be_visible()


def test_a_question_to_the_fleet_is_answered_in_rows_and_can_be_saved(home: Home, open_context: OpenContext) -> None:
    page = open_context(home.url, home.owner)[0].new_page()
    page.goto("/query")
    page.get_by_role("textbox", name="Query").click()
    page.keyboard.type("/ip/address where comment=lan")
    page.get_by_label("Wait for sleepers, s").fill("120")
    page.get_by_role("button", name="Ask one device").click()
    rows = page.get_by_role("table", name="Fleet query").locator("tbody tr")
    expect(rows).to_have_count(1, timeout=130_000)
    expect(rows.first).to_contain_text("198.51.100.1/24")
    expect(page.get_by_text("Every device answered.")).to_be_visible()
    keep(page, "query-rows-wide-light")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert "198.51.100.1/24" in download.value.path().read_text()

    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="Save this query")
    dialog.get_by_label("Name").fill("Inside addresses")
    dialog.get_by_role("button", name="Save").click()
    page.goto("/query")
    page.get_by_role("button", name="Inside addresses").click()
    expect(page.get_by_role("textbox", name="Query")).to_have_text("/ip/address where comment=lan")


def test_a_question_that_cannot_be_read_is_refused_with_the_place(home: Home, open_context: OpenContext) -> None:
    context, watch = open_context(home.url, home.owner)
    watch.allow("status of 409 .*/api/v1/queries")
    page = context.new_page()
    page.goto("/query")
    page.get_by_role("textbox", name="Query").click()
    page.keyboard.type("/ip/address where [reboot]")
    page.get_by_role("button", name="Ask one device").click()
    expect(page.get_by_text("query.unreadable")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_console_and_browse_fit_a_phone(scheme: str, open_home: Callable[..., Page]) -> None:
    for section in ("console", "browse?menu=/ip/address"):
        page = open_home(section, viewport=PHONE, has_touch=True, color_scheme=scheme)
        expect(page.get_by_text("Live: answers at once")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        keep(page, f"{section.partition('?')[0]}-phone-{scheme}")
