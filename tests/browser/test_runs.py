"""A change goes out in waves: the form, the preview, the picture of its waves, and a second person."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .house import PASSWORD, Account, House, until
from .watch import Watch

OpenContext = Callable[..., tuple[BrowserContext, Watch]]


def new_run(house: House, **run: Any) -> dict[str, Any]:
    """A planned run over two ordinary devices."""
    devices = [device["id"] for device in house.ordinary()[:2]]
    made: dict[str, Any] = house.owner.ask("POST", "/runs", {"device_ids": devices, **run})
    return made


def reached(house: House, run: dict[str, Any], state: str) -> None:
    until(lambda: house.owner.ask("GET", f"/runs/{run['id']}")["state"] == state, f"the run being {state}")


@pytest.fixture(scope="module")
def second(house: House) -> Account:
    """Somebody else who may approve."""
    person = {"email": "boris@acme.example", "name": "Boris", "role": "admin"}
    token = house.owner.ask("POST", "/people", person)["invitation_token"]
    return Account(house.url, "/invitations/accept", {"token": token, "name": "Boris Admin", "password": PASSWORD})


def test_a_run_is_made_by_the_form_looked_at_and_started(house: House, owner_page: Page) -> None:
    page, device = owner_page, house.ordinary()[0]
    page.goto("/runs")
    page.get_by_role("link", name="New run").first.click()
    page.get_by_label("Name, serial, address…").fill(device["serial"] or device["name"])
    row = page.get_by_role("table", name="Devices").locator("tbody tr").filter(has_text=device["name"]).first
    row.get_by_role("checkbox").click()
    expect(page.get_by_role("radio", name="Hand-picked")).to_be_checked()
    expect(page.get_by_text("1 device that is ticked below.")).to_be_visible()
    page.get_by_role("button", name="Next: Change").click()

    page.get_by_role("textbox", name="RouterOS script").fill(":put ${greeting}")
    expect(page.get_by_role("button", name="Next: Waves")).to_be_disabled()
    page.get_by_label("Value of greeting").fill('a "quoted" word')
    page.get_by_role("button", name="Next: Waves").click()

    page.get_by_role("button", name="All at once").click()
    page.get_by_role("textbox", name="Name").fill("Greetings")
    page.get_by_role("button", name="Plan and preview").click()

    expect(page).to_have_url(re.compile("/runs/run_"))
    expect(page.get_by_text("Planned; nothing has been sent.")).to_be_visible()
    expect(page.get_by_label("Script for this device", exact=True)).to_have_text(':put "a \\"quoted\\" word"')
    page.get_by_role("button", name="Start").click()
    targets = page.get_by_role("table", name="Devices")
    expect(targets.locator("tbody tr").filter(has_text="Succeeded")).to_have_count(1)
    targets.get_by_role("link", name="Open job").click()
    expect(page).to_have_url(re.compile("/jobs/job_"))


def test_a_run_that_breaks_its_limits_says_why_it_halted(house: House, owner_page: Page) -> None:
    run = new_run(house, name="Breaks", script=':error "no space left"', waves=[{"count": 1}, {"percent": 100}])
    house.owner.ask("POST", f"/runs/{run['id']}/start")
    reached(house, run, "halted")
    owner_page.goto(f"/runs/{run['id']}")
    expect(owner_page.get_by_text("Halted by its limits.")).to_be_visible()
    expect(
        owner_page.get_by_text("1 of 1 devices of wave 1 failed or stay silent: more than 20 %").first
    ).to_be_visible()
    wave = owner_page.get_by_role("button", name=re.compile("^Wave 1"))
    expect(wave.get_by_role("img", name="1 failed")).to_be_visible()
    wave.click()
    expect(owner_page).to_have_url(re.compile("wave=1"))
    expect(owner_page.get_by_role("table", name="Devices").locator("tbody tr")).to_have_count(1)
    owner_page.get_by_role("button", name="Cancel run").click()
    owner_page.get_by_role("dialog", name="Cancel this run?").get_by_role("button", name="Cancel run").click()
    expect(owner_page.get_by_text("Cancelled.", exact=True)).to_be_visible()


def test_a_second_person_finds_what_waits_in_the_inbox(
    house: House, second: Account, open_context: OpenContext
) -> None:
    run = new_run(house, name="Needs a second look", kind="export", needs_approval=True, waves=[{"percent": 100}])
    house.owner.ask("POST", f"/runs/{run['id']}/start")
    page = open_context(house.url, second)[0].new_page()
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Approvals").click()
    card = (
        page.get_by_role("region", name="Waiting for you").get_by_role("article").filter(has_text="Needs a second look")
    )
    card.get_by_role("button", name="Approve").click()
    expect(card).to_have_count(0)
    reached(house, run, "finished")


def test_who_made_a_run_is_not_offered_to_approve_it(house: House, owner_page: Page) -> None:
    run = new_run(house, name="My own", kind="export", needs_approval=True)
    house.owner.ask("POST", f"/runs/{run['id']}/start")
    owner_page.goto(f"/runs/{run['id']}")
    expect(owner_page.get_by_text("Waits for approval by somebody else")).to_be_visible()
    expect(owner_page.get_by_role("button", name="Cancel run")).to_be_visible()
    expect(owner_page.get_by_role("button", name="Approve")).to_have_count(0)


def test_a_viewer_looks_and_is_offered_nothing(house: House, open_context: OpenContext) -> None:
    run = new_run(house, name="To look at", kind="export")
    page = open_context(house.url, house.viewer)[0].new_page()
    page.goto(f"/runs/{run['id']}")
    expect(page.get_by_text("Planned; nothing has been sent.")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_have_count(0)
    page.goto("/runs")
    expect(page.get_by_role("link", name="To look at")).to_be_visible()
    expect(page.get_by_role("link", name="New run")).to_have_count(0)


def test_a_planned_run_is_changed_in_the_form_and_replaced(house: House, owner_page: Page) -> None:
    run = new_run(house, name="First thought", script=":put 1")
    owner_page.goto(f"/runs/{run['id']}")
    owner_page.get_by_role("button", name="Change").click()
    expect(owner_page.get_by_text("2 devices that are ticked below.")).to_be_visible()
    owner_page.get_by_role("button", name="Next: Change").click()
    owner_page.get_by_role("button", name="Next: Waves").click()
    expect(owner_page.get_by_role("textbox", name="Name")).to_have_value("First thought")
    owner_page.get_by_role("textbox", name="Name").fill("Second thought")
    owner_page.get_by_role("button", name="Plan and preview").click()
    expect(owner_page.get_by_role("heading", level=1)).to_contain_text("Second thought")
    reached(house, run, "cancelled")
