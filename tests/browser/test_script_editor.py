"""A script is written with its mistakes in sight. With TIKFLEET_SCREENSHOTS=1, pictures go to build/screenshots/."""

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.conftest import ROOT

from .conftest import WIDE
from .house import House
from .test_looks import CONTRAST
from .watch import Watch

OpenContext = Callable[..., tuple[BrowserContext, Watch]]

PHONE = {"width": 390, "height": 844}
PICTURES = ROOT / "build" / "screenshots"
MISTAKE = ":put [/system/identity/get name]\n/ip/address/add interface=ether1"
REASON = "missing value(s) of argument(s) address (/ip/address/add; line 2)"
LONG = """# Branch router: addresses and a guard
:local lan "bridge"
:foreach i in=[/interface/find where running=yes] do={
  :put "up: $[/interface/get $i name] on $lan\\n"
}
/ip/address/add address=192.0.2.1/24 interface=$lan comment="office \\"lan\\""
/ip/firewall/filter/add action=drop
/ip/dns/set allow-remote-requests=maybe cache-max-ttl=1d
/system/reboot"""


def known_device(house: House) -> dict[str, Any]:
    """A device of a release whose menus are known."""
    return next(one for one in house.ordinary() if re.match(r"7\.(1[0-9]|2[0-1])\b", one["version"]))


def run_form(page: Page, house: House) -> Locator:
    """The form that runs a command on one device, with its editor."""
    page.goto(f"/devices/{known_device(house)['id']}")
    page.get_by_role("button", name="Run command").click()
    form = page.get_by_role("dialog", name=re.compile("^Run on"))
    expect(editor(form)).to_be_focused()
    return form


def editor(form: Locator) -> Locator:
    return form.get_by_role("textbox", name="RouterOS script")


def keep(page: Page, name: str) -> None:
    if os.environ.get("TIKFLEET_SCREENSHOTS") == "1":
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def test_a_mistake_is_underlined_in_place_and_holds_the_script_back(house: House, owner_page: Page) -> None:
    form = run_form(owner_page, house)
    send = form.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    expect(form.get_by_text("Write a script first.")).to_be_visible()

    owner_page.keyboard.type(MISTAKE)  # a slash is a shortcut elsewhere
    version = known_device(house)["version"].partition(" ")[0]
    expect(form.get_by_role("status").filter(has_text="1 error")).to_have_text(f"1 error for RouterOS {version}")
    expect(form.locator(".cm-lintRange-error")).to_have_text("/ip/address/add")
    expect(form.locator(".cm-gutter-lint .cm-lint-marker-error")).to_have_count(1)
    expect(send).to_be_disabled()
    expect(
        form.get_by_text("RouterOS would refuse this. Correct the error, or send it without the check.")
    ).to_be_visible()

    form.locator(".cm-lintRange-error").hover()
    expect(owner_page.locator(".cm-tooltip-hover")).to_contain_text(f"Error: {REASON}")
    keep(owner_page, "script-hover-wide-light")

    editor(form).press("Control+End")
    owner_page.keyboard.type(" address=192.0.2.1/24")
    expect(form.get_by_role("status").filter(has_text="No mistakes")).to_be_visible()
    expect(form.locator(".cm-lintRange-error")).to_have_count(0)
    expect(send).to_be_enabled()


def test_the_list_of_remarks_leads_to_the_place(house: House, owner_page: Page) -> None:
    form = run_form(owner_page, house)
    editor(form).fill(MISTAKE)
    form.get_by_role("list", name="What the check found").get_by_role("button").click()
    expect(editor(form)).to_be_focused()
    owner_page.keyboard.type("#")
    expect(form.locator(".cm-line").nth(1)).to_have_text("#/ip/address/add interface=ether1")
    expect(form.get_by_role("status").filter(has_text="No mistakes")).to_be_visible()


def test_the_keyboard_leads_out_of_the_editor_and_to_the_next_mistake(house: House, owner_page: Page) -> None:
    form = run_form(owner_page, house)
    editor(form).fill(MISTAKE)
    expect(form.locator(".cm-lintRange-error")).to_have_count(1)
    editor(form).press("Control+Home")
    editor(form).press("F8")
    editor(form).press("ArrowLeft")
    owner_page.keyboard.type("#")
    expect(form.locator(".cm-line").nth(1)).to_have_text("#/ip/address/add interface=ether1")
    editor(form).press("Tab")
    expect(editor(form)).not_to_be_focused()


