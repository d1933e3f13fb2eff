"""Bearer credentials: 256 random bits in base62 with a prefix that names the kind and a checksum at the end.

The form lets a scanner find leaked credentials without a look-up: prefix, 43 characters, six characters of CRC-32.
"""

import hashlib
import re
import secrets
import zlib
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY: Final = 43
_CHECK: Final = 6
_FORM: Final = re.compile(r"tf[a-z]_[0-9A-Za-z]{49}")

ENROLMENT_KEY: Final = "tfe_"
DEVICE_TOKEN: Final = "tfd_"  # noqa: S105 - a prefix, not a secret
API_TOKEN: Final = "tft_"  # noqa: S105 - a prefix, not a secret
INVITATION: Final = "tfi_"
SESSION: Final = "tfs_"
SOURCE_TOKEN: Final = "tfl_"  # noqa: S105 - a prefix, not a secret
# What callbacks are signed with.
CALLBACK_SECRET: Final = "tfc_"  # noqa: S105 - a prefix, not a secret


def new_secret(prefix: str) -> str:
    """A fresh credential such as `tfd_` + 49 characters."""
    body = prefix + _base62(secrets.randbits(256), _BODY)
    return body + _checksum(body)


def looks_genuine(secret: str, prefix: str) -> bool:
    """Whether the form and checksum are right: refuses noise without asking the database."""
    return (
        secret.startswith(prefix)
        and _FORM.fullmatch(secret) is not None
        and _checksum(secret[:-_CHECK]) == secret[-_CHECK:]
    )


def digest(secret: str) -> bytes:
    """What is stored of a credential: SHA-256 (32 bytes). 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK)


def _base62(number: int, width: int) -> str:
    digits = []
    while number:
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits)).rjust(width, "0")
