"""How far the router's identity is checked. Whoever does not choose gets the full check."""

import ssl
from enum import Enum
from typing import Final, TypeAlias


class Plain(Enum):
    """No TLS: everything, the password too, can be read on the way."""

    TEXT = "plain text"


PLAIN: Final = Plain.TEXT
Tls: TypeAlias = ssl.SSLContext | Plain


def verified(ca_file: str | None = None, ca_text: str | None = None, *, check_name: bool = True) -> ssl.SSLContext:
    """The router's certificate has to come from the machine's authorities, or only from the one given here (PEM).

    Without `check_name` any certificate of that authority will do: for an authority of one's own that names routers
    and not addresses.
    """
    context = ssl.create_default_context(cafile=ca_file, cadata=ca_text)
    context.check_hostname = check_name
    return context


def unverified() -> ssl.SSLContext:
    """Encrypted, and whoever answers is believed: somebody in between can read the password."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def anonymous() -> ssl.SSLContext:
    """For a router whose `api-ssl` has no certificate: it offers anonymous Diffie-Hellman only. No identity at all."""
    context = unverified()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ADH:AECDH:@SECLEVEL=0")
    return context
