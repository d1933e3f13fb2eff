"""Scripts that are kept: written with parameters and tests, in versions, run on a device and taken by a run."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from .house import House
from .test_looks import keep
from .test_typed_jobs import field
from .watch import Watch

OpenContext = Callable[..., tuple[BrowserContext, Watch]]


def kept(house: House, name: str, **more: Any) -> dict[str, Any]:
    """A script in the library."""
    script = {
        "name": name,
        "source": "/system clock set time-zone-name=${zone}",
        "parameters": [{"name": "zone", "default": "Europe/Riga", "description": "Where the router is"}],
        "samples": [{"name": "Riga", "values": {"zone": "Europe/Riga"}}],
        "releases": ["7.20", "6.49"],
        **more,
    }
    made: dict[str, Any] = house.owner.ask("POST", "/library", script)
    return made


def test_a_script_is_written_tested_and_kept(house: House, owner_page: Page) -> None:
    page = owner_page
    page.goto("/library")
    page.get_by_role("link", name="New script").first.click()
    save = page.get_by_role("button", name="Test and keep")
    expect(save).to_be_disabled()
    expect(page.get_by_role("heading", level=1)).to_contain_text("New script")
    page.get_by_role("textbox", name="RouterOS script").fill("/ip dns set servers=${servers}")
    page.get_by_label("Type of servers").click()
    page.get_by_role("option", name="List").click()
    page.get_by_label("What servers is for").fill("Whom the router asks")
    page.get_by_role("button", name="Add a test").click()
    field(page.get_by_role("group", name="Test 1"), "Servers").fill("192.0.2.53, 192.0.2.54")
    page.get_by_label("For RouterOS").fill("7.20, 7.16")
    name = field(page, "Name").first
    name.fill("Set the resolvers")
    expect(name).to_have_value("Set the resolvers")
    expect(page.get_by_role("status").filter(has_text="No mistakes for 2 versions")).to_be_visible()
    keep(page, "library-new-filled-wide-light")
    save.click()

    expect(page).to_have_url(re.compile("/library/lib_"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Set the resolvers")
    expect(page.get_by_text("RouterOS 7.16")).to_be_visible()
    expect(page.get_by_text("no remarks")).to_have_count(2)
    expect(page.get_by_text("Whom the router asks")).to_be_visible()


def test_what_routeros_would_refuse_is_not_kept(house: House, open_context: OpenContext) -> None:
    context, watch = open_context(house.url, house.owner)
    watch.allow(r"status of 409 .*/api/v1/library$")
    page = context.new_page()
    page.goto("/library/new")
    field(page, "Name").fill("Broken")
    page.get_by_role("textbox", name="RouterOS script").fill("/ip/address/add interface=ether1")
    expect(page.locator(".cm-lintRange-error")).to_have_count(1)
    page.get_by_role("button", name="Test and keep").click()
    expect(page.get_by_role("alert").filter(has_text="library.tests-failed")).to_be_visible()


def test_scripts_are_found_by_name_tag_and_who_sees_them(house: House, owner_page: Page) -> None:
    kept(house, "Found by its tag", tags=["findable"], visibility="shared")
    kept(house, "Found by its name")
    page = owner_page
    page.goto("/library")
    rows = page.get_by_role("table", name="Library").locator("tbody tr")
    page.get_by_label("Find a script…").fill("found by")
    # The address first: a search that is still on its way to it would take the tag away again.
    expect(page).to_have_url(re.compile("q=found"))
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Tags").click()
    page.get_by_role("group", name="Tags").get_by_text("findable").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Everybody")
    page.keyboard.press("Escape")
    page.get_by_label("Find a script…").fill("nobody wrote this")
    expect(page.get_by_text("No script matches")).to_be_visible()


def test_a_script_of_the_library_runs_on_a_device_with_its_values(house: House, owner_page: Page) -> None:
    script = kept(house, "Say a word", source=":put ${zone}", releases=["7.20"])
    device = house.ordinary()[0]
    page = owner_page
    page.goto(f"/library/{script['id']}")
    page.get_by_role("button", name="Run on devices").click()
    dialog = page.get_by_role("dialog", name="On which devices?")
    dialog.get_by_label("Name, serial, address…").fill(device["name"])
    dialog.locator("label").filter(has_text=device["name"]).first.click()
    dialog.get_by_role("button", name="Next: values").click()
    form = page.get_by_role("dialog", name=re.compile("^Run on"))
    expect(form.get_by_role("radio", name="From the library")).to_be_checked()
    field(form, "Zone").fill("Asia/Tokyo")
    keep(page, "library-run-wide-light")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_label("Output", exact=True)).to_contain_text("Asia/Tokyo")


def test_a_new_version_begins_as_the_last_and_the_old_one_stays(house: House, owner_page: Page) -> None:
    script = kept(house, "In two versions", releases=["7.20"])
    page = owner_page
    page.goto(f"/library/{script['id']}")
    page.get_by_role("link", name="New version").click()
    editor = page.get_by_role("textbox", name="RouterOS script")
    expect(editor).to_contain_text("time-zone-name=${zone}")
    editor.fill("/system clock set time-zone-name=${zone} time-zone-autodetect=no")
    page.get_by_label("Note on this version").fill("Keeps what was set")
    page.get_by_role("button", name="Test and keep this version").click()
    expect(page.get_by_text("the newest", exact=True)).to_be_visible()
    versions = page.get_by_role("list", name="Versions")
    expect(versions.get_by_text("Keeps what was set")).to_be_visible()
    versions.get_by_role("button").nth(1).click()
    expect(page.get_by_text("there is a newer one")).to_be_visible()
    expect(page.get_by_label("RouterOS script", exact=True)).not_to_contain_text("autodetect")


def test_a_run_takes_a_version_of_the_library(house: House, owner_page: Page) -> None:
    script = kept(house, "For a run", source=":put ${zone}", releases=["7.20"])
    page, device = owner_page, house.ordinary()[1]
    page.goto(f"/runs/new?library={script['id']}&pick={device['id']}&step=change")
    field(page, "Zone").fill("Asia/Seoul")
    page.get_by_role("button", name="Next: Waves").click()
    page.get_by_role("textbox", name="Name").fill("From the library")
    page.get_by_role("button", name="Plan and preview").click()
    expect(page.get_by_label("Script for this device", exact=True)).to_have_text(':put "Asia/Seoul"')


def test_limits_of_the_organisation_are_set_and_taken_away(house: House, owner_page: Page) -> None:
    page = owner_page
    page.goto("/settings")
    field = page.get_by_label("Devices of one request")
    expect(field).to_have_value("")
    field.fill("900")
    page.get_by_role("button", name="Save limits").click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    assert house.owner.ask("GET", "/settings")["job_devices_per_request"] == 900
    page.reload()
    expect(field).to_have_value("900")
    field.fill("")
    page.get_by_role("button", name="Save limits").click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    page.reload()
    expect(field).to_have_value("")
    assert house.owner.ask("GET", "/settings")["own"].count("job_devices_per_request") == 1
    page.get_by_role("button", name="Reset to the default: As the installation").click()
    page.get_by_role("button", name="Save limits").click()
    expect(page.get_by_role("button", name="Reset to the default: As the installation")).to_have_count(0)
    expect(page.get_by_role("button", name="Save limits")).to_be_disabled()
    assert "job_devices_per_request" not in house.owner.ask("GET", "/settings")["own"]
