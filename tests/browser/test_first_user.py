"""The walk of somebody who starts Tikfleet for the first time, from the console's token to the sign-out."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Response, expect

from tests.conftest import PlatformProcess

from .conftest import PATIENCE_MS
from .house import OWNER, PASSWORD, Fleet, console_token
from .watch import Watch

ASK_AGAIN_MS = 31_000


@pytest.fixture
def routers(tmp_path: Path) -> Iterator[Callable[[str, str], None]]:
    """Starts virtual routers that are ended with the test."""
    fleets: list[Fleet] = []
    yield lambda url, key: fleets.append(Fleet.plain(url, key, tmp_path / "fleet.log"))
    for fleet in fleets:
        fleet.end()


def test_a_first_user_gets_from_the_console_token_to_a_routers_answer(
    platform_process: Callable[..., PlatformProcess],
    open_context: Callable[..., tuple[BrowserContext, Watch]],
    routers: Callable[[str, str], None],
) -> None:
    platform = platform_process()
    platform.start()
    context, _ = open_context(platform.url, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.clock.install()

    become_owner(page, console_token(platform))
    see_empty_states(page)
    line = create_key(page)
    routers(platform.url, re.findall(r"tfe_\w+", line)[0])
    name = see_router_arrive(page)
    see_device(page, name)
    run_command(page, name)
    sign_out(page)


def become_owner(page: Page, token: str) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile("/setup$"))
    page.get_by_label("Set-up token").fill(token)
    page.get_by_label("Organisation").fill(OWNER["organisation"])
    page.get_by_label("Your name").fill(OWNER["name"])
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set up Tikfleet").click()
    expect(page.get_by_role("dialog", name="Enrol routers")).to_be_visible()


def see_empty_states(page: Page) -> None:
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text("Your fleet starts with one router")).to_be_visible()
    expect(page.get_by_role("link", name="Enrol routers")).to_be_visible()
    page.get_by_role("link", name="Devices").click()
    expect(page.get_by_text("No devices yet")).to_be_visible()
    expect(page.get_by_text("paste one line into a router")).to_be_visible()
    page.get_by_role("link", name="Enrol routers").click()


def create_key(page: Page) -> str:
    """Gives the line for RouterOS 7, as the copy button gave it."""
    form = page.get_by_role("dialog", name="Enrol routers")
    form.get_by_role("button", name="Create key").click()
    line = form.get_by_label("Line for the router", exact=True)
    expect(line).to_contain_text("/tool")
    seventh = line.inner_text()
    assert re.search(r"tfe_\w+", seventh), seventh
    form.get_by_role("tab", name="RouterOS 6").click()
    expect(line).not_to_have_text(seventh)
    expect(line).to_contain_text("tfe_")
    form.get_by_role("tab", name="RouterOS 7").click()
    form.get_by_role("button", name="Copy Line for the router").click()
    expect(form.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == seventh
    expect(form.get_by_text("Waiting for the router to call")).to_be_visible()
    return seventh


def see_router_arrive(page: Page) -> str:
    """Gives its name."""
    form = page.get_by_role("dialog", name="Enrol routers")
    expect(form.get_by_text("Waiting for the router to call")).to_be_hidden()
    expect(form.get_by_role("link", name="Open device")).to_be_visible()
    name = form.locator("bdi").first.inner_text()
    form.get_by_role("button", name="Done").click()
    page.get_by_role("link", name="Devices").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row.get_by_text("Online")).to_be_visible()
    row.get_by_role("link", name=name).click()
    return name


def see_device(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    expect(page.get_by_text("Online")).to_be_visible()
    page.get_by_role("link", name="Interfaces").click()
    interfaces = page.get_by_role("table", name="Interfaces")
    in_time(page, interfaces.get_by_text("Up", exact=True).first)
    page.get_by_role("link", name="Charts").click()
    in_time(page, page.get_by_role("figure", name=re.compile("^CPU")))
    expect(page.locator(".uplot canvas").first).to_be_visible()
    with page.expect_response(is_series) as asked:
        page.get_by_role("button", name="15m", exact=True).click()
    points = [point for series in asked.value.json()["series"] for point in series["points"]]
    assert any(value is not None for _, value in points), "the chart holds nothing that was measured"


def in_time(page: Page, wanted: Locator) -> None:
    """Wait for what the router tells a little later. The page asks every half minute; its clock runs ahead."""
    for _ in range(int(PATIENCE_MS / 500)):
        page.clock.fast_forward(ASK_AGAIN_MS)
        with suppress(AssertionError):
            expect(wanted).to_be_visible(timeout=2000)
            return
    expect(wanted).to_be_visible()


def is_series(response: Response) -> bool:
    return "/telemetry/series" in response.url and "cpu_load" in response.url and response.ok


def run_command(page: Page, name: str) -> None:
    page.get_by_role("button", name="Run command").click()
    form = page.get_by_role("dialog", name=re.compile("^Run on"))
    form.get_by_label("RouterOS script").fill(":put [/system/identity/get name]\n:put (forty-two)")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_text("Succeeded")).to_be_visible()
    expect(form.get_by_label("Output", exact=True)).to_contain_text(name)
    form.get_by_role("button", name="Close").last.click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Your menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
