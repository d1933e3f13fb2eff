"""Who talks to whom: traffic that came in is drawn and ranked, and choosing a host leaves what is its own."""

import re
import socket

import pytest
from playwright.sync_api import Page, expect

from bench.flow_packets import TEMPLATES, messages, some_talks

from .house import House, until

TALKS = some_talks(280)


@pytest.fixture(scope="module")
def traffic(house: House) -> None:
    """Flows from the address where every router of the house is: they are the organisation's, of no one device."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in (TEMPLATES, *messages(TALKS)):
            sender.sendto(packet, ("127.0.0.1", house.flow_port))
    question = "/traffic/top?by=conversation&last=1h"
    until(lambda: house.owner.ask("GET", question)["items"], "flows being stored")


def test_a_host_that_is_chosen_is_shown_alone_until_it_is_let_go(house: House, traffic: None, owner_page: Page) -> None:
    page = owner_page
    page.goto("/")
    page.get_by_role("link", name="Traffic").first.click()
    page.get_by_role("button", name="1h", exact=True).first.click()
    applications = page.get_by_role("table", name="Applications")
    expect(applications.get_by_text("HTTPS", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Mean \d")).first).to_be_visible()
    before = applications.locator("tbody tr").count()
    assert before > 2

    applications.get_by_role("button", name="DNS", exact=True).click()
    expect(page).to_have_url(re.compile(r"service=udp/53|service=udp%2F53"))
    expect(applications.locator("tbody tr")).to_have_count(1)
    hosts = page.get_by_role("table", name="Hosts")
    hosts.get_by_role("button", name=re.compile("192.168.88.")).first.click()
    expect(page).to_have_url(re.compile(r"local_address=192\.168\.88\."))

    page.get_by_role("button", name="No longer only udp/53").click()
    page.get_by_role("button", name=re.compile("No longer only 192")).click()
    expect(applications.locator("tbody tr")).to_have_count(before)


def test_the_course_is_by_what_is_asked(house: House, traffic: None, owner_page: Page) -> None:
    page = owner_page
    page.goto("/traffic?last=1h")
    figure = page.get_by_role("figure", name=re.compile("Traffic over time"))
    expect(figure).to_have_attribute("aria-label", re.compile("HTTPS"))
    page.get_by_role("combobox", name="By what").first.click()
    page.get_by_role("option", name="Hosts").click()
    expect(figure).to_have_attribute("aria-label", re.compile(r"192\.168\.88\."))


def test_a_sender_that_is_nobodys_is_told_and_given_to_a_device(house: House, traffic: None, owner_page: Page) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.9", 0))
        sender.sendto(TEMPLATES, ("127.0.0.1", house.flow_port))

    def lost() -> list[str]:
        return [one["value"] for one in house.owner.ask("GET", "/sources/seen?lost=true")["items"]]

    until(lambda: "127.0.0.9" in lost(), "the sender being listed")
    page = owner_page
    page.goto("/traffic?last=1h")
    page.get_by_role("button", name="Claim senders").click()
    dialog = page.get_by_role("dialog", name="Senders that belong to nobody")
    entry = dialog.get_by_role("listitem").filter(has_text="127.0.0.9")
    expect(entry).to_contain_text("No device checks in from there")
    entry.get_by_role("button", name="Give to a device").click()
    entry.get_by_role("button", name="Choose a device").click()
    page.get_by_role("option").first.click()
    entry.get_by_role("button", name="Give to a device").click()

    expect(page.get_by_text("What 127.0.0.9 sends is that device’s from now on").first).to_be_visible()
    (claim,) = [one for one in house.owner.ask("GET", "/sources")["items"] if one["value"] == "127.0.0.9"]
    assert claim["device_id"]


def test_a_chart_takes_more_and_fewer_lines(house: House, traffic: None, owner_page: Page) -> None:
    page = owner_page
    page.goto("/traffic?last=1h")
    figure = page.get_by_role("figure", name=re.compile("Traffic over time"))
    expect(figure).to_have_attribute("aria-label", re.compile("All others"))
    page.get_by_role("table", name="Applications").get_by_role("button", name="DNS", exact=True).click()
    expect(figure).not_to_have_attribute("aria-label", re.compile("All others"))
    page.get_by_role("button", name="No longer only udp/53").click()
    expect(figure).to_have_attribute("aria-label", re.compile("All others"))


def test_an_interface_goes_by_the_name_that_somebody_gave_it(house: House, owner_page: Page) -> None:
    device = house.ordinary()[0]
    house.owner.ask(
        "POST", "/sources", {"way": "address", "value": "127.0.0.11", "device_id": device["id"], "name": ""}
    )
    question = f"/traffic/top?by=remote_interface&last=1h&device_id={device['id']}"

    def stored() -> object:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind(("127.0.0.11", 0))
            for packet in (TEMPLATES, *messages(TALKS[:28])):
                sender.sendto(packet, ("127.0.0.1", house.flow_port))
        return [one for one in house.owner.ask("GET", question)["items"] if one["keys"]["remote_interface"]]

    until(stored, "flows of the device being stored")
    page = owner_page
    page.goto(f"/traffic?last=1h&device_id={device['id']}")
    page.get_by_role("combobox", name="By what").last.click()
    page.get_by_role("option", name="Outer interfaces").click()
    page.get_by_role("button", name=re.compile(r"^Name .* interface \d+$")).first.click()
    page.get_by_role("textbox", name="Name").fill("uplink-to-riga")
    page.get_by_role("button", name="Name it").click()

    expect(
        page.get_by_role("button", name=re.compile("^Only .* uplink-to-riga$|uplink-to-riga$")).first
    ).to_be_visible()
