"""Jobs with fields of their own kind, their results as tables, and changes that a router undoes by itself."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from .house import House
from .test_looks import keep


def form_of(page: Page, device: dict[str, Any], kind: str) -> Locator:
    """The form that asks something of this device, with a kind chosen."""
    page.goto(f"/devices/{device['id']}")
    page.get_by_role("button", name="Run command").click()
    form = page.get_by_role("dialog", name=re.compile("^Run on"))
    form.get_by_text(kind, exact=True).click()
    return form


def field(place: Locator | Page, name: str) -> Locator:
    """The text field of this name; one that is needed has an asterisk."""
    return place.get_by_role("textbox", name=re.compile(rf"^{name}\*?$"))


def test_a_ping_is_asked_by_its_fields_and_answered_as_a_table(house: House, owner_page: Page) -> None:
    form = form_of(owner_page, house.ordinary()[0], "Ping")
    send = form.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    expect(form.get_by_text("Fill in: Host")).to_be_visible()
    field(form, "Host").fill("192.0.2.9")
    form.get_by_label("Packets").fill("101")
    form.get_by_label("Packets").blur()
    expect(form.get_by_text("A whole number from 1 to 100.")).to_be_visible()
    expect(send).to_be_disabled()
    form.get_by_label("Packets").fill("3")
    keep(owner_page, "job-form-ping-wide-light")
    send.click()

    table = form.get_by_role("table", name="Result")
    expect(table.locator("tbody tr")).to_have_count(3)
    expect(table.locator("tbody tr").first).to_contain_text("192.0.2.9")
    form.get_by_role("link", name="Open in full").click()
    expect(owner_page.get_by_role("heading", level=1)).to_contain_text("Ping · 192.0.2.9")
    expect(owner_page.get_by_text("packet-loss")).to_be_visible()
    owner_page.get_by_role("button", name="As text").click()
    expect(owner_page.get_by_label("Output", exact=True)).to_contain_text("sent=3 received=3")
    with owner_page.expect_download() as download:
        owner_page.get_by_role("link", name="Download").click()
    assert "SEQ HOST" in download.value.path().read_text()


def test_a_secret_is_typed_unseen_and_not_shown_again(house: House, owner_page: Page) -> None:
    form = form_of(owner_page, house.ordinary()[1], "User’s password")
    field(form, "User").fill("admin")
    password = form.get_by_label(re.compile("^Password"))
    expect(password).to_have_attribute("type", "password")
    password.fill("short")
    password.blur()
    expect(form.get_by_text("At least 8 characters.")).to_be_visible()
    password.fill("long enough it is")
    form.get_by_role("button", name="Send").click()
    form.get_by_role("link", name="Open in full").click()
    expect(owner_page.get_by_text("********")).to_be_visible()
    expect(owner_page.get_by_text("long enough it is")).to_have_count(0)


def test_a_change_that_the_router_undoes_says_how_it_stands(house: House, owner_page: Page) -> None:
    form = form_of(owner_page, house.ordinary()[2], "DNS servers")
    field(form, "Servers").fill("192.0.2.53")
    form.get_by_label("Undo it if the router does not come back").click()
    form.get_by_label("Time to come back (minutes)").fill("10")
    keep(owner_page, "job-form-confirm-wide-light")
    form.get_by_role("button", name="Send").click()
    form.get_by_role("link", name="Open in full").click()
    panel = owner_page.get_by_role("list", name="Undo unless confirmed")
    expect(panel.get_by_text("Reached Tikfleet again")).to_be_visible()
    expect(owner_page.get_by_text("10 min to come back")).to_be_visible()
    expect(owner_page.get_by_text("its undo is taken away")).to_be_visible()
    keep(owner_page, "job-confirmed-wide-light")


def test_a_run_takes_a_typed_kind_with_values_of_each_device(house: House, owner_page: Page) -> None:
    devices = ",".join(device["id"] for device in house.ordinary()[3:5])
    owner_page.goto(f"/runs/new?pick={devices}&step=change")
    owner_page.get_by_text("Set identity", exact=True).click()
    expect(owner_page.get_by_role("button", name="Next: Waves")).to_be_disabled()
    field(owner_page, "Name").fill("${device.name}-b")
    owner_page.get_by_label("Undo it if the router does not come back").click()
    owner_page.get_by_role("button", name="Next: Waves").click()
    owner_page.get_by_role("textbox", name="Name").fill("Names with a tail")
    owner_page.get_by_role("button", name="Plan and preview").click()
    expect(owner_page.get_by_text("Planned; nothing has been sent.")).to_be_visible()
    expect(owner_page.get_by_text("${device.name}-b").first).to_be_visible()
    expect(owner_page.get_by_text("5 min to come back")).to_be_visible()


def test_jobs_are_found_by_a_text_a_state_and_who_asked(house: House, owner_page: Page) -> None:
    device = house.ordinary()[5]
    house.run(device, kind="script", script=":put 1", description="Inventory of spring")
    house.run(device, kind="script", script=':error "no"', description="Inventory of autumn")
    owner_page.goto("/jobs")
    rows = owner_page.get_by_role("table", name="Jobs").locator("tbody tr")
    owner_page.get_by_label("Description, device, who…").fill("inventory of")
    expect(rows).to_have_count(2)
    owner_page.get_by_role("button", name="Status").click()
    owner_page.get_by_role("group", name="Status").get_by_text("Failed").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Inventory of autumn")
    owner_page.keyboard.press("Escape")
    owner_page.get_by_role("button", name="Asked by me").click()
    expect(owner_page).to_have_url(re.compile("by=me"))
    expect(rows).to_have_count(1)
    owner_page.get_by_label("Description, device, who…").fill("nobody wrote this")
    expect(owner_page.get_by_text("No job matches these filters")).to_be_visible()
