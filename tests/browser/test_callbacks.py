"""Who is told of the end of jobs: the secret, deliveries with their attempts, sending again; and other conditions."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from .house import House
from .test_looks import keep
from .test_typed_jobs import field, form_of


class Receiver:
    """A program that is told, and answers as it is bidden."""

    def __init__(self) -> None:
        self.status = 410
        receiver = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/in?key=canary"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


def conditions_of(form: Locator) -> None:
    """The conditions of a job's form, opened."""
    form.get_by_role("button", name="Window, attempts").click()


def test_a_dead_callback_is_seen_with_its_attempts_and_sent_again(
    house: House, receiver: Receiver, owner_page: Page
) -> None:
    page = owner_page
    page.goto("/callbacks")
    expect(page.get_by_text("nothing goes out unsigned")).to_be_visible()
    page.get_by_role("button", name="Make a secret").click()
    expect(page.get_by_text("shown once")).to_be_visible()
    expect(page.get_by_label("Signing secret", exact=True)).to_contain_text("tfc_")

    form = form_of(page, house.ordinary()[3], "Set identity")
    field(form, "Name").fill("told-of")
    conditions_of(form)
    form.get_by_label("Tell this address of the end").fill(receiver.url)
    form.get_by_role("switch", name="Back up first").click()
    form.get_by_role("switch", name="Try again when it fails").click()
    form.get_by_label("Times in all").fill("4")
    keep(page, "job-form-conditions-wide-light")
    form.get_by_role("button", name="Send").click()
    form.get_by_role("link", name="Open in full").click()
    expect(page.get_by_text("up to 4, 1 min apart")).to_be_visible()
    expect(page.get_by_role("link", name="Backup of the configuration")).to_be_visible()
    page.get_by_role("link", name="127.0.0.1").click()

    row = page.get_by_role("row", name=re.compile("Job finished"))
    expect(row.get_by_text("Given up")).to_be_visible()
    assert "canary" not in page.content()
    row.get_by_text("127.0.0.1").click()
    panel = page.get_by_role("dialog", name="Job finished")
    expect(panel.get_by_role("listitem")).to_contain_text("410")
    keep(page, "callback-wide-light")
    receiver.status = 204
    panel.get_by_role("button", name="Send again").click()
    expect(panel.get_by_text("Delivered")).to_be_visible()
    keep(page, "callback-delivered-wide-light")


def test_a_window_is_asked_for_and_shown_on_the_page_of_the_job(house: House, owner_page: Page) -> None:
    form = form_of(owner_page, house.ordinary()[4], "Reboot")
    conditions_of(form)
    form.get_by_role("switch", name="Only in a maintenance window").click()
    form.get_by_label("From", exact=True).fill("03:00")
    form.get_by_label("To", exact=True).fill("03:01")
    expect(form.get_by_role("switch", name="Try again when it fails")).to_have_count(0)
    form.get_by_role("button", name="Send").click()
    form.get_by_role("link", name="Open in full").click()
    expect(owner_page.get_by_text(re.compile("03:00 to 03:01"))).to_be_visible()
    keep(owner_page, "job-windowed-wide-light")
    owner_page.get_by_role("button", name="Cancel job").click()
    owner_page.get_by_role("dialog").get_by_role("button", name="Cancel job").click()


def test_a_run_is_planned_with_a_backup_and_attempts(house: House, owner_page: Page) -> None:
    page = owner_page
    page.goto(f"/runs/new?step=change&kind=dns&pick={house.ordinary()[5]['id']}")
    field(page, "Servers").fill("192.0.2.53")
    page.get_by_role("button", name="Next: Waves").click()
    page.get_by_label("Name", exact=True).fill("Backed up")
    page.get_by_role("switch", name="Back up first").click()
    page.get_by_role("switch", name="Try again when it fails").click()
    keep(page, "run-new-conditions-wide-light")
    page.get_by_role("button", name="Plan and preview").click()
    expect(page.get_by_text("Each router’s configuration is backed up")).to_be_visible()
    expect(page.get_by_text("up to 3, 1 min apart")).to_be_visible()
    keep(page, "run-planned-conditions-wide-light")


def test_an_address_is_subscribed_to_events_and_told_nothing_more(
    house: House, receiver: Receiver, owner_page: Page
) -> None:
    page = owner_page
    page.goto("/callbacks")
    replace = page.get_by_role("button", name=re.compile("Make a secret|Replace"))
    expect(replace).to_be_visible()
    if page.get_by_role("button", name="Make a secret").is_visible():
        replace.click()
        expect(page.get_by_text("shown once")).to_be_visible()

    page.get_by_role("button", name="Subscribe").click()
    page.get_by_label("Name", exact=True).fill("On-call desk")
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_role("checkbox", name="Job failed").click()
    keep(page, "subscriptions-wide-light")
    page.get_by_role("button", name="Subscribe").click()
    one = page.get_by_role("listitem").filter(has_text="On-call desk")
    expect(one).to_contain_text("127.0.0.1")
    expect(one).to_contain_text("Device stopped reporting, Device is back, Job failed")
    assert "canary" not in page.content()

    one.get_by_role("button", name="End").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_text("Nobody is told of events yet.")).to_be_visible()
