"""What one check-in is on the wire and in the inbox of AWS, and what a million of them cost there.

`python -m bench.cloud`. Measures bytes: the request and answer of a router of tier A, a whole TLS 1.3 handshake with a
certificate of our own (both directions, records and all), and the report as it stands in a stream. Prints them beside
the figures that `tikfleet deploy aws --plan` reckons with (`src/tikfleet/app/cloud/traffic.py`).
"""

import datetime as dt
import ssl
import tempfile
import zlib
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.app.certificates import own_certificates
from tikfleet.app.cloud.costs import Shape
from tikfleet.app.cloud.plan import lines, plan_of
from tikfleet.app.cloud.prices import price_table
from tikfleet.app.cloud.sizes import sizes
from tikfleet.app.cloud.traffic import MEASURED
from tikfleet.app.measuring import reports
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope

_HEAD: Final = (
    b"POST /agent/v1/checkin HTTP/1.1\r\nHost: fleet.example.com\r\nAuthorization: Bearer tfd_%b\r\n"
    b"Content-Type: application/json\r\nUser-Agent: Mikrotik/7.20.8 Fetch\r\nContent-Length: %d\r\nAccept: */*\r\n\r\n"
)
_ANSWER: Final = b'{"ok":true,"next":58}'
_ANSWER_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 21\r\n"
    b"date: Mon, 23 Nov 2026 16:40:00 GMT\r\nserver: granian\r\n\r\n"
)


def measured() -> dict[str, int]:
    """Bytes per check-in, by the name of the figure in `Traffic`."""
    body = reports.body()
    head = _HEAD % (b"0" * 49, len(body))
    sent, handshakes = {}, handshake()
    sent["request_bytes"] = _sealed(len(head) + len(body))
    sent["answer_bytes"] = _sealed(len(_ANSWER_HEAD) + len(_ANSWER))
    sent["inbox_bytes"] = in_stream(body)
    return sent | handshakes


def in_stream(body: bytes) -> int:
    """The report as a record: MessagePack, compressed as the adapter of Kinesis does."""
    envelope = Envelope(
        OrganisationId("org_01m3k5x0v7q2a9bc"),
        DeviceId("dev_01m3k5x0v7q2a9bc"),
        1_763_900_000_000,
        "report",
        "application/json",
        "198.51.100.17",
        body,
    )
    return 1 + len(zlib.compress(msgspec.msgpack.encode(envelope), 6))


def handshake() -> dict[str, int]:
    """Bytes of a TLS 1.3 handshake from a router, and to it, until both may send."""
    with tempfile.TemporaryDirectory() as directory:
        made = own_certificates(Path(directory), ["127.0.0.1"], dt.datetime.now(dt.UTC))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(made.chain, made.key)
        client = ssl.create_default_context(cadata=made.ca_pem)
        return _shaken(client, server)


def _shaken(client: ssl.SSLContext, server: ssl.SSLContext) -> dict[str, int]:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    out_to_client = ssl.MemoryBIO()
    in_from_client = ssl.MemoryBIO()
    theirs = server.wrap_bio(in_from_client, out_to_client, server_side=True)
    counted = {"handshake_in_bytes": 0, "handshake_out_bytes": 0}
    done: set[ssl.SSLObject] = set()
    while len(done) < 2:
        for side in {ours, theirs} - done:
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                pass
        counted["handshake_in_bytes"] += in_from_client.write(to_server.read())
        counted["handshake_out_bytes"] += to_client.write(out_to_client.read())
    return counted


def _sealed(size_bytes: int) -> int:
    """With what TLS 1.3 adds to a record of at most 16 KiB: 5 bytes of head, 1 of type, 16 of tag."""
    return size_bytes + 22 * (1 + size_bytes // 16384)


def main() -> None:
    for name, value in measured().items():
        print(f"{name:<22} {value:>6}   reckoned with {getattr(MEASURED, name)}")
    print()
    for name, size in sizes().items():
        for own_balancer in (False, True):
            print(f"-- {name}, routers {'beside' if own_balancer else 'through'} the firewall")
            shape = Shape(size, size.for_routers, own_balancer=own_balancer)
            print(*lines(plan_of(shape, MEASURED, price_table()), {}), sep="\n")
            print()


if __name__ == "__main__":
    main()
