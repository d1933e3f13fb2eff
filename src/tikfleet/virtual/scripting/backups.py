"""The file of `/system/backup`: plain, or AES-128-CTR with HMAC-SHA256.

The format is that of reference §15.2: a magic number, the file's size, then entries of name, index and data, each with
its length in front; encrypted, 32 bytes of salt and 32 of signature stand between. [unverified: that the signature is
of the encrypted bytes, the magic among them.] RC4 is not written and not read.
"""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

_PLAIN: Final = b"\x88\xac\xa1\xb1"
_RC4: Final = b"\xef\xa8\x91\x72"
_AES: Final = b"\xef\xa8\x91\x73"
_HALF: Final = 16
_HEAD: Final = 8


def packed(snapshot: Mapping[str, bytes], password: str) -> bytes:
    """A backup of a snapshot; encrypted if there is a password."""
    body = b"".join(_entry(name, data) for name, data in snapshot.items())
    if not password:
        return _PLAIN + struct.pack("<I", len(body) + _HEAD) + body
    salt = secrets.token_bytes(2 * _HALF)
    encrypted = _crypted(_PLAIN + body, salt, password)
    return (
        _AES
        + struct.pack("<I", len(encrypted) + _HEAD + 4 * _HALF)
        + salt
        + _signed(encrypted, salt, password)
        + encrypted
    )


def unpacked(data: bytes, password: str) -> dict[str, bytes]:
    """The snapshot in a backup. Raises `ValueError` for what is none, and `PermissionError` for a wrong password."""
    magic, body = data[:4], data[_HEAD:]
    if magic == _RC4:
        raise ValueError("backups with RC4 are not read")
    if magic not in (_PLAIN, _AES) or len(data) < _HEAD or struct.unpack("<I", data[4:_HEAD])[0] != len(data):
        raise ValueError("not a backup")
    if magic == _AES:
        salt, signature, encrypted = body[: 2 * _HALF], body[2 * _HALF : 4 * _HALF], body[4 * _HALF :]
        if not hmac.compare_digest(_signed(encrypted, salt, password), signature):
            raise PermissionError("wrong password")
        body = _crypted(encrypted, salt, password)[4:]
    return _entries(body)


def _entry(name: str, data: bytes) -> bytes:
    parts = (name.encode(), b"", data)
    return b"".join(struct.pack("<I", len(part)) + part for part in parts)


def _entries(body: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    at = 0
    while at < len(body):
        parts = []
        for _ in range(3):
            if at + 4 > len(body):
                raise ValueError("not a backup")
            size = struct.unpack_from("<I", body, at)[0]
            if at + 4 + size > len(body):
                raise ValueError("not a backup")
            parts.append(body[at + 4 : at + 4 + size])
            at += 4 + size
        found[parts[0].decode("utf-8", "replace")] = parts[2]
    return found


def _keys(salt: bytes, password: str) -> tuple[bytes, bytes]:
    digest = hashlib.sha256(salt + password.encode()).digest()
    return digest[:_HALF], digest[_HALF:]


def _signed(encrypted: bytes, salt: bytes, password: str) -> bytes:
    return hmac.new(_keys(salt, password)[1], encrypted, hashlib.sha256).digest()


def _crypted(data: bytes, salt: bytes, password: str) -> bytes:
    """Counter mode is its own inverse."""
    return Cipher(AES(_keys(salt, password)[0]), CTR(salt[:_HALF])).encryptor().update(data)
