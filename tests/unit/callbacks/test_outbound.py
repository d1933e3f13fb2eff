"""The one way out: what it refuses, and that it connects to nothing that it did not look at."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.adapters.web.addresses import may_be_reached
from tikfleet.adapters.web.outbound import WebOutbound
from tikfleet.ports.outbound import AddressRefused, OutboundFailed

LOOPBACK = (ip_network("127.0.0.0/8"),)
Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiver(answer: Answering) -> AsyncIterator[int]:
    """A server on a free port of this machine."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def resolve_to(*addresses: str) -> list[str]:
    return list(addresses)


def saying(text: bytes, seen: list[bytes] | None = None) -> Answering:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if seen is not None:
            seen.append(head)
        writer.write(text)
        writer.close()

    return answer


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.88.1", "100.64.0.1",
        "169.254.169.254", "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1",
        "100::1",
    ],
)  # fmt: skip
def test_what_is_not_the_public_internet_is_not_reached(address: str) -> None:
    assert not may_be_reached(address, ())


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_public_internet_is_reached(address: str) -> None:
    assert may_be_reached(address, ())


def test_a_network_that_was_named_is_reached_and_its_neighbour_is_not() -> None:
    named = (ip_network("10.20.0.0/16"), ip_network("fd12::/64"))
    assert may_be_reached("10.20.1.1", named)
    assert may_be_reached("::ffff:10.20.1.1", named)
    assert may_be_reached("fd12::5", named)
    assert not may_be_reached("10.21.1.1", named)
    assert not may_be_reached("fd13::5", named)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(address: IPv4Address) -> None:
    plain = may_be_reached(str(address), ())
    assert may_be_reached(str(IPv6Address(f"::ffff:{address}")), ()) == plain
    assert may_be_reached(str(IPv6Address((0x64FF9B << 96) | int(address))), ()) == plain


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "http://10.0.0.1/", "ftp://a.example/",
        "https://", "https:///x", "https://user@a.example/", "https://a.example/#x", "https://a.example:99999/",
        "https://[::1/", "//a.example/", "https://a.example/" + "x" * 2_048,
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_meant_is_refused_at_once(url: str) -> None:
    with pytest.raises(AddressRefused):
        WebOutbound().check(url)


def test_a_name_is_not_looked_up_before_it_is_called() -> None:
    WebOutbound().check("https://hooks.acme.example:8443/tikfleet?x=1")


@pytest.mark.parametrize("others", [(), ("8.8.8.8",)])
async def test_a_name_that_leads_inside_is_refused_even_when_it_leads_outside_too(others: tuple[str, ...]) -> None:
    outbound = WebOutbound((), lambda name, port: resolve_to(*others, "127.0.0.1"))
    with pytest.raises(AddressRefused):
        await outbound.post("https://hooks.acme.example/", {}, b"{}")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
async def test_another_spelling_of_this_machine_is_still_this_machine(host: str) -> None:
    with pytest.raises((AddressRefused, OutboundFailed)):
        await WebOutbound().post(f"https://{host}/", {}, b"{}")


async def test_the_connection_goes_to_the_address_that_was_looked_at_under_the_name_that_was_given() -> None:
    seen: list[bytes] = []
    asked: list[str] = []

    def resolve(name: str, port: int) -> Awaitable[list[str]]:
        asked.append(name)
        return resolve_to("127.0.0.1")

    async with receiver(saying(b"HTTP/1.1 204 No Content\r\n\r\n", seen)) as port:
        outbound = WebOutbound(LOOPBACK, resolve)
        status = await outbound.post(f"http://hooks.acme.example:{port}/in?x=1", {"Tikfleet-Event": "e"}, b"{}")
        await outbound.close()

    assert (status, asked) == (204, ["hooks.acme.example"])
    head = seen[0].lower()
    assert head.startswith(b"post /in?x=1 http/1.1\r\n")
    assert f"host: hooks.acme.example:{port}".encode() in head
    assert b"tikfleet-event: e" in head


async def test_plain_http_goes_to_named_networks_only() -> None:
    with pytest.raises(AddressRefused):
        await WebOutbound(LOOPBACK, lambda name, port: resolve_to("8.8.8.8")).post("http://a.example/", {}, b"")


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    seen: list[bytes] = []
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with receiver(saying(moved, seen)) as port:
        outbound = WebOutbound(LOOPBACK)
        assert await outbound.post(f"http://127.0.0.1:{port}/", {}, b"") == 302
        await outbound.close()
    assert len(seen) == 1


async def test_an_answer_without_end_is_left_after_some_of_it() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with receiver(endless) as port:
        outbound = WebOutbound(LOOPBACK)
        assert await outbound.post(f"http://127.0.0.1:{port}/", {}, b"") == 200
        await outbound.close()


@pytest.mark.parametrize(
    "answer", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
async def test_what_is_no_answer_is_a_failure_that_says_so(answer: bytes) -> None:
    async with receiver(saying(answer)) as port:
        outbound = WebOutbound(LOOPBACK)
        with pytest.raises(OutboundFailed):
            await outbound.post(f"http://127.0.0.1:{port}/", {}, b"")
        await outbound.close()


async def test_nobody_there_is_a_failure() -> None:
    async with receiver(saying(b"")) as port:
        pass
    outbound = WebOutbound(LOOPBACK)
    with pytest.raises(OutboundFailed):
        await outbound.post(f"http://127.0.0.1:{port}/", {}, b"")
    await outbound.close()
