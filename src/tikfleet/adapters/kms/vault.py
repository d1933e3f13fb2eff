"""Sealing with data keys that AWS KMS keeps wrapped (envelope encryption): AES-256-GCM, data keys per organisation.

A sealed value is the byte 2, the length of the wrapped data key (two bytes, big end first), the wrapped data key, a
nonce of 12 bytes and the text with its tag. KMS opens a wrapped key only for the organisation that it was made for: its
id is the encryption context. KMS sees neither secrets nor purposes. (KMS API Reference: GenerateDataKey, Decrypt.)
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tikfleet.adapters.aws.clients import Clients, Refused, Service
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.vault import SealBroken, VaultUnavailable

_FORM: Final = b"\x02"
_NONCE: Final = 12
_TAG: Final = 16
_LENGTH: Final = 2
_KEY_BYTES: Final = 32
_NOT_OURS: Final = ("InvalidCiphertextException", "IncorrectKeyException", "InvalidKeyUsageException")
# How long a data key may lie open in memory, how many of them, and how many values one of them seals.
_OPEN_S: Final = 3600.0
_OPEN_KEYS: Final = 500
_SEALS: Final = 1 << 20


class DataKey(msgspec.Struct):
    """A data key: as KMS keeps it, and as it is used until `until_s`."""

    wrapped: bytes
    cipher: AESGCM
    until_s: float
    seals: int = 0


class KmsVault:
    """The vault port on one KMS key, named by its id, ARN or alias. Raises VaultUnavailable beside SealBroken."""

    def __init__(self, clients: Clients, key: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._kms = Service(clients, "kms", VaultUnavailable)
        self._key = key
        self._now_s = now_s
        self._sealing: OrderedDict[OrganisationId, DataKey] = OrderedDict()
        self._opening: OrderedDict[tuple[OrganisationId, bytes], DataKey] = OrderedDict()

    async def seal(self, org_id: OrganisationId, purpose: str, secret: bytes) -> bytes:
        key = self._sealing.get(org_id)
        if key is None or key.until_s <= self._now_s() or key.seals >= _SEALS:
            key = await self._made(org_id)
        key.seals += 1
        head = _FORM + len(key.wrapped).to_bytes(_LENGTH) + key.wrapped
        nonce = secrets.token_bytes(_NONCE)
        return head + nonce + key.cipher.encrypt(nonce, secret, head + purpose.encode())

    async def open(self, org_id: OrganisationId, purpose: str, sealed: bytes) -> bytes:
        size = int.from_bytes(sealed[1 : 1 + _LENGTH])
        text_at = 1 + _LENGTH + size + _NONCE
        if sealed[:1] != _FORM or not size or len(sealed) < text_at + _TAG:
            raise SealBroken(f"a sealed value for {purpose} is not of the form that this vault gives")
        key = await self._opened(org_id, purpose, sealed[1 + _LENGTH : 1 + _LENGTH + size])
        nonce = sealed[text_at - _NONCE : text_at]
        try:
            return key.cipher.decrypt(nonce, sealed[text_at:], sealed[: text_at - _NONCE] + purpose.encode())
        except InvalidTag as cause:
            raise _broken(purpose) from cause

    async def _made(self, org_id: OrganisationId) -> DataKey:
        answer = await self._kms.call(
            "generate_data_key", KeyId=self._key, KeySpec="AES_256", EncryptionContext=_context(org_id)
        )
        key = DataKey(answer["CiphertextBlob"], AESGCM(answer["Plaintext"]), self._now_s() + _OPEN_S)
        self._sealing[org_id] = self._opening[org_id, key.wrapped] = key
        self._bound()
        return key

    async def _opened(self, org_id: OrganisationId, purpose: str, wrapped: bytes) -> DataKey:
        key = self._opening.get((org_id, wrapped))
        if key is not None and key.until_s > self._now_s():
            self._opening.move_to_end((org_id, wrapped))
            return key
        try:
            answer = await self._kms.call(
                "decrypt", told=_NOT_OURS, KeyId=self._key, CiphertextBlob=wrapped, EncryptionContext=_context(org_id)
            )
        except Refused as cause:
            raise _broken(purpose) from cause
        if len(answer["Plaintext"]) != _KEY_BYTES:
            raise _broken(purpose)
        key = self._opening[org_id, wrapped] = DataKey(wrapped, AESGCM(answer["Plaintext"]), self._now_s() + _OPEN_S)
        self._bound()
        return key

    def _bound(self) -> None:
        """Forget what is over its time, and the least used beyond the bound."""
        now_s = self._now_s()
        for org_id in [org_id for org_id, key in self._sealing.items() if key.until_s <= now_s]:
            del self._sealing[org_id]
        for name in [name for name, key in self._opening.items() if key.until_s <= now_s]:
            del self._opening[name]
        while len(self._sealing) > _OPEN_KEYS:
            self._sealing.popitem(last=False)
        while len(self._opening) > _OPEN_KEYS:
            self._opening.popitem(last=False)


def _context(org_id: OrganisationId) -> dict[str, str]:
    return {"tikfleet:organisation": org_id}


def _broken(purpose: str) -> SealBroken:
    return SealBroken(
        f"a sealed value for {purpose} cannot be opened with this key",
        remedy="Name the KMS key of `vault_url` under which it was sealed, for the same organisation.",
    )
