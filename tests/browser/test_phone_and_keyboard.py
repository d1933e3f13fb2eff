"""A list on a phone, the first stop of the Tab key, and what a chart says of itself."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, expect

from .house import House
from .test_looks import PHONE
from .watch import Watch

OpenContext = Callable[..., tuple[BrowserContext, Watch]]


def phone(open_context: OpenContext, house: House) -> Page:
    return open_context(house.url, house.owner, viewport=PHONE, has_touch=True)[0].new_page()


def test_a_device_is_a_card_on_a_phone_that_shows_all_of_itself(house: House, open_context: OpenContext) -> None:
    page = phone(open_context, house)
    page.goto("/devices")
    row = page.get_by_role("table", name="Devices").get_by_role("row").nth(1)
    expect(row.get_by_text("Online")).to_be_visible()
    expect(row.get_by_text("CPU")).to_be_visible()
    for cell in row.get_by_role("cell").locator("visible=true").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE["width"], f"“{cell.inner_text()}” leaves the screen"


def test_a_phone_shows_the_name_of_a_device_beside_its_actions(house: House, open_context: OpenContext) -> None:
    page = phone(open_context, house)
    page.goto(f"/devices/{house.ordinary()[0]['id']}")
    expect(page.get_by_role("button", name="Run command")).to_be_visible()
    name = page.get_by_role("heading", level=1).locator("span").first
    assert name.evaluate("element => element.scrollWidth <= element.clientWidth"), "the name is cut off"


def test_the_open_section_of_a_device_is_in_sight_on_a_phone(house: House, open_context: OpenContext) -> None:
    page = phone(open_context, house)
    page.goto(f"/devices/{house.ordinary()[0]['id']}/details")
    expect(page.get_by_role("navigation").get_by_role("link", name="Details")).to_be_in_viewport()


def test_the_first_stop_of_the_tab_key_leads_past_the_menu(owner_page: Page) -> None:
    owner_page.goto("/devices")
    expect(owner_page.get_by_role("heading", level=1)).to_be_visible()
    skip = owner_page.get_by_role("button", name="Skip to the page")
    owner_page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    owner_page.keyboard.press("Enter")
    expect(owner_page.get_by_role("main")).to_be_focused()


def test_nothing_moves_for_who_asked_for_stillness(house: House, open_context: OpenContext) -> None:
    page = open_context(house.url, house.owner, reduced_motion="reduce")[0].new_page()
    page.goto("/")
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    moving = "() => document.getAnimations().filter(one => one.effect.getTiming().iterations === Infinity).length"
    assert page.evaluate(moving) == 0


def test_the_overview_says_in_a_sentence_how_the_fleet_is(house: House, owner_page: Page) -> None:
    owner_page.goto("/")
    health = owner_page.get_by_role("region", name="Health of the fleet")
    expect(health.get_by_role("heading")).to_have_text(re.compile(r"online|offline"))
    health.get_by_role("link", name="offline").first.click()
    expect(owner_page).to_have_url(re.compile("/devices.*status=offline"))


def test_a_chart_says_which_rows_answered(owner_page: Page) -> None:
    owner_page.goto("/")
    expect(owner_page.get_by_text(re.compile("^From the fleet’s minutes · ")).first).to_be_visible()
    expect(owner_page.get_by_title(re.compile(r"stored rows? read in .* Times in ")).first).to_be_visible()


def test_a_question_that_is_too_heavy_says_what_to_narrow(house: House, open_context: OpenContext) -> None:
    context, watch = open_context(house.url, house.owner)
    watch.allow("status of 422")
    problem: dict[str, Any] = {
        "type": "about:blank", "title": "The question is too heavy", "status": 422, "code": "query.too-heavy",
        "detail": "the question went over 10 s", "remedy": "Ask for a coarser step.", "errors": [],
    }  # fmt: skip

    def refuse(route: Route) -> None:
        route.fulfill(status=422, json=problem, headers={"content-type": "application/problem+json"})

    page = context.new_page()
    page.route("**/api/v1/telemetry/series?*", refuse)
    page.goto("/")
    alert = page.get_by_role("alert").filter(has_text="query.too-heavy").first
    expect(alert).to_contain_text("Choose a shorter time range")
