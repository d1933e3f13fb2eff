"""What somebody who may only look is shown."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .house import PASSWORD, House
from .watch import Watch

OpenContext = Callable[..., tuple[BrowserContext, Watch]]

WRITING = re.compile(
    "^(Enrol|Enrol routers|New key|Run command|More actions|Edit|Save|New site|Groups|Invite somebody|New token|"
    "Approve|Reject|Cancel job|Remove.*|New script|Ask again|Tag|Move to site|Create organisation|Revoke.*|Choose .*)$"
)


def test_an_invitation_link_lets_a_viewer_in(house: House, owner_page: Page, open_context: OpenContext) -> None:
    owner_page.goto("/people")
    owner_page.get_by_role("button", name="Invite somebody").click()
    form = owner_page.get_by_role("dialog", name="Invite somebody")
    form.get_by_label("E-mail").fill("walt@acme.example")
    form.get_by_role("combobox", name="Role").click()
    owner_page.get_by_role("option", name="Viewer").click()
    form.get_by_role("button", name="Create invitation").click()
    link = form.get_by_label("Invitation link", exact=True).inner_text()
    assert link.startswith(f"{house.url}/join#token=")

    page = open_context(house.url)[0].new_page()
    page.goto(link)
    page.get_by_label("Your name").fill("Walt")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    places = page.get_by_role("navigation", name="Main").get_by_role("link")
    expect(places.filter(has_text="Devices")).to_be_visible()
    for place in ("Enrol", "People", "API tokens", "Audit log"):
        expect(places.filter(has_text=place)).to_have_count(0)


@pytest.mark.parametrize(
    "path", ["/", "/devices", "/sites", "/jobs", "/library", "/events", "/settings", "/settings/organisations"]
)
def test_a_viewer_sees_no_writing_action(path: str, house: House, open_context: OpenContext) -> None:
    page = open_context(house.url, house.viewer)[0].new_page()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    for role in ("button", "link", "checkbox"):
        assert page.get_by_role(role, name=WRITING).all_inner_texts() == [], f"{role}s that write on {path}"


def test_a_viewer_sees_no_writing_action_on_a_device(house: House, open_context: OpenContext) -> None:
    device = house.ordinary()[-1]
    page = open_context(house.url, house.viewer)[0].new_page()
    for section in ("", "/interfaces", "/details", "/jobs", "/events"):
        page.goto(f"/devices/{device['id']}{section}")
        expect(page.get_by_role("heading", level=1)).to_contain_text(device["name"])
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        assert page.get_by_role("button", name=WRITING).all_inner_texts() == [], f"on {section or 'the charts'}"


def test_the_palette_offers_a_viewer_only_what_is_allowed(house: House, open_context: OpenContext) -> None:
    page = open_context(house.url, house.viewer)[0].new_page()
    page.goto("/events")
    expect(page.get_by_role("heading", name="Events")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Show devices that are offline")).to_be_visible()
    for action in ("Enrol routers", "Run a command on many devices", "Invite somebody", "Audit log"):
        expect(page.get_by_role("option", name=action)).to_have_count(0)
