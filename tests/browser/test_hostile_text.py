"""Text that strangers write is shown as text, wherever it appears, and does nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from .hostile_text import ANSI, FORMULA, IDENTITIES, IMAGE, REVERSED, SCRIPT, SHOWN
from .house import House

INJECTED = """() => [
  ...document.querySelectorAll('[onerror], [onload], img[src="x"], script:not([src]):not([type="application/json"])'),
].map(element => element.outerHTML).concat(window.hostile ?? [])"""

INJECT = """() => new Promise((done) => {
  document.body.insertAdjacentHTML('beforeend', '<img src="/x" onerror="window.hostile = 1">')
  document.body.lastElementChild.addEventListener('error', () => done(window.hostile ?? null))
})"""


@pytest.fixture(scope="module")
def hostile(house: House) -> dict[str, Any]:
    """A device after hostile jobs; the organisation has hostile names too."""
    device = house.device(IDENTITIES[0])
    house.owner.ask("POST", "/sites", {"name": IMAGE, "latitude": 56.9, "longitude": 24.1})
    house.owner.ask("POST", "/enrolment-keys", {"name": SCRIPT})
    script = ':put "\\1B[31mred"\n:put "<img src=x onerror=window.hostile=1>"'
    house.run(device, kind="script", script=script, job_class="query", description=FORMULA)
    return device


@pytest.fixture
def sees(owner_page: Page) -> Callable[..., None]:
    """Opens a page, looks for texts, and for anything that came of them."""

    def look(path: str, *texts: str) -> None:
        owner_page.goto(path)
        expect(owner_page.get_by_role("heading", level=1)).to_be_visible()
        for text in texts:
            found = owner_page.get_by_text(SHOWN.get(text, text)).locator("visible=true").first
            found.scroll_into_view_if_needed()
            expect(found).to_be_visible()
        assert owner_page.evaluate(INJECTED) == [], path

    return look


def test_the_list_of_devices_shows_hostile_names_as_text(sees: Callable[..., None], hostile: dict[str, Any]) -> None:
    sees("/devices?q=window.hostile", SCRIPT, IMAGE)
    sees("/devices?q=HYPERLINK", FORMULA)
    sees("/devices?q=red", ANSI)
    sees("/devices?q=txt.exe", REVERSED)


def test_the_overview_shows_hostile_names_as_text(
    owner_page: Page, sees: Callable[..., None], hostile: dict[str, Any]
) -> None:
    """Whoever enrolled last may not report last, so the feed is given the events that carry each name, as they are."""

    def hostile_events(route: Route) -> None:
        answer = route.fetch(url=f"{route.request.url.split('?')[0]}?device_id={hostile['id']}")
        route.fulfill(response=answer)

    owner_page.route("**/api/v1/events?*", hostile_events)
    sees("/", SCRIPT)


@pytest.mark.parametrize("section", ["", "/interfaces", "/wireless", "/neighbors", "/jobs", "/events", "/details"])
def test_a_device_shows_hostile_text_as_text(section: str, sees: Callable[..., None], hostile: dict[str, Any]) -> None:
    texts = {"/interfaces": [SCRIPT, IMAGE], "/jobs": [SCRIPT, FORMULA]}.get(section, [SCRIPT])
    sees(f"/devices/{hostile['id']}{section}", *texts)


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/events", IDENTITIES),
        ("/enrol", (*IDENTITIES, SCRIPT)),
        ("/jobs", (SCRIPT, FORMULA)),
        ("/sites", (IMAGE,)),
        ("/audit", (SCRIPT, IMAGE)),
    ],
)
def test_a_list_shows_hostile_text_as_text(
    path: str, texts: tuple[str, ...], sees: Callable[..., None], hostile: dict[str, Any]
) -> None:
    sees(path, *texts)


def test_a_commands_output_is_text(house: House, sees: Callable[..., None], hostile: dict[str, Any]) -> None:
    job = house.owner.ask("GET", f"/jobs?device_id={hostile['id']}")["items"][0]
    sees(f"/jobs/{job['id']}", "⟦U+001B⟧[31mred", "<img src=x onerror=window.hostile=1>")


def test_the_palette_shows_hostile_names_as_text(owner_page: Page, hostile: dict[str, Any]) -> None:
    owner_page.goto("/jobs")
    expect(owner_page.get_by_role("heading", level=1)).to_be_visible()
    owner_page.keyboard.press("Control+k")
    owner_page.get_by_placeholder("A device, a page, an action…").fill("window.hostile")
    expect(owner_page.get_by_role("option").filter(has_text=SCRIPT)).to_be_visible()
    expect(owner_page.get_by_role("option").filter(has_text=IMAGE)).to_be_visible()
    assert owner_page.evaluate(INJECTED) == []


def test_a_page_refuses_a_script_that_is_not_ours(
    house: House, open_context: Callable[..., Any], hostile: dict[str, Any]
) -> None:
    """The second wall, should the first one have a hole: what is injected does not run."""
    context, watch = open_context(house.url, house.owner)
    watch.allow("Content Security Policy|status of 404.*/x$")
    page = context.new_page()
    page.goto("/events")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate(INJECT) is None, "the injected handler ran"
