"""`:convert`: from one encoding to another, with a transformation between.

Sources: the manual's list; `[:len [:convert "test" transform=md5]]` is 16 (7.21). Without `from` the printed
form counts.
Scripts of the field read bytes as a number with the first byte highest, and take a number apart with the first byte
lowest. [unverified: that it is so for `hex` and `raw` too.]
"""

import base64
import binascii
import codecs
import hashlib
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import quote, unquote_to_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.values import Array, Value, bounded, number_of, text, wrapped

Entry = TypeVar("Entry")
_P: Final = 2**255 - 19
_KEY_BYTES: Final = 32
_NUMBER_BYTES: Final = 8


def _from_hex(given: str) -> bytes:
    return bytes.fromhex(given)


def _from_num(given: str) -> bytes:
    number = number_of(given)
    if number is None:
        raise ValueError("no number")
    unsigned = number % (1 << 64)
    return unsigned.to_bytes(max(1, (unsigned.bit_length() + 7) // 8), "little")


_READ: Final[dict[str, Callable[[str], bytes]]] = {
    "raw": lambda given: given.encode("latin-1"),
    "hex": _from_hex,
    "base64": lambda given: base64.b64decode(given, validate=True),
    "base32": base64.b32decode,
    "url": lambda given: unquote_to_bytes(given.replace("+", " ")),
    "num": _from_num,
}


def _bits(data: bytes, *, most_first: bool) -> Array:
    places = range(7, -1, -1) if most_first else range(8)
    return Array([(byte >> place) & 1 for byte in data for place in places])


def _number(data: bytes) -> Value:
    if len(data) > _NUMBER_BYTES:
        raise ValueError("no number")
    return str(wrapped(int.from_bytes(data, "big")))


_WRITE: Final[dict[str, Callable[[bytes], Value]]] = {
    "raw": lambda data: data.decode("latin-1"),
    "hex": lambda data: data.hex(),
    "base64": lambda data: base64.b64encode(data).decode(),
    "base32": lambda data: base64.b32encode(data).decode(),
    "url": lambda data: quote(data, safe=""),
    "num": _number,
    "byte-array": lambda data: Array(list(data)),
    "bit-array-msb": lambda data: _bits(data, most_first=True),
    "bit-array-lsb": lambda data: _bits(data, most_first=False),
}


def _ascii(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Letters of ASCII alone change: RouterOS knows bytes, not alphabets."""
    return lambda data: "".join(
        [change(chr(byte)) if byte < 128 else chr(byte) for byte in data]  # noqa: PLR2004 - ASCII
    ).encode("latin-1")


def _edwards_to_montgomery(public: bytes) -> bytes:
    """RFC 7748 §4.1: u = (1 + y) / (1 - y)."""
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    return ((1 + y) * pow(1 - y, _P - 2, _P) % _P).to_bytes(_KEY_BYTES, "little")


def _x_private(seed: bytes) -> bytes:
    """RFC 8032 §5.1.5: the clamped first half of the seed's SHA-512."""
    half = bytearray(hashlib.sha512(seed).digest()[:_KEY_BYTES])
    half[0] &= 248
    half[31] = (half[31] & 127) | 64
    return bytes(half)


_TRANSFORMS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "none": lambda data: data,
    "lc": _ascii(str.lower),
    "uc": _ascii(str.upper),
    "lcfirst": lambda data: data[:1].lower() + data[1:],
    "ucfirst": lambda data: data[:1].upper() + data[1:],
    "crlf": lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "lf": lambda data: data.replace(b"\r\n", b"\n"),
    "reverse": lambda data: data[::-1],
    "rot13": _ascii(lambda char: codecs.encode(char, "rot13")),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "x25519-private-to-x25519-public": lambda data: (
        X25519PrivateKey.from_private_bytes(data).public_key().public_bytes_raw()
    ),
    "ed25519-private-to-ed25519-public": lambda data: (
        Ed25519PrivateKey.from_private_bytes(data).public_key().public_bytes_raw()
    ),
    "ed25519-private-to-x25519-private": _x_private,
    "ed25519-public-to-x25519-public": _edwards_to_montgomery,
}


def converted(value: Value, source: str, target: str, transform: str) -> Value:
    """Raises `RosError` for a name that is none, and for a value that is not in the encoding."""
    try:
        data = bytes(_byte_values(value)) if source == "byte-array" else _reader(source)(text(value))
        result = _named(_TRANSFORMS, transform or "none", "transform")(data)
        made = _named(_WRITE, target or "raw", "to")(result)
    except (ValueError, binascii.Error) as cause:
        raise RosError("invalid value for argument value") from cause
    return bounded(made) if isinstance(made, str) else made


def _reader(source: str) -> Callable[[str], bytes]:
    return _named(_READ, source or "raw", "from")


def _named(table: "dict[str, Entry]", name: str, argument: str) -> "Entry":
    if name not in table:
        raise RosError(f"input does not match any value of {argument}")
    return table[name]


def _byte_values(value: Value) -> list[int]:
    items = list(value.values()) if isinstance(value, Array) else [value]
    if not all(type(item) is int for item in items):
        raise ValueError("no bytes")
    return [int(text(item)) for item in items]
