"""fprobe listens on the loopback interface and exports NetFlow 5: what went by has to be in what we read."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.peers.nfdump import NFCAPD, NFDUMP, PATIENCE_S, ours, theirs
from tikfleet.domains.flows.wire.decoder import Decoder

FPROBE = shutil.which("fprobe", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = [
    pytest.mark.skipif(FPROBE is None, reason="fprobe is not installed (apt-get install fprobe)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="fprobe reads an interface as root alone"),
]
DATAGRAMS = 50
SIZE_BYTES = 100
HEADS_BYTES = 28
# It keeps what it would tell for some seconds, for more to come.
WARMING_S = 12.0


@contextmanager
def bound() -> Iterator[socket.socket]:
    """A UDP socket at a port of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        yield made


def port_of(made: socket.socket) -> int:
    return int(made.getsockname()[1])


def everything(receiver: socket.socket) -> list[bytes]:
    """The packets that are there, or come so soon one after the other."""
    packets = []
    receiver.settimeout(1.0)
    try:
        while True:
            packets.append(receiver.recv(65_535))
    except TimeoutError:
        return packets


def exported(target: socket.socket) -> tuple[list[bytes], int]:
    """What fprobe told of some datagrams to a port, and the port that they came from."""
    with bound() as collector, bound() as early, bound() as sender:
        listening = ["-p", "-i", "lo", "-f", f"udp and dst port {port_of(target)}"]
        # Every second it looks for flows that have been idle for one.
        command = [
            str(FPROBE),
            *listening,
            *["-s", "1", "-d", "1", "-e", "60", "-l", "2"],
            f"127.0.0.1:{port_of(collector)}",
        ]
        probe = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            packets: list[bytes] = []
            until = time.monotonic() + PATIENCE_S
            while not packets:
                # As soon as one of these is told of, it listens.
                assert probe.poll() is None, "fprobe ended: it can't read the loopback interface here"
                assert time.monotonic() < until, "fprobe tells nothing"
                early.sendto(b"early", ("127.0.0.1", port_of(target)))
                collector.settimeout(WARMING_S)
                with suppress(TimeoutError):
                    packets.append(collector.recv(65_535))
            for _ in range(DATAGRAMS):
                sender.sendto(bytes(SIZE_BYTES), ("127.0.0.1", port_of(target)))
            time.sleep(1)
            # It tells of what it has before it ends.
            probe.terminate()
            probe.wait(PATIENCE_S)
            return packets + everything(collector), port_of(sender)
        finally:
            probe.kill()
            probe.wait()


def test_what_fprobe_saw_is_in_what_it_exports_and_nfdump_agrees(tmp_path: Path) -> None:
    with bound() as target:
        packets, source_port = exported(target)
    decoder = Decoder()
    for packet in packets:
        decoder.feed(1, packet, 0)
    flows = decoder.drain()
    found = flows[flows["source_port"] == source_port]

    assert int(found["packets"].sum()) == DATAGRAMS
    assert int(found["octets"].sum()) == DATAGRAMS * (SIZE_BYTES + HEADS_BYTES)
    if NFCAPD and NFDUMP:
        assert ours(packets) == theirs(packets, tmp_path / "nfdump")
