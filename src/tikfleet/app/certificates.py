"""The server's own certificate authority, for where no public certificate is: ECDSA P-256, made at the first start."""

import datetime as dt
import ipaddress
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CA_YEARS: Final = 20
_SERVER_DAYS: Final = 397
_RENEW_DAYS: Final = 60


class Certificates(msgspec.Struct, frozen=True):
    """Files for the listener, and the authority that a router has to trust (empty with a public certificate)."""

    chain: Path
    key: Path
    ca_pem: str


def own_certificates(directory: Path, names: Iterable[str], now: dt.datetime) -> Certificates:
    """The authority and a server certificate for these host names and addresses.

    The certificate is renewed when it is near its end or does not name one of them.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca_key, ca = _authority(directory, now)
    wanted = sorted({*names, "localhost", "127.0.0.1", socket.gethostname()})
    chain, key = directory / "server.pem", directory / "server.key"
    if not _still_good(chain, wanted, now):
        _issue(chain, key, (ca_key, ca), wanted, now)
    return Certificates(chain, key, ca.public_bytes(Encoding.PEM).decode())


def _authority(directory: Path, now: dt.datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file, file = directory / "ca.key", directory / "ca.pem"
    if file.exists():
        key = load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{key_file.name} is not an elliptic curve key")
        return key, x509.load_pem_x509_certificate(file.read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tikfleet"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Tikfleet CA {x509.random_serial_number() % 10**8:08d}"),
        ]
    )
    builder = _builder(name, name, key.public_key(), now, dt.timedelta(days=365 * _CA_YEARS))
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .sign(key, SHA256())
    )
    _write(key_file, _pem(key))
    _write(file, certificate.public_bytes(Encoding.PEM))
    return key, certificate


def _issue(
    chain: Path,
    key_file: Path,
    authority: tuple[ec.EllipticCurvePrivateKey, x509.Certificate],
    names: list[str],
    now: dt.datetime,
) -> None:
    ca_key, ca = authority
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    builder = _builder(subject, ca.subject, key.public_key(), now, dt.timedelta(days=_SERVER_DAYS))
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, SHA256())
    )
    _write(key_file, _pem(key))
    _write(chain, certificate.public_bytes(Encoding.PEM) + ca.public_bytes(Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, life: dt.timedelta
) -> x509.CertificateBuilder:
    # A router's clock may be a little behind ours.
    start = now - dt.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _still_good(file: Path, names: list[str], now: dt.datetime) -> bool:
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    named = {str(item.value) for item in alternatives}
    return set(names) <= named and certificate.not_valid_after_utc > now + dt.timedelta(days=_RENEW_DAYS)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
