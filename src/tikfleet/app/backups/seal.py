"""What a passphrase protects in a backup: the keys are encrypted with it, and the manifest is authenticated.

Argon2id (RFC 9106, its second recommended option) makes 64 bytes: a key for AES-256-GCM and one for HMAC-SHA256.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta

from tikfleet.app.backups.errors import BackupDamaged, PassphraseWrong

SHORTEST: Final = 12
_NONCE: Final = 12
_PURPOSE: Final = b"tikfleet/backup/keys/1"


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """The file `seal.json`. The bounds keep a hostile file from taking the memory of whoever restores."""

    salt: Annotated[str, Meta(min_length=20, max_length=100)]
    passes: Annotated[int, Meta(ge=1, le=20)] = 3
    memory_kib: Annotated[int, Meta(ge=8, le=1 << 20)] = 65_536
    lanes: Annotated[int, Meta(ge=1, le=16)] = 4
    manifest_sha256: str = ""
    manifest_mac: str = ""


class Sealer:
    """The two keys that a passphrase and a seal's parameters make."""

    def __init__(self, passphrase: str, seal: Seal) -> None:
        made = hash_secret_raw(
            passphrase.encode(), b64decode(seal.salt), seal.passes, seal.memory_kib, seal.lanes, 64, Type.ID
        )
        self._seal = seal
        self._cipher = AESGCM(made[:32])
        self._mac_key = made[32:]

    def close(self, files: Mapping[str, bytes]) -> bytes:
        """Files by name as one sealed value."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(dict(files)), _PURPOSE)

    def open(self, sealed: bytes) -> dict[str, bytes]:
        """The files that `close` was given. Raises PassphraseWrong."""
        try:
            content = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _PURPOSE)
        except (InvalidTag, ValueError) as cause:
            raise PassphraseWrong("the passphrase does not open the keys of this backup") from cause
        return msgspec.msgpack.decode(content, type=dict[str, bytes])

    def sign(self, manifest: bytes) -> Seal:
        """The seal with the manifest's checksum, and the code that only the passphrase can make."""
        return msgspec.structs.replace(
            self._seal, manifest_sha256=hashlib.sha256(manifest).hexdigest(), manifest_mac=self._mac(manifest)
        )

    def check(self, manifest: bytes) -> None:
        """Raises BackupDamaged for a changed manifest, and PassphraseWrong where the code is another's."""
        if hashlib.sha256(manifest).hexdigest() != self._seal.manifest_sha256:
            raise BackupDamaged("manifest.json is not as it was written")
        if not hmac.compare_digest(self._mac(manifest), self._seal.manifest_mac):
            raise PassphraseWrong("the passphrase does not belong to this backup, or its seal.json was changed")

    def _mac(self, manifest: bytes) -> str:
        return hmac.new(self._mac_key, manifest, hashlib.sha256).hexdigest()


def new_seal() -> Seal:
    """Parameters for a new backup."""
    return Seal(salt=b64encode(secrets.token_bytes(16)).decode())


def read_seal(content: bytes) -> Seal:
    """Raises BackupDamaged for what is no seal."""
    try:
        seal = msgspec.json.decode(content, type=Seal)
        b64decode(seal.salt, validate=True)
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as cause:
        raise BackupDamaged("seal.json is not as it was written") from cause
    return seal


def required(passphrase: str) -> str:
    """A passphrase that may seal. Raises PassphraseWrong for a short one."""
    if len(passphrase) < SHORTEST:
        raise PassphraseWrong(
            f"a passphrase has at least {SHORTEST} characters",
            remedy="Choose a longer one, and keep it where the backups are not.",
        )
    return passphrase
