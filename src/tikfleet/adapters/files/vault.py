"""Sealing with a root key in a file of its own: AES-256-GCM, a key per organisation derived by HKDF-SHA256."""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.vault import SealBroken

_NONCE = 12
_FORM = b"\x01"


class FileVault:
    """The vault port under a 256-bit root key."""

    def __init__(self, root_key: bytes) -> None:
        self._root_key = root_key

    async def seal(self, org_id: OrganisationId, purpose: str, secret: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return _FORM + nonce + self._cipher(org_id).encrypt(nonce, secret, purpose.encode())

    async def open(self, org_id: OrganisationId, purpose: str, sealed: bytes) -> bytes:
        nonce, text = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            if sealed[:1] != _FORM or len(nonce) != _NONCE:
                raise InvalidTag
            return self._cipher(org_id).decrypt(nonce, text, purpose.encode())
        except InvalidTag as cause:
            raise SealBroken(f"a sealed value for {purpose} cannot be opened with this key") from cause

    def _cipher(self, org_id: OrganisationId) -> AESGCM:
        derived = HKDF(SHA256(), 32, salt=None, info=b"tikfleet/vault/1/" + org_id.encode())
        return AESGCM(derived.derive(self._root_key))


def open_file_vault(path: Path) -> FileVault:
    """The vault whose root key is in a file readable by its owner alone; made at the first start."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
    key = path.read_bytes()
    if len(key) != 32:  # noqa: PLR2004 - the size of an AES-256 key in bytes
        raise SealBroken(f"the root key file {path.name} is damaged: it holds {len(key)} bytes, not 32")
    return FileVault(key)
