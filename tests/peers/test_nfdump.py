"""softflowd exports a capture, and nfdump and we read the same packets: the totals have to agree."""

import shutil
import socket
import struct
import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest

from bench.flow_packets import TEMPLATES, Talk, messages, some_talks, v5
from tests.peers.nfdump import NFCAPD, NFDUMP, ours, theirs

SOFTFLOWD = shutil.which("softflowd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(not (NFCAPD and NFDUMP), reason="nfdump is not installed (apt-get install nfdump)")


def test_totals_of_what_softflowd_exports_are_those_of_nfdump(tmp_path: Path) -> None:
    if SOFTFLOWD is None:
        pytest.skip("softflowd is not installed (apt-get install softflowd)")
    capture = tmp_path / "capture.pcap"
    talks = [*some_talks(60), *(Talk(source=f"2001:db8::{number:x}", destination="2001:db8::1") for number in range(9))]
    capture.write_bytes(pcap(talks))
    for version in ("5", "9", "10"):
        packets = exported(capture, version)
        assert ours(packets) == theirs(packets, tmp_path / version), f"version {version}"


def test_totals_of_packets_as_routers_send_them_are_those_of_nfdump(tmp_path: Path) -> None:
    packets = [TEMPLATES, *messages(some_talks(300)), v5(some_talks(30, seed=2))]
    assert ours(packets) == theirs(packets, tmp_path / "ours")


def exported(capture: Path, version: str) -> list[bytes]:
    """The packets that softflowd makes of a capture."""
    packets = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(1.0)
        port = receiver.getsockname()[1]
        with subprocess.Popen(
            [
                str(SOFTFLOWD), "-d", "-r", str(capture), "-n", f"127.0.0.1:{port}", "-v", version, "-6",
                "-c", "none", "-p", str(capture.with_suffix(".pid")),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as exporter:  # fmt: skip
            while True:
                try:
                    packets.append(receiver.recv(65_535))
                except TimeoutError:
                    if exporter.poll() is not None:
                        break
    assert packets
    return packets


def pcap(talks: list[Talk]) -> bytes:
    """A capture of packets without link layer (LINKTYPE_RAW): three UDP packets for each talk."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 101)]
    moment = 1_700_000_000.0
    for talk in talks:
        for _ in range(3):
            data = _datagram(talk)
            moment += 0.01
            out.append(struct.pack("<IIII", int(moment), int(moment % 1 * 1e6), len(data), len(data)) + data)
    return b"".join(out)


def _datagram(talk: Talk) -> bytes:
    udp = struct.pack(">HHHH", talk.source_port, talk.destination_port, 108, 0) + bytes(100)
    source, destination = ip_address(talk.source), ip_address(talk.destination)
    if source.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(udp), 17, 64) + source.packed + destination.packed + udp
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + source.packed + destination.packed
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + head[12:] + udp
