"""A Chromium, watched pages, and a platform with routers for the tests that share one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import ROOT, PlatformProcess, pick_port

from .house import Account, House
from .watch import Watch

PATIENCE_MS = 30_000
WIDE = {"width": 1440, "height": 900}
ROUTERS = 56
DASHBOARD = ROOT / "src" / "tikfleet" / "app" / "dashboard" / "index.html"
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for all of them: a browser and a platform are too much to start twice on two cores."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    if not DASHBOARD.exists():
        pytest.skip("the dashboard is not built: make web")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    # Of the module, not of the session: Playwright's loop must not be there when another module's tests want one.
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"], timeout=60_000
        )
        yield started
        started.close()


@pytest.fixture
def watches() -> Iterator[Callable[[str], Watch]]:
    """Gives watches over an origin; what they saw go wrong fails the test."""
    made: list[Watch] = []

    def make(origin: str) -> Watch:
        made.append(Watch(origin))
        return made[-1]

    yield make
    faults = [fault for watch in made for fault in watch.faults]
    assert not faults, "the page had faults that nobody would see:\n" + "\n".join(faults)


@pytest.fixture
def open_context(
    browser: Browser, watches: Callable[[str], Watch]
) -> Iterator[Callable[..., tuple[BrowserContext, Watch]]]:
    """Opens a browser profile of its own, watched: `open_context(url, account=None, **options)`."""
    contexts: list[BrowserContext] = []

    def make(url: str, account: Account | None = None, **options: Any) -> tuple[BrowserContext, Watch]:
        context = browser.new_context(
            **{"base_url": url, "viewport": WIDE, "locale": "en-GB", "timezone_id": "Europe/Riga"} | options
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        watch = watches(url)
        watch.over(context)
        if account:
            context.add_cookies(account.cookies())
        return context, watch

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def house(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The platform that most tests share: an owner, a viewer, and a fleet with some hostile routers."""
    flow_port, syslog_port = pick_port(), pick_port()
    flows = {"TIKFLEET_FLOW_PORTS": str(flow_port), "TIKFLEET_FLOW_HOST": "127.0.0.1"}
    lines = {"TIKFLEET_SYSLOG_UDP_PORT": str(syslog_port), "TIKFLEET_SYSLOG_HOST": "127.0.0.1"}
    callbacks = {"TIKFLEET_CALLBACK_NETWORKS": "127.0.0.0/8"}
    platform = PlatformProcess(tmp_path_factory.mktemp("house") / "data", **flows, **lines, **callbacks)
    try:
        platform.start()
        house = House(platform, ROUTERS)
        house.flow_port, house.syslog_port = flow_port, syslog_port
    except BaseException:
        platform.end()
        raise
    yield house
    house.end()


@pytest.fixture
def owner_page(house: House, open_context: Callable[..., tuple[BrowserContext, Watch]]) -> Page:
    """A page of somebody who is signed in as the owner."""
    context, _ = open_context(house.url, house.owner)
    return context.new_page()
