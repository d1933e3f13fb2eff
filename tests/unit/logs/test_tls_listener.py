"""Syslog over TLS: lines arrive whole, a client's certificate says who it is, and what is no TLS does no harm."""

import asyncio
import datetime as dt
import hashlib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tikfleet.adapters.syslog.listener import Door, stream, tls_context
from tikfleet.app.certificates import Certificates, own_certificates
from tikfleet.routeros.syslog.framing import Framer

NOW = dt.datetime.now(dt.UTC)


class Taken:
    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.certificates: set[str] = set()

    def __call__(self, address: str, port: int, certificate: str, messages: Sequence[bytes]) -> None:
        self.messages += messages
        self.certificates.add(certificate)

    async def until(self, count: int) -> list[bytes]:
        async with asyncio.timeout(60):
            while len(self.messages) < count:  # noqa: ASYNC110 - a callback adds them
                await asyncio.sleep(0.01)
        return self.messages


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return own_certificates(tmp_path_factory.mktemp("tls"), ["localhost"], NOW)


def client(server: Certificates) -> ssl.SSLContext:
    """A router that checks the chain, as RouterOS does with check-certificate."""
    return ssl.create_default_context(cadata=server.ca_pem)


def device_certificate(directory: Path) -> tuple[Path, str]:
    """A device's own certificate with its key, and its SHA-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gw-riga")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=30))
        .sign(key, SHA256())
    )
    file = directory / "device.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return file, hashlib.sha256(made.public_bytes(Encoding.DER)).hexdigest()


async def say(port: int, context: ssl.SSLContext, *parts: bytes) -> None:
    reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
    for part in parts:
        writer.write(part)
        await writer.drain()
    writer.close()
    assert await reader.read() == b""


async def test_lines_over_tls_arrive_whole_and_from_nobody_in_particular(server: Certificates) -> None:
    taken = Taken()
    async with stream(Door("127.0.0.1", 0, Framer, tls_context(server.chain, server.key)), taken) as port:
        await say(port, client(server), b"<30>one\n5 hel", b"lo", b"<30>" + b"x" * 40_000, b"\n<30>without an end")
        messages = await taken.until(4)

    assert messages == [b"<30>one", b"hello", b"<30>" + b"x" * 40_000, b"<30>without an end"]
    assert taken.certificates == {""}


async def test_a_device_is_known_by_the_certificate_that_it_shows(server: Certificates, tmp_path: Path) -> None:
    file, fingerprint = device_certificate(tmp_path)
    context, taken = client(server), Taken()
    context.load_cert_chain(file)
    listening = tls_context(server.chain, server.key, str(file))
    async with stream(Door("127.0.0.1", 0, Framer, listening), taken) as port:
        await say(port, context, b"system,info hello\n")
        await taken.until(1)

    assert taken.certificates == {fingerprint}


async def test_a_certificate_that_nobody_vouches_for_is_refused(server: Certificates, tmp_path: Path) -> None:
    trusted, _ = device_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    stranger, _ = device_certificate(tmp_path / "other")
    context, taken = client(server), Taken()
    context.load_cert_chain(stranger)
    listening = tls_context(server.chain, server.key, str(trusted))
    async with stream(Door("127.0.0.1", 0, Framer, listening), taken) as port:
        # With TLS 1.3 the refusal comes after the client's first words.
        with suppress(OSError):
            await say(port, context, b"system,info hello\n")
        await say(port, client(server), b"<30>after it\n")
        await taken.until(1)
    assert taken.messages == [b"<30>after it"]


async def test_plain_text_and_old_tls_do_no_harm(server: Certificates) -> None:
    taken = Taken()
    async with stream(Door("127.0.0.1", 0, Framer, tls_context(server.chain, server.key)), taken) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"<30>plain text\n" * 10)
        assert b"plain" not in await reader.read()
        writer.close()
        await say(port, client(server), b"<30>after it\n")
        assert await taken.until(1) == [b"<30>after it"]
    assert tls_context(server.chain, server.key).minimum_version == ssl.TLSVersion.TLSv1_2