def test_a_script_is_sent_without_the_check_only_when_that_is_said(house: House, owner_page: Page) -> None:
    form = run_form(owner_page, house)
    editor(form).fill(MISTAKE)
    form.get_by_label("Send without the check").click()
    form.get_by_role("button", name="Send").click()
    form.get_by_role("link", name="Open in full").click()
    expect(owner_page.get_by_text("sent without a check")).to_be_visible()


def test_a_warning_does_not_hold_the_script_back(house: House, owner_page: Page) -> None:
    form = run_form(owner_page, house)
    editor(form).fill("/system/reboot")
    expect(form.get_by_role("status").filter(has_text="1 warning for RouterOS")).to_be_visible()
    expect(form.locator(".cm-lintRange-warning")).to_have_text("/system/reboot")
    expect(form.get_by_role("button", name="Send")).to_be_enabled()


def test_a_check_that_cannot_be_asked_says_so_and_holds_nothing_back(house: House, open_context: OpenContext) -> None:
    context, watch = open_context(house.url, house.owner)
    watch.allow("scripts/check")
    page = context.new_page()
    page.route("**/api/v1/scripts/check", lambda route: route.fulfill(status=503, body="{}"))
    form = run_form(page, house)
    editor(form).fill(":put 1")
    expect(form.get_by_text("The check could not be asked.")).to_be_visible()
    expect(form.get_by_role("button", name="Send")).to_be_enabled()
    keep(page, "script-unavailable-wide-light")
    page.unroute("**/api/v1/scripts/check")
    form.get_by_role("button", name="Try again").click()
    expect(form.get_by_role("status").filter(has_text="No mistakes")).to_be_visible()


def test_many_devices_are_checked_for_every_version_that_they_run(house: House, owner_page: Page) -> None:
    owner_page.goto("/devices")
    owner_page.get_by_role("checkbox", name="Choose all on this page").click()
    owner_page.get_by_role("toolbar", name="Actions for the chosen devices").get_by_role("button", name="Run").click()
    form = owner_page.get_by_role("dialog", name=re.compile("^Run on"))
    editor(form).fill(MISTAKE)
    status = form.get_by_role("status").filter(has_text="error")
    expect(status).to_have_text(re.compile(r"for \d+ versions of RouterOS"))
    keep(owner_page, "script-versions-wide-light")
    form.get_by_role("combobox", name="Version to look at").click()
    owner_page.get_by_role("option").nth(1).click()
    expect(status).to_have_text(re.compile(r"1 error(, 1 warning)? for RouterOS \d+\.\d+"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_the_editor_fits_the_screen_and_its_text_can_be_read(
    scheme: str, size: str, house: House, open_context: OpenContext
) -> None:
    viewport: dict[str, Any] = {"viewport": PHONE, "has_touch": True} if size == "phone" else {"viewport": WIDE}
    page = open_context(house.url, house.owner, color_scheme=scheme, **viewport)[0].new_page()
    form = run_form(page, house)
    keep(page, f"script-empty-{size}-{scheme}")
    editor(form).fill(LONG)
    expect(form.locator(".cm-lintRange-error").first).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    keep(page, f"script-errors-{size}-{scheme}")
    faint = [found for found in page.evaluate(CONTRAST) if found["ratio"] < 4.5]
    assert not faint, "too faint to read"
    editor(form).fill(LONG.replace("=drop", "=drop chain=input").replace("maybe", "no").replace("/system/reboot", ""))
    expect(form.get_by_role("status").filter(has_text=re.compile("No mistakes|warning"))).to_be_visible()
    keep(page, f"script-clean-{size}-{scheme}")


def test_a_script_that_is_too_long_for_a_job_is_held_back(house: House, owner_page: Page) -> None:
    form = run_form(owner_page, house)
    editor(form).fill("# " + "x" * 16_400)
    expect(form.get_by_text("A job takes up to 16384 characters, and this script has 16402.")).to_be_visible()
    expect(form.get_by_role("button", name="Send")).to_be_disabled()
