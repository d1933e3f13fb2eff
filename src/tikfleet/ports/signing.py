"""Vouching for content: what holds the private key signs, everybody else can only verify."""

from typing import ClassVar, Protocol

from tikfleet.kernel.errors import TikfleetError


class SigningKeyBroken(TikfleetError):
    """The private key that signs cannot be read; nothing was signed."""

    code: ClassVar[str] = "signing.key-broken"
    title: ClassVar[str] = "The key that signs jobs cannot be read"
    remedy: ClassVar[str] = "Restore the key file from a backup, or remove it to have a new one made at the next start."


class Signer(Protocol):
    """Signs with the newest private key (Ed25519). Raises `SigningKeyBroken` where it cannot be read."""

    def sign(self, content: bytes) -> str:
        """A signature as text: the key's id, a dot, and the signature itself."""
        ...


class Verifier(Protocol):
    """Knows public keys only. What an older key signed stays valid for as long as its public half is kept."""

    def vouches(self, signature: str, content: bytes) -> bool:
        """Whether a key that is known signed exactly this. Any text may be given as a signature."""
        ...
