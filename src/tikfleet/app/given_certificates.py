"""A certificate of somebody else's authority for the HTTPS listener: looked at before anything listens with it."""

import datetime as dt
import ipaddress
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tikfleet.app.certificates import Certificates
from tikfleet.app.settings import SettingsWrong

_FORM: Final = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
_log = structlog.get_logger("tikfleet.certificates")


def given_certificates(chain: Path, key: Path, host: str, now: dt.datetime) -> Certificates:
    """The files as they are. Raises SettingsWrong where the listener could not use them.

    What routers would refuse (it has ended, or does not name `host`) is told in the log: people still reach the
    dashboard, and see why.
    """
    certificate = _certificate(chain)
    try:
        private = load_pem_private_key(_read(key, "tls_key"), None)
    except (ValueError, TypeError) as cause:
        raise SettingsWrong(f"tls_key: {key} holds no private key in PEM form that is open") from cause
    if private.public_key().public_bytes(*_FORM) != certificate.public_key().public_bytes(*_FORM):
        raise SettingsWrong(f"tls_key: {key} is not the key of the first certificate in {chain}")
    if certificate.not_valid_after_utc < now:
        _log.error("the certificate has ended, so no router reports", ended=certificate.not_valid_after_utc.isoformat())
    if host and not _names(certificate, host):
        _log.error("the certificate does not name the address that routers call, so none reports", address=host)
    return Certificates(chain, key, "")


def _certificate(chain: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(_read(chain, "tls_certificate"))[0]
    except ValueError as cause:
        raise SettingsWrong(f"tls_certificate: {chain} holds no certificate in PEM form") from cause


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise SettingsWrong(f"{setting}: {path} cannot be read ({cause.strerror})") from cause


def _names(certificate: x509.Certificate, host: str) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        return ipaddress.ip_address(host.strip("[]")) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        host = host.lower()
    given = [name.lower() for name in names.get_values_for_type(x509.DNSName)]
    return host in given or f"*.{host.partition('.')[2]}" in given
