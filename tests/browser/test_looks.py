"""On a phone, in the light and in the dark. With TIKFLEET_SCREENSHOTS=1, pictures go to build/screenshots/."""

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import ROOT

from .conftest import WIDE
from .house import House
from .watch import Watch

OpenContext = Callable[..., tuple[BrowserContext, Watch]]

PHONE = {"width": 390, "height": 844}
PAGES = {
    "overview": "/",
    "devices": "/devices",
    "device": "/devices/{device}",
    "device-interfaces": "/devices/{device}/interfaces",
    "device-details": "/devices/{device}/details",
    "sites": "/sites",
    "jobs": "/jobs",
    "job": "/jobs/{job}",
    "library": "/library",
    "library-script": "/library/{script}",
    "library-new": "/library/new",
    "device-jobs": "/devices/{device}/jobs",
    "run-new-typed": "/runs/new?step=change&kind=ping",
    "runs": "/runs",
    "run": "/runs/{run}",
    "run-new": "/runs/new",
    "run-new-change": "/runs/new?step=change",
    "run-new-waves": "/runs/new?step=waves",
    "query": "/query",
    "approvals": "/approvals",
    "traffic": "/traffic?last=1h",
    "logs": "/logs",
    "device-browse": "/devices/{device}/browse",
    "device-console": "/devices/{device}/console",
    "events": "/events",
    "enrol": "/enrol",
    "enrol-new": "/enrol?new=1",
    "people": "/people",
    "tokens": "/tokens",
    "callbacks": "/callbacks",
    "audit": "/audit",
    "settings": "/settings",
    "organisations": "/settings/organisations",
    "server": "/settings/server",
    "account": "/settings/account",
    "reference": "/reference",
}
PICTURES = ROOT / "build" / "screenshots"
AT_REST = """() => Promise.allSettled(
  document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished),
).then(() => true)"""
# How far text of each colour stands off what is painted behind it (WCAG 2.2, contrast ratio), the lowest ones first.
CONTRAST = """() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  const paint = colours => {
    pen.clearRect(0, 0, 1, 1)
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1) }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255)
  }
  const light = rgb => rgb.map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0)
  const behind = element => element
    ? [...behind(element.parentElement), getComputedStyle(element).backgroundColor] : ['white']
  const found = new Map()
  for (const element of document.body.querySelectorAll('h1,h2,h3,p,a,td,th,dt,dd,label,button,span,bdi,time')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim().length > 1)
    const style = getComputedStyle(element)
    if (!own || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
    if (element.closest('.sr-only, [disabled], [aria-disabled=true], [aria-hidden=true], kbd')) continue
    const back = behind(element)
    const [a, b] = [light(paint([...back, style.color])), light(paint(back))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const key = `${style.color} on ${back.at(-1)}`
    const text = element.textContent.trim().slice(0, 40)
    if (!found.has(key) || found.get(key).ratio > ratio) found.set(key, { ratio, text, key })
  }
  return [...found.values()].sort((a, b) => a.ratio - b.ratio)
}"""


def a_run(house: House) -> str:
    """The id of a planned run over some ordinary devices, made when there is none."""
    runs = house.owner.ask("GET", "/runs?state=planned")["items"]
    devices = [device["id"] for device in house.ordinary()[:12]]
    wanted = {"name": "Names of the branches", "script": ":put ${device.name}", "device_ids": devices}
    return str(runs[0]["id"] if runs else house.owner.ask("POST", "/runs", wanted)["id"])


def a_script(house: House) -> str:
    """The id of a script of the library, made when there is none."""
    wanted = {
        "name": "Set the time zone",
        "description": "For every branch, after a reset.",
        "source": "/system clock set time-zone-name=${zone}",
        "parameters": [{"name": "zone", "default": "Europe/Riga", "description": "Where the router is"}],
        "samples": [{"name": "Riga", "values": {"zone": "Europe/Riga"}}],
        "releases": ["7.20", "6.49"],
        "tags": ["clock", "branch"],
        "visibility": "shared",
        "note": "The first one",
    }
    found = house.owner.ask("GET", "/library?q=Set+the+time+zone")["items"]
    return str(found[0]["id"] if found else house.owner.ask("POST", "/library", wanted)["id"])


