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
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tikfleet.app.certificates import own_certificates
from tikfleet.app.cloud.costs import Shape
from tikfleet.app.cloud.plan import lines, plan_of
from tikfleet.app.cloud.prices import price_table
from tikfleet.app.cloud.sizes import Size, sizes
from tikfleet.app.cloud.traffic import ECDSA_CHAIN_BYTES, MEASURED, with_chain
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


def public_handshake() -> int:
    """Bytes to a router where a public authority vouches: a P-256 leaf of 920 bytes, a P-384 intermediate of 1,115.

    Those are the sizes of a widespread authority's, from memory of them; its root has an RSA key of 4096 bits.
    """
    root, middle, leaf = rsa.generate_private_key(65537, 4096), ec.generate_private_key(ec.SECP384R1()), ec_key()
    with tempfile.TemporaryDirectory() as directory:
        file, key = Path(directory) / "chain.pem", Path(directory) / "key.pem"
        chain = [
            _vouched("fleet.example.com", leaf, "E7", middle, 529),
            _vouched("E7", middle, "ISRG Root X1", root, 302),
        ]
        file.write_bytes(b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain))
        key.write_bytes(leaf.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        server.load_cert_chain(file, key)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        return _shaken(client, server)["handshake_out_bytes"]


def ec_key() -> ec.EllipticCurvePrivateKey:
    """A key of a server's certificate."""
    return ec.generate_private_key(ec.SECP256R1())


def _vouched(name: str, key: Any, by: str, signer: Any, extension_bytes: int) -> x509.Certificate:
    """A certificate with `extension_bytes` of extensions: transparency logs, the authority's addresses and keys."""
    now = dt.datetime.now(dt.UTC)
    told = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), bytes(extension_bytes))
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(told, critical=False)
    )
    return builder.sign(signer, SHA256())


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
    """Bytes, then the sums for each size: as it is by default, and where everything is chosen for little money."""
    for name, value in measured().items():
        print(f"{name:<22} {value:>6}   reckoned with {getattr(MEASURED, name)}")
    chain_bytes = public_handshake() - handshake()["handshake_out_bytes"]
    print(f"{'ecdsa_chain_bytes':<22} {chain_bytes:>6}   reckoned with {ECDSA_CHAIN_BYTES}")
    for name, size in sizes().items():
        for told, shape, kind in (
            ("functions, through the firewall, RSA", Shape(size, size.for_routers), "rsa"),
            ("functions, a balancer of their own, ECDSA", Shape(size, size.for_routers, own_balancer=True), "ecdsa"),
            ("a container, a balancer of their own, ECDSA", _least(size), "ecdsa"),
        ):
            print(f"\n-- {name}, routers by {told}")
            print(*lines(plan_of(shape, with_chain(MEASURED, kind), price_table())), sep="\n")


def _least(size: Size) -> Shape:
    return Shape(size, size.for_routers, own_balancer=True, by_container=True)


if __name__ == "__main__":
    main()
