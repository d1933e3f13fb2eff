"""Log lines and flows of virtual routers: what arrives is what RouterOS sends, and is understood."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tikfleet.domains.flows.wire.decoder import Decoder
from tikfleet.routeros.syslog.bodies import fields_of
from tikfleet.routeros.syslog.lines import parse
from tikfleet.virtual.light import lines, netflow
from tikfleet.virtual.light.addresses import may_be_bound, own_address
from tikfleet.virtual.light.dice import Dice
from tikfleet.virtual.light.faults import Faults
from tikfleet.virtual.light.fleet import build_fleet
from tikfleet.virtual.light.router import Router
from tikfleet.virtual.light.telling import Teller, Telling

NOW = 1_750_000_000.0
KNOWN = {
    "login", "logout", "login-failure", "link-up", "link-down", "config-changed", "lease-assigned", "lease-deassigned",
    "drop",
}  # fmt: skip


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(30)
        yield heard


def some_routers(count: int = 6) -> list[Router]:
    routers = build_fleet(5, count, NOW, Faults())
    for router in routers:
        router.token = "known"
    return routers


def test_every_kind_of_line_is_read_in_both_forms() -> None:
    machines = [router.machine for router in some_routers()]
    dice = Dice(7, "lines")
    actions = set()
    for turn in range(4000):
        machine = machines[turn % len(machines)]
        event = lines.happening(machine, dice)
        own = parse(lines.own_form(event), int(NOW * 1000))
        bsd = parse(lines.bsd_form(event, machine, NOW), int(NOW * 1000))
        assert (own.topics, own.message) == (event.topics, event.message)
        # A name of several words has no end that a reader could see.
        assert f"{bsd.host} {bsd.message}" == f"{machine.identity} {event.message}"
        actions.add(fields_of(own.topics, own.message).action)
    assert actions >= KNOWN


def test_flows_are_decoded_and_add_up_to_what_was_downloaded() -> None:
    packet = netflow.packet(Dice(3), 50_000_000.0, 60.0, 86_400.0, NOW, 1)
    decoder = Decoder()
    decoder.feed(7, packet, int(NOW * 1000))
    flows = decoder.drain()
    assert len(flows) == netflow.FLOWS
    assert int(flows["octets"][flows["in_interface"] == 1].sum()) == pytest.approx(50_000_000, rel=0.01)
    assert ((flows["ended_ms"] <= NOW * 1000) & (flows["ended_ms"] > (NOW - 60) * 1000)).all()


def test_a_router_tells_with_its_own_address(ear: socket.socket) -> None:
    if not may_be_bound():
        pytest.skip("this system has one loopback address")
    port = ear.getsockname()[1]
    teller = Teller(some_routers(), Telling(f"127.0.0.1:{port}", f"127.0.0.1:{port}", own_addresses=True), 1)
    for kind in ("line", "flows"):
        teller.tell(3, kind, time.time())
        assert ear.recvfrom(65_535)[1][0] == own_address(3)


async def test_who_has_enrolled_is_heard_and_others_are_not(ear: socket.socket) -> None:
    routers = some_routers(400)
    for router in routers[::2]:
        router.token = ""
    port = ear.getsockname()[1]
    running = asyncio.create_task(Teller(routers, Telling(f"127.0.0.1:{port}"), 1).run())
    heard = [await asyncio.to_thread(ear.recv, 65_535) for _ in range(8)]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    named = [f" {router.machine.identity} ".encode() for router in routers[1::2]]
    assert all(any(name in line for name in named) for line in heard)


def test_a_place_without_a_port_is_refused() -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        Teller(some_routers(), Telling("127.0.0.1"), 1)