def a_job(house: House) -> str:
    """The id of a ping that was answered, asked when there is none."""
    found = house.owner.ask("GET", "/jobs?kind=ping&status=succeeded&limit=1")["items"]
    made = found[0] if found else house.run(house.ordinary()[0], kind="ping", parameters={"host": "192.0.2.9"})
    return str(made["id"])


MADE: dict[str, Callable[[House], str]] = {"run": a_run, "script": a_script, "job": a_job}


def shown(page: Page, house: House, name: str) -> None:
    """Open one of `PAGES` and wait until nothing is being asked for any more."""
    device = max(house.ordinary(), key=lambda device: device["rx_bps"] or 0)
    address = PAGES[name]
    made = {word: make(house) for word, make in MADE.items() if f"{{{word}}}" in address}
    page.goto(address.format(device=device["id"], **made))
    expect(page.get_by_role("heading").first).to_be_visible()  # of the page, or of the form above it
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate(AT_REST)  # no colour is read or pictured on its way to another


def keep(page: Page, name: str) -> None:
    if os.environ.get("TIKFLEET_SCREENSHOTS") == "1":
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def themed(open_context: OpenContext, house: House, scheme: str, **options: Any) -> Page:
    context, watch = open_context(house.url, house.owner, color_scheme=scheme, **options)
    watch.allow(r"status of 4\d\d .*/routeros")  # a light router does not answer its own REST, and says so late
    return context.new_page()


def test_no_page_is_wider_than_a_phone(house: House, open_context: OpenContext) -> None:
    too_wide = []
    page = themed(open_context, house, "light", viewport=PHONE, has_touch=True)
    for name in PAGES:
        shown(page, house, name)
        width = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        if width > PHONE["width"]:
            too_wide.append(f"{name}: {width} px")
        keep(page, f"{name}-phone-light")
    assert not too_wide, "these pages scroll sideways on a phone: " + ", ".join(too_wide)


def test_a_phone_leads_to_every_place_by_its_menu(house: House, open_context: OpenContext) -> None:
    page = themed(open_context, house, "light", viewport=PHONE, has_touch=True)
    page.goto("/")
    for place in (
        "Devices",
        "Sites",
        "Logs",
        "Jobs",
        "Runs",
        "Fleet query",
        "Library",
        "Approvals",
        "Events",
        "Enrol",
        "People",
        "API tokens",
        "Audit log",
        "Settings",
    ):
        page.get_by_role("button", name="Open sidebar").click()
        menu = page.get_by_role("navigation", name="Main").locator("visible=true")
        menu.get_by_role("link", name=place, exact=True).click()
        expect(menu).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_text_stands_off_its_background(house: House, open_context: OpenContext) -> None:
    page = themed(open_context, house, "light", viewport=WIDE)
    faint = []
    for name in PAGES:
        page.emulate_media(color_scheme="light")
        shown(page, house, name)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("html")).to_have_class(re.compile(scheme))
            page.evaluate(AT_REST)
            worst = [found for found in page.evaluate(CONTRAST) if found["ratio"] < 4.5]
            faint += [f"{name} in the {scheme}: {one['ratio']:.2f} “{one['text']}” ({one['key']})" for one in worst]
            keep(page, f"{name}-wide-{scheme}")
    assert not faint, "too faint to read:\n" + "\n".join(faint)


@pytest.mark.skipif(os.environ.get("TIKFLEET_SCREENSHOTS") != "1", reason="pictures only: TIKFLEET_SCREENSHOTS=1")
def test_pictures_of_a_phone_in_the_dark_are_kept(house: House, open_context: OpenContext) -> None:
    page = themed(open_context, house, "dark", viewport=PHONE, has_touch=True)
    for name in PAGES:
        shown(page, house, name)
        keep(page, f"{name}-phone-dark")
