"""A key in memory, gone with its process."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ID: Final = "0123456789abcdef"


class MemoryKey:
    """One key, both halves of it: it signs, and knows what it signed."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def sign(self, content: bytes) -> str:
        return f"{_ID}.{urlsafe_b64encode(self._key.sign(content)).decode()}"

    def vouches(self, signature: str, content: bytes) -> bool:
        key_id, _, text = signature.partition(".")
        try:
            self._key.public_key().verify(urlsafe_b64decode(text), content)
        except (InvalidSignature, ValueError):
            return False
        return key_id == _ID
