"""Ed25519 keys (RFC 8032) as files: one private key that only its owner reads, and a public one for each key's id.

A key's id is the beginning of its public key's SHA-256. Private: PKCS #8 in PEM; public: the 32 bytes, `job-{id}.pub`.
"""

import asyncio
import fcntl
import hashlib
import os
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from tikfleet.ports.signing import Signer, SigningKeyBroken

_ID: Final = re.compile(r"[0-9a-f]{16}")
_SIGNATURE: Final = re.compile(r"([0-9a-f]{16})\.([A-Za-z0-9_-]{86})")
_PUBLIC_BYTES: Final = 32
# A process that signed with the key before still may, for a moment, when another one changed it.
_GRACE_S: Final = 86_400.0
_LOOK_S: Final = 0.25
_TURN_S: Final = 0.02


class FileVerifier:
    """The public keys of a directory, read when they are first named."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys: dict[str, Ed25519PublicKey] = {}

    def vouches(self, signature: str, content: bytes) -> bool:
        read = _SIGNATURE.fullmatch(signature)
        key = self._key(read[1]) if read else None
        if read is None or key is None:
            return False
        try:
            key.verify(urlsafe_b64decode(read[2] + "=="), content)
        except InvalidSignature:
            return False
        return True

    def _key(self, key_id: str) -> Ed25519PublicKey | None:
        """The key, as long as its file is there: taken away it counts no more, at once and in every process."""
        path = public_path(self._directory, key_id)
        if not path.exists():
            self._keys.pop(key_id, None)
            return None
        if key_id not in self._keys:
            content = path.read_bytes()
            if len(content) != _PUBLIC_BYTES or id_of(content) != key_id:
                return None
            self._keys[key_id] = Ed25519PublicKey.from_public_bytes(content)
        return self._keys[key_id]


class FileSigner:
    """The private key of a file; a new one that takes its place is used from then on."""

    def __init__(self, private: Path) -> None:
        self._private = private
        self._stamp: tuple[int, int] | None = None
        self._follow()

    def sign(self, content: bytes) -> str:
        self._follow()
        return _signed(self._key, self.key_id, content)

    def _follow(self) -> None:
        try:
            found = self._private.stat()
            if self._stamp == (found.st_ino, found.st_mtime_ns):
                return
            key = load_pem_private_key(self._private.read_bytes(), None)
        except (OSError, ValueError, UnsupportedAlgorithm) as cause:
            raise SigningKeyBroken(f"the key file {self._private.name} cannot be read") from cause
        if not isinstance(key, Ed25519PrivateKey):
            raise SigningKeyBroken(f"the key file {self._private.name} holds no Ed25519 key")
        self._key, self.public = key, key.public_key().public_bytes_raw()
        self.key_id = id_of(self.public)
        self._stamp = (found.st_ino, found.st_mtime_ns)


class _FreshSigner:
    """A key that is in no file yet."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()

    def sign(self, content: bytes) -> str:
        return _signed(self.key, id_of(self.public), content)


async def open_signer(private: Path, directory: Path, adopt: Callable[[Signer], Awaitable[object]]) -> FileSigner:
    """The signer of the private key's file, made at the first start.

    Where no key ever was, `adopt` is given the new one to sign what waits from before, and is done before any other
    process can use or verify it. `directory` is that of the public keys. Raises SigningKeyBroken.
    """
    async with _locked(directory):
        if not await asyncio.to_thread(private.exists):
            fresh = _FreshSigner()
            if not await asyncio.to_thread(_has_keys, directory):
                await adopt(fresh)
            await asyncio.to_thread(_keep, fresh, private, directory)
        signer = FileSigner(private)
        await asyncio.to_thread(publish, directory, signer.public)
        return signer


async def rotate(private: Path, directory: Path, *, revoke: bool = False) -> str:
    """Put a new key in the old one's place; gives its id. What the old one signed stays valid, unless `revoke`."""
    async with _locked(directory):
        old, fresh = FileSigner(private), _FreshSigner()
        os.utime(public_path(directory, old.key_id))
        await asyncio.to_thread(_keep, fresh, private, directory)
        if revoke:
            await asyncio.to_thread(withdraw, directory, {id_of(fresh.public)})
        return id_of(fresh.public)


