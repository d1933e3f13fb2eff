"""Sockets for syslog: what is sent over them arrives whole, by our own hand and by a real program's."""

import asyncio
import shutil
import socket
from collections.abc import Sequence

import pytest

from tikfleet.adapters.syslog.listener import Door, dropped_packets, stream, udp
from tikfleet.routeros.syslog.framing import Framer
from tikfleet.routeros.syslog.lines import parse


class Taken:
    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.addresses: set[str] = set()

    def __call__(self, address: str, port: int, certificate: str, messages: Sequence[bytes]) -> None:
        self.messages += messages
        self.addresses.add(address)

    async def until(self, count: int) -> list[bytes]:
        async with asyncio.timeout(30):
            while len(self.messages) < count:  # noqa: ASYNC110 - a callback adds them
                await asyncio.sleep(0.01)
        return self.messages


async def test_a_packet_is_a_line_and_none_is_lost_unseen() -> None:
    taken = Taken()
    async with udp("127.0.0.1", 0, taken) as sock:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(200):
                sender.sendto(b"system,info line %d\r\n" % number, sock.getsockname())
            sender.sendto(b"\0", sock.getsockname())
        lost = dropped_packets(sock)
        assert len(await taken.until(200 - lost)) == 200 - lost
    assert taken.messages[0] == b"system,info line 0"
    assert taken.addresses == {"127.0.0.1"}


async def test_a_connection_is_cut_into_lines_and_its_end_ends_the_last() -> None:
    taken = Taken()
    async with stream(Door("127.0.0.1", 0, Framer), taken) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"<30>one\n5 hello<30>without an end")
        writer.write_eof()
        assert await taken.until(3) == [b"<30>one", b"hello", b"<30>without an end"]
        writer.close()


@pytest.mark.parametrize("mode", ["udp", "tcp"])
async def test_logger_of_util_linux_is_understood(mode: str) -> None:
    program = shutil.which("logger")
    if program is None:
        pytest.skip("logger is not installed: apt-get install bsdutils")
    taken = Taken()

    async def send(port: int, *how: str) -> None:
        words = ("-n", "127.0.0.1", "-P", str(port), *how, "-p", "daemon.err", "-t", "gw", "login failure for user x")
        running = await asyncio.create_subprocess_exec(program, *words)
        assert await running.wait() == 0

    if mode == "udp":
        async with udp("127.0.0.1", 0, taken) as sock:
            await send(int(sock.getsockname()[1]), "-d")
            (raw,) = await taken.until(1)
    else:
        async with stream(Door("127.0.0.1", 0, Framer), taken) as port:
            await send(port, "-T", "--octet-count")
            (raw,) = await taken.until(1)
    line = parse(raw, 1_790_000_000_000)
    assert line.severity == 3
    assert line.host
    assert line.message.endswith("login failure for user x")
