"""rsyslog as a relay between routers and us: what it passes on, over UDP and TCP, is read as it was sent.

Its own RFC 5424 form is not among them: there the first word of a router's message, which has no tag, becomes the name
of a program and is no part of the message any more.
"""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.conftest import pick_port
from tikfleet.adapters.syslog.listener import Door, stream, udp
from tikfleet.routeros.syslog.bodies import fields_of
from tikfleet.routeros.syslog.framing import Framer
from tikfleet.routeros.syslog.lines import parse

RSYSLOGD = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(RSYSLOGD is None, reason="rsyslog is not installed (apt-get install rsyslog)")

NOW_MS = 1_790_000_000_000
FAILURE = "login failure for user admin from 192.0.2.66 via ssh"
FIREWALL = (
    "drop-in input: in:ether1 out:(unknown 0), connection-state:new src-mac 02:00:00:00:00:01, "
    "proto TCP (SYN), 192.0.2.10:59388->198.51.100.1:23, len 40"
)
CONFIGURATION = """
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="{heard}")
global(workDirectory="{directory}")
action(type="omfwd" target="127.0.0.1" port="{port}" protocol="{protocol}" {more})
"""
FORMS = {
    "udp": ("udp", 'template="RSYSLOG_TraditionalForwardFormat"'),
    "tcp": ("tcp", 'template="RSYSLOG_TraditionalForwardFormat"'),
    "tcp-counted": ("tcp", 'template="RSYSLOG_TraditionalForwardFormat" TCP_Framing="octet-counted"'),
}


class Taken:
    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def __call__(self, address: str, port: int, certificate: str, messages: Sequence[bytes]) -> None:
        self.messages += messages


@asynccontextmanager
async def relaying(form: str, port: int, directory: Path) -> AsyncIterator[int]:
    """rsyslog, until the block ends; gives the port where it hears routers."""
    heard, (protocol, more) = pick_port(), FORMS[form]
    settings = directory / "rsyslog.conf"
    settings.write_text(CONFIGURATION.format(heard=heard, directory=directory, port=port, protocol=protocol, more=more))
    assert RSYSLOGD is not None
    running = await asyncio.create_subprocess_exec(
        RSYSLOGD, "-n", "-f", str(settings), "-i", str(directory / "rsyslog.pid")
    )
    try:
        yield heard
    finally:
        running.terminate()
        await running.wait()


async def said(heard: int, taken: Taken) -> list[bytes]:
    """Says two lines as a router does, again and again until the relay is there, and gives what came of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as router:
        async with asyncio.timeout(60):
            while sum(FAILURE.encode() in one or FIREWALL.encode() in one for one in taken.messages) < 2:
                router.sendto(f"<27>Oct  2 17:36:35 gw-riga {FAILURE}".encode(), ("127.0.0.1", heard))
                router.sendto(f"<30>Oct  2 17:36:35 gw-riga {FIREWALL}".encode(), ("127.0.0.1", heard))
                await asyncio.sleep(0.2)
    return taken.messages


@pytest.mark.parametrize("form", FORMS)
async def test_lines_that_rsyslog_passes_on_tell_what_the_router_said(form: str, tmp_path: Path) -> None:
    taken = Taken()
    if FORMS[form][0] == "udp":
        async with udp("127.0.0.1", 0, taken) as sock, relaying(form, sock.getsockname()[1], tmp_path) as heard:
            messages = await said(heard, taken)
    else:
        async with stream(Door("127.0.0.1", 0, Framer), taken) as port, relaying(form, port, tmp_path) as heard:
            messages = await said(heard, taken)
    lines = [parse(raw, NOW_MS) for raw in messages]
    failure = next(line for line in lines if FAILURE in line.message)
    packet = next(line for line in lines if FIREWALL in line.message)

    assert (failure.severity, failure.host, failure.message.strip()) == (3, "gw-riga", FAILURE)
    assert (packet.severity, packet.host, packet.message.strip()) == (6, "gw-riga", FIREWALL)
    told = fields_of(packet.topics, packet.message)
    assert (told.chain, told.address, told.port, told.to_port) == ("input", "192.0.2.10", 59388, 23)