async def drop_unused(private: Path, directory: Path, in_use: Collection[str], now_s: float | None = None) -> list[str]:
    """Remove public keys that were replaced a day ago or longer and that nothing in `in_use` names; gives their ids.

    Where no private key was made yet there is nothing to remove.
    """
    async with _locked(directory):
        if not await asyncio.to_thread(private.exists):
            return []
        kept = {FileSigner(private).key_id, *in_use}
        return await asyncio.to_thread(_drop, directory, kept, time.time() if now_s is None else now_s)


async def wait_for_key(directory: Path, patience_s: float = 120) -> None:
    """Return once a public key is there. Raises SigningKeyBroken when none comes."""
    ends_s = time.monotonic() + patience_s
    while not await asyncio.to_thread(_has_keys, directory):
        if time.monotonic() > ends_s:
            raise SigningKeyBroken(
                "no public key of the job service is there",
                remedy="Start `tikfleet api` or `tikfleet worker` on the same data directory.",
            )
        await asyncio.sleep(_LOOK_S)


def make_key() -> bytes:
    """A private key that is in no file yet, in PEM."""
    return _pem(_FreshSigner())


def public_of(pem: bytes) -> bytes:
    """The public half of a private key in PEM, 32 bytes. Raises SigningKeyBroken."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise SigningKeyBroken("what is kept as the key that signs is no key") from cause
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyBroken("what is kept as the key that signs is no Ed25519 key")
    return key.public_key().public_bytes_raw()


def take_key(private: Path, directory: Path, pem: bytes) -> None:
    """Put a key that was made elsewhere into its files, in the place of any before it. Raises SigningKeyBroken."""
    publish(directory, public_of(pem))
    private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(private, pem)


def published(directory: Path) -> dict[str, bytes]:
    """The public keys of a directory by their ids."""
    found = {path: path.read_bytes() for path in sorted(directory.glob("job-*.pub"))}
    return {id_of(public): public for path, public in found.items() if path == public_path(directory, id_of(public))}


def publish(directory: Path, public: bytes) -> None:
    """Have what this key signed count."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = public_path(directory, id_of(public))
    if not path.exists():
        _write(path, public)


def withdraw(directory: Path, kept: Collection[str]) -> None:
    """Have nothing count but what keys of these ids signed."""
    for key_id in published(directory):
        if key_id not in kept:
            public_path(directory, key_id).unlink(missing_ok=True)


def public_path(directory: Path, key_id: str) -> Path:
    """Where the public key of this id is."""
    return directory / f"job-{key_id}.pub"


def id_of(public: bytes) -> str:
    """The id of a key, of its public half."""
    return hashlib.sha256(public).hexdigest()[:16]


def _signed(key: Ed25519PrivateKey, key_id: str, content: bytes) -> str:
    return f"{key_id}.{urlsafe_b64encode(key.sign(content)).rstrip(b'=').decode()}"


def _has_keys(directory: Path) -> bool:
    return any(directory.glob("job-*.pub"))


def _drop(directory: Path, kept: Collection[str], now_s: float) -> list[str]:
    dropped = []
    for path in sorted(directory.glob("job-*.pub")):
        key_id = path.stem.removeprefix("job-")
        if _ID.fullmatch(key_id) and key_id not in kept and now_s - path.stat().st_mtime > _GRACE_S:
            path.unlink()
            dropped.append(key_id)
    return dropped


def _keep(fresh: _FreshSigner, private: Path, directory: Path) -> None:
    """The private half first: who sees the public one may rely on it."""
    private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(private, _pem(fresh))
    publish(directory, fresh.public)


def _pem(fresh: _FreshSigner) -> bytes:
    return fresh.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """A whole file or none, that only its owner reads, durably."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = _opened(path.parent)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@asynccontextmanager
async def _locked(directory: Path) -> AsyncIterator[None]:
    """Of several processes one changes the keys."""
    lock = await asyncio.to_thread(_opened, directory)
    try:
        # Not waited for in a thread: enough of those would keep the one that has it from its own.
        while not _taken(lock):  # noqa: ASYNC110 - another process has it
            await asyncio.sleep(_TURN_S)
        yield
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(directory: Path) -> int:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
