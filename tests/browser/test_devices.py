"""The list of devices, the command palette and the keyboard, on a fleet of more than one page."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import ROUTERS
from .hostile_text import SHOWN
from .house import House

SEARCH = "Name, serial, address…"


@pytest.fixture
def devices(owner_page: Page) -> Page:
    """The page of devices, loaded."""
    owner_page.goto("/devices")
    expect(rows(owner_page)).to_have_count(50)
    return owner_page


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Devices").locator("tbody tr")


def names(page: Page) -> list[str]:
    return page.get_by_role("table", name="Devices").locator("tbody tr td:nth-child(2) a").all_inner_texts()


def plain_device(house: House, number: int) -> str:
    """The name of one of the routers that are not hostile."""
    return str(house.ordinary()[number]["name"])


def test_the_command_palette_finds_a_device_and_opens_it(house: House, owner_page: Page) -> None:
    name = plain_device(house, 3)
    owner_page.goto("/events")
    expect(owner_page.get_by_role("heading", name="Events")).to_be_visible()

    owner_page.keyboard.press("Control+k")
    owner_page.get_by_placeholder("A device, a page, an action…").fill(name)
    owner_page.get_by_role("option", name=re.compile(re.escape(name))).first.click()

    expect(owner_page).to_have_url(re.compile("/devices/dev_"))
    expect(owner_page.get_by_role("heading", level=1)).to_contain_text(name)


def test_a_question_mark_shows_what_the_keyboard_does(devices: Page) -> None:
    devices.keyboard.press("?")
    sheet = devices.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.get_by_text("Go to Devices")).to_be_visible()
    devices.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_slash_leads_to_the_search_and_letters_to_pages(devices: Page) -> None:
    devices.keyboard.press("/")
    expect(devices.get_by_label(SEARCH)).to_be_focused()
    expect(devices.get_by_label(SEARCH)).to_have_value("")
    devices.get_by_role("heading", level=1).click()
    devices.keyboard.press("g")
    devices.keyboard.press("j")
    expect(devices).to_have_url(re.compile("/jobs$"))


def test_a_search_narrows_the_list_and_stands_in_the_address(house: House, devices: Page) -> None:
    name = plain_device(house, 0)
    devices.get_by_label(SEARCH).fill(name)
    expect(devices).to_have_url(re.compile(r"[?&]q="))
    expect(rows(devices).filter(has_text=name).first).to_be_visible()
    expect(rows(devices).filter(has_not_text=name)).to_have_count(0)

    devices.reload()
    expect(devices.get_by_label(SEARCH)).to_have_value(name)
    expect(rows(devices).filter(has_text=name).first).to_be_visible()
    expect(rows(devices).filter(has_not_text=name)).to_have_count(0)


def test_a_search_that_finds_nothing_offers_the_way_back(devices: Page) -> None:
    devices.get_by_label(SEARCH).fill("there is no such router")
    expect(devices.get_by_text("No device matches these filters")).to_be_visible()
    devices.get_by_role("button", name="Clear filters").first.click()
    expect(rows(devices)).to_have_count(50)
    expect(devices).not_to_have_url(re.compile("q="))


def test_a_filter_and_a_sort_stand_in_the_address_and_are_the_servers(house: House, devices: Page) -> None:
    devices.get_by_role("button", name="Status").first.click()
    devices.get_by_role("group", name="Status").get_by_text("Online").click()
    expect(devices).to_have_url(re.compile("status=online"))
    devices.keyboard.press("Escape")

    header = devices.get_by_role("columnheader", name="Name")
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(devices).to_have_url(re.compile("sort=-name"))
    last = house.devices("status=online&sort=-name")[0]["name"]
    expect(rows(devices).first.get_by_role("link").first).to_have_text(SHOWN.get(last, last))


def test_pages_follow_one_another_and_the_back_button_returns(devices: Page) -> None:
    first = names(devices)
    expect(devices.get_by_text(f"1–50 of {ROUTERS}")).to_be_visible()
    devices.get_by_role("button", name="Next").click()
    expect(rows(devices)).to_have_count(ROUTERS - 50)
    expect(devices.get_by_text(f"51–{ROUTERS} of {ROUTERS}")).to_be_visible()
    assert not set(names(devices)) & set(first) or len(set(first)) < 50
    devices.go_back()
    expect(rows(devices)).to_have_count(50)
    assert names(devices) == first


def test_the_back_button_returns_from_a_device_to_the_same_list(house: House, owner_page: Page) -> None:
    name = plain_device(house, 1)
    owner_page.goto("/devices?sort=-uptime_s&tag=branch")
    owner_page.get_by_label(SEARCH).fill(name)
    expect(rows(owner_page).filter(has_not_text=name)).to_have_count(0)
    rows(owner_page).get_by_role("link", name=name).first.click()
    expect(owner_page.get_by_role("heading", level=1)).to_contain_text(name)
    owner_page.go_back()
    expect(owner_page).to_have_url(re.compile(r"sort=-uptime_s"))
    expect(owner_page.get_by_label(SEARCH)).to_have_value(name)
    expect(rows(owner_page).filter(has_text=name).first).to_be_visible()


def test_chosen_devices_are_tagged_together(house: House, devices: Page) -> None:
    for row in (10, 11, 12):
        rows(devices).nth(row).get_by_role("checkbox").click()
    bar = devices.get_by_role("toolbar", name="Actions for the chosen devices")
    expect(bar.get_by_text("3 devices chosen")).to_be_visible()
    bar.get_by_role("button", name="Tag").click()
    dialog = devices.get_by_role("dialog", name="Tag 3 devices")
    dialog.get_by_label("Tags").fill("audited")
    dialog.get_by_role("button", name="Tag").click()
    expect(dialog).to_be_hidden()
    expect(bar).to_be_hidden()

    tagged = house.devices("tag=audited")
    assert len(tagged) == 3
    assert all(set(device["tags"]) == {"branch", "audited"} for device in tagged), "tags are added, not replaced"
    devices.goto("/devices?tag=audited&cols=name,tags")
    expect(rows(devices).filter(has_text="audited")).to_have_count(3)


def test_all_that_match_can_be_chosen_beyond_the_page(devices: Page) -> None:
    devices.get_by_role("checkbox", name="Choose all on this page").click()
    bar = devices.get_by_role("toolbar", name="Actions for the chosen devices")
    expect(bar.get_by_text("50 devices chosen")).to_be_visible()
    bar.get_by_role("button", name=f"Choose all {ROUTERS} that match").click()
    expect(bar.get_by_text(f"{ROUTERS} devices chosen")).to_be_visible()
    bar.get_by_role("button", name="Choose none").click()
    expect(bar).to_be_hidden()
