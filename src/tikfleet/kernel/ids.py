"""Identifiers: a prefix that names the kind, then 16 characters that sort by the time they were made.

The body is 80 bits in Crockford base32 (lower case, no i l o u): 44 of milliseconds since 1970, 36 random.
Within one process, ids made in the same millisecond keep their order.
"""

import re
import secrets
import threading
import time
from typing import Final, NewType

OrganisationId = NewType("OrganisationId", str)
PersonId = NewType("PersonId", str)
SessionId = NewType("SessionId", str)
TokenId = NewType("TokenId", str)
SiteId = NewType("SiteId", str)
SiteGroupId = NewType("SiteGroupId", str)
DeviceId = NewType("DeviceId", str)
EnrolmentKeyId = NewType("EnrolmentKeyId", str)
JobId = NewType("JobId", str)
RunId = NewType("RunId", str)

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS: Final = 36
_ID: Final = re.compile(r"[a-z]{3}_[0-9a-hjkmnp-tv-z]{16}")

_lock = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """Make an id such as `dev_01m3k5x0v7q2a9bc`. `prefix` is three lower-case letters."""
    global _last
    with _lock:
        fresh = (time.time_ns() // 1_000_000 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        # A clock that stands still or goes back must not break the order of what one process makes.
        _last = max(fresh, _last + 1)
        return f"{prefix}_{_base32(_last)}"


def id_before(text: str) -> str:
    """A fresh id of the same kind that sorts before `text`, by a millisecond. `text` is a whole id."""
    prefix, _, body = text.partition("_")
    number = 0
    for letter in body:
        number = number << 5 | _ALPHABET.index(letter)
    earlier = (number >> _RANDOM_BITS) - 1
    return f"{prefix}_{_base32(earlier << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS))}"


def id_at(prefix: str, milliseconds: int) -> str:
    """What sorts before every id of that kind that was made in that millisecond since 1970, or later."""
    return f"{prefix}_{_base32(milliseconds << _RANDOM_BITS)}"


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` has the form of an id of that kind. Says nothing about whether it exists."""
    return text.startswith(prefix + "_") and _ID.fullmatch(text) is not None


def _base32(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
