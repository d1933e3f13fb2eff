"""What routers said: lines that came are found by words, narrowed by what is chosen, and followed as they come."""

import re
import socket
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from .house import House, until

Send = Callable[[str], None]


@pytest.fixture(scope="module")
def send(house: House) -> Send:
    """Sends one line in the name of a device, as a program with a token of a source does."""
    device = house.ordinary()[0]
    claim = house.owner.ask("POST", "/sources", {"way": "token", "device_id": device["id"], "name": "Tests"})

    def sending(line: str) -> None:
        answer = httpx.post(
            f"{house.url}/ingest/v1/logs", headers={"Authorization": f"Bearer {claim['secret']}"},
            json={"raw": line}, timeout=30, trust_env=False,
        )  # fmt: skip
        assert answer.is_success, answer.text

    sending("system,error,critical login failure for user guest from 192.0.2.17 via ssh")
    sending("dhcp,info lan assigned 192.168.88.20 for 02:00:00:00:00:01 printer")
    until(lambda: len(house.owner.ask("GET", "/logs")["items"]) >= 2, "lines being stored")
    return sending


def test_lines_are_found_by_words_and_narrowed_by_severity(house: House, send: Send, owner_page: Page) -> None:
    page = owner_page
    page.goto("/logs")
    lines = page.get_by_role("list", name="Logs")
    expect(lines.get_by_text("login failure")).to_be_visible()

    page.get_by_role("searchbox", name="Words").fill("assigned -failure")
    expect(page).to_have_url(re.compile("q=assigned"))
    expect(lines.get_by_role("listitem")).to_have_count(1)
    expect(lines).to_contain_text("printer")

    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Severity").click()
    page.get_by_role("checkbox").first.click()
    expect(page).to_have_url(re.compile("severity="))
    expect(lines.get_by_role("listitem")).to_have_count(1)


def test_lines_are_shown_as_they_come_while_the_search_is_followed(house: House, send: Send, owner_page: Page) -> None:
    page = owner_page
    page.goto("/logs")
    lines = page.get_by_role("list", name="Logs")
    expect(lines.get_by_text("printer").first).to_be_visible()
    with page.expect_request(re.compile("/logs/follow")):
        page.get_by_role("switch", name="Follow").click()
    word = f"followed{time.time_ns()}"
    send(f"system,info {word}")
    expect(lines.get_by_text(word)).to_be_visible()


def test_the_page_says_when_lines_are_late_and_when_they_are_dropped(
    house: House, send: Send, owner_page: Page
) -> None:
    page, said = owner_page, {"behind_s": 600.0, "size_bytes": 5, "most_bytes": 9, "refusal": ""}
    page.route("**/api/v1/logs/buffer*", lambda route: route.fulfill(json=said))
    page.goto("/logs")
    expect(page.get_by_text("lines of the last 10 minutes wait on disk")).to_be_visible()
    said["refusal"] = "the buffer is full"
    page.reload()
    expect(page.get_by_text("new lines are dropped and counted")).to_be_visible()
    page.unroute("**/api/v1/logs/buffer*")
    page.reload()
    expect(page.get_by_role("list", name="Logs")).to_be_visible()
    expect(page.get_by_text("new lines are dropped and counted")).not_to_be_visible()


def test_a_sender_of_lines_that_is_nobodys_is_told_and_given_to_a_device(
    house: House, send: Send, owner_page: Page
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.8", 0))
        sender.sendto(b"<30>Nov 23 06:00:00 attic system,info who am I", ("127.0.0.1", house.syslog_port))

    def lost() -> list[str]:
        return [one["value"] for one in house.owner.ask("GET", "/sources/seen?lost=true")["items"]]

    until(lambda: "127.0.0.8" in lost(), "the sender being listed")
    page = owner_page
    page.goto("/logs")
    page.get_by_role("button", name="Claim senders").click()
    dialog = page.get_by_role("dialog", name="Senders that belong to nobody")
    entry = dialog.get_by_role("listitem").filter(has_text="127.0.0.8")
    expect(entry).to_contain_text("No device checks in from there")
    entry.get_by_role("button", name="Give to a device").click()
    entry.get_by_role("button", name="Choose a device").click()
    page.get_by_role("option").first.click()
    entry.get_by_role("button", name="Give to a device").click()

    expect(page.get_by_text("What 127.0.0.8 sends is that device’s from now on").first).to_be_visible()
    (claim,) = [one for one in house.owner.ask("GET", "/sources")["items"] if one["value"] == "127.0.0.8"]
    assert claim["device_id"]
