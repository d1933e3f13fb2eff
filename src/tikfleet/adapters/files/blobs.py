"""Objects as files below one directory, replaced atomically and synced."""

import asyncio
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from tikfleet.ports.blobs import BlobsUnavailable

T = TypeVar("T")

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class FileBlobs:
    """The blobs port on a directory of a local file system."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._directory = directory

    async def put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        await _run(lambda: _replace(path, content))

    async def get(self, name: str) -> bytes | None:
        path = self._path(name)
        return await _run(lambda: path.read_bytes() if path.is_file() else None)

    async def delete(self, name: str) -> None:
        path = self._path(name)
        await _run(lambda: path.unlink(missing_ok=True))

    async def names(self, prefix: str) -> list[str]:
        return await _run(lambda: _names(self._directory, prefix))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of an object")
        return self._directory / name


async def _run(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as cause:
        raise BlobsUnavailable("the object store's directory does not take the request", retry_after_s=10) from cause


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _names(directory: Path, prefix: str) -> list[str]:
    found = (path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())
    return sorted(name for name in found if name.startswith(prefix) and "/." not in f"/{name}")
