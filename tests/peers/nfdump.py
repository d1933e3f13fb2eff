"""What nfdump and we make of the same packets."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

from tests.conftest import pick_port
from tikfleet.domains.flows.wire.decoder import Decoder

NFCAPD: Final = shutil.which("nfcapd")
NFDUMP: Final = shutil.which("nfdump")
PATIENCE_S: Final = 60.0
Totals = tuple[int, int, int]


def ours(packets: list[bytes]) -> Totals:
    decoder = Decoder()
    for packet in packets:
        decoder.feed(1, packet, 0)
    flows = decoder.drain()
    assert decoder.tallies(0)[1].malformed == 0
    return len(flows), int(flows["octets"].sum()), int(flows["packets"].sum())


def theirs(packets: list[bytes], folder: Path) -> Totals:
    """Flows, bytes and packets as nfdump counts them."""
    folder.mkdir()
    port = pick_port()
    collector = subprocess.Popen(
        [str(NFCAPD), "-b", "127.0.0.1", "-p", str(port), "-w", str(folder), "-t", "3600"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_it_listens(port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for packet in packets:
                sender.sendto(packet, ("127.0.0.1", port))
                time.sleep(0.001)
        time.sleep(1.5)
        collector.send_signal(signal.SIGTERM)
        collector.wait(PATIENCE_S)
    finally:
        collector.kill()
        collector.wait()
    (file,) = folder.glob("nfcapd.2*")
    said = subprocess.run([str(NFDUMP), "-r", str(file), "-I"], capture_output=True, text=True, check=True).stdout
    told = dict(line.split(": ") for line in said.splitlines() if ": " in line)
    return int(told["Flows"]), int(told["Bytes"]), int(told["Packets"])


def _wait_until_it_listens(port: int) -> None:
    """Until somebody else holds the port: then binding it fails."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.05)
    raise TimeoutError("nfcapd does not listen")
