"""SFTP and SCP: the router's file table as a folder.

Uploading and reading files needs the policy `ftp`, as over FTP. A file called `*.auto.rsc` is imported once it has
arrived, and what the import printed lands in `*.auto.log`. Folders are part of names; those that hold nothing are kept
no longer than the session. [unverified: the refusals' texts, and that SFTP shows no times]
"""

import errno
import os
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import asyncssh

from tikfleet.virtual import waiting
from tikfleet.virtual.menus.request import Caller, Refused
from tikfleet.virtual.servers.router import Router

_FILE: Final = stat.S_IFREG | 0o660
_FOLDER: Final = stat.S_IFDIR | 0o770
_AUTO: Final = ".auto.rsc"
_LOG: Final = ".auto.log"

T = TypeVar("T")


@dataclass(slots=True)
class OpenFile:
    """A file while a client has it open; what was written reaches the table when it is closed."""

    name: str
    contents: bytearray
    writable: bool = False
    appending: bool = False
    changed: bool = False

    def seek(self, offset: int, whence: int) -> int:
        """Where data or a hole begins at or behind an offset, for clients that ask for sparse ranges: no holes here."""
        if whence == os.SEEK_HOLE:
            return len(self.contents)
        if offset >= len(self.contents):
            raise OSError(errno.ENXIO, "no data behind the end")
        return offset


@dataclass(slots=True)
class _Session:
    router: Router
    caller: Caller
    folders: set[str] = field(default_factory=set)


class RouterFiles(asyncssh.SFTPServer):
    """One client's view of the files."""

    def __init__(
        self, chan: "asyncssh.SSHServerChannel[bytes]", router: Router, caller: Caller, most_bytes: int
    ) -> None:
        super().__init__(chan)
        self._session = _Session(router, caller)
        self._most_bytes = most_bytes

    def exit(self) -> None:
        """Tell the client that the session ended well: `scp` takes silence for a failure."""
        if self.channel.get_subsystem() == "sftp":
            self.channel.exit(0)

    def _allowed(self) -> Router:
        if "ftp" not in self._session.caller.policies:
            raise asyncssh.SFTPPermissionDenied("not enough permissions (9)")
        return self._session.router

    async def _call(self, function: Callable[[], T]) -> T:
        try:
            return await waiting.run(function)
        except Refused as refused:
            failure = asyncssh.SFTPNoSuchFile if refused.message.startswith("no such") else asyncssh.SFTPFailure
            raise failure(refused.message) from refused

    async def _sizes(self) -> dict[str, int]:
        router = self._allowed()
        sizes = dict(await self._call(router.files.sizes))
        # A folder is also what names of files begin with.
        for name in [*sizes, *self._session.folders]:
            parts = name.split("/")
            for count in range(1, len(parts)):
                sizes.setdefault("/".join(parts[:count]), -1)
        return {"": -1, **dict.fromkeys(self._session.folders, -1), **sizes}

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        name, sizes = _name(path), await self._sizes()
        known = sizes.get(name)
        if known == -1:
            raise asyncssh.SFTPFailure("is a directory")
        if known is None and not pflags & asyncssh.FXF_CREAT:
            raise asyncssh.SFTPNoSuchFile("no such file")
        if known is not None and pflags & asyncssh.FXF_EXCL:
            raise asyncssh.SFTPFailure("file exists")
        fresh = known is None or pflags & asyncssh.FXF_TRUNC
        files = self._session.router.files
        contents = b"" if fresh else await self._call(lambda: files.read(name))
        writable = bool(pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND))
        return OpenFile(name, bytearray(contents), writable, bool(pflags & asyncssh.FXF_APPEND), changed=bool(fresh))

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        return bytes(_opened(file_obj).contents[offset : offset + size])

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        file = _opened(file_obj)
        if not file.writable:
            raise asyncssh.SFTPPermissionDenied("opened for reading")
        start = len(file.contents) if file.appending else offset
        if start + len(data) > self._most_bytes:
            raise asyncssh.SFTPFailure("not enough space")
        if start > len(file.contents):
            file.contents.extend(bytes(start - len(file.contents)))
        file.contents[start : start + len(data)] = data
        file.changed = True
        return len(data)

    async def close(self, file_obj: object) -> None:
        file = _opened(file_obj)
        if not (file.writable and file.changed):
            return
        contents, router = bytes(file.contents), self._session.router
        await self._call(lambda: router.files.write(file.name, contents))
        if file.name.endswith(_AUTO):
            await self._call(lambda: self._import(file.name))

    def _import(self, name: str) -> None:
        router = self._session.router
        printed = router.console(self._session.caller).run(f'/import file-name="{name}"')
        router.files.write(name.removesuffix(_AUTO) + _LOG, printed.encode("utf-8", "surrogateescape"))

    async def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return await self.stat(path)

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        size_bytes = (await self._sizes()).get(_name(path))
        if size_bytes is None:
            raise asyncssh.SFTPNoSuchFile("no such file")
        return _attributes(size_bytes)

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        return _attributes(len(_opened(file_obj).contents))

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        name, sizes = _name(path), await self._sizes()
        if sizes.get(name) != -1:
            raise asyncssh.SFTPNoSuchFile("no such directory")
        prefix = f"{name}/" if name else ""
        for dots in (b".", b".."):
            yield asyncssh.SFTPName(dots, attrs=_attributes(-1))
        for found in sorted(sizes):
            rest = found.removeprefix(prefix)
            if found != name and found.startswith(prefix) and "/" not in rest:
                yield asyncssh.SFTPName(rest.encode("utf-8", "surrogateescape"), attrs=_attributes(sizes[found]))

    async def remove(self, path: bytes) -> None:
        router, name = self._allowed(), _name(path)
        await self._call(lambda: router.files.remove(name))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        router, old, new = self._allowed(), _name(oldpath), _name(newpath)
        if new in await self._sizes():
            raise asyncssh.SFTPFailure("file exists")
        contents = await self._call(lambda: router.files.read(old))
        await self._call(lambda: router.files.write(new, contents))
        await self._call(lambda: router.files.remove(old))

    async def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        name = _name(path)
        if name in await self._sizes():
            raise asyncssh.SFTPFailure("file exists")
        self._session.folders.add(name)

    async def rmdir(self, path: bytes) -> None:
        name, sizes = _name(path), await self._sizes()
        if sizes.get(name) != -1 or any(found.startswith(f"{name}/") for found in sizes):
            raise asyncssh.SFTPFailure("no empty directory")
        self._session.folders.discard(name)

    def realpath(self, path: bytes) -> bytes:
        return b"/" + _name(path).encode("utf-8", "surrogateescape")

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Owners, modes and times are not kept."""

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Owners, modes and times are not kept; a size cuts the file."""
        file = _opened(file_obj)
        if attrs.size is not None and file.writable and attrs.size < len(file.contents):
            del file.contents[attrs.size :]
            file.changed = True


def _opened(file_obj: object) -> OpenFile:
    if not isinstance(file_obj, OpenFile):
        raise asyncssh.SFTPFailure("no open file")
    return file_obj


def _attributes(size_bytes: int) -> asyncssh.SFTPAttrs:
    if size_bytes < 0:
        return asyncssh.SFTPAttrs(permissions=_FOLDER, size=0)
    return asyncssh.SFTPAttrs(permissions=_FILE, size=size_bytes, uid=0, gid=0)


def _name(path: bytes) -> str:
    """`/flash/./a.rsc` as the file table names it: `flash/a.rsc`. Nothing lies above the first folder."""
    parts: list[str] = []
    for part in path.decode("utf-8", "surrogateescape").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
