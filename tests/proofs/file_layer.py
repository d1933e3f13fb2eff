"""Between SQLite and the disk: every write, sync and name of a file passes a listener, which may refuse it.

`install` puts a copy of SQLite's own layer for files in front of all that this process opens; only the calls that
matter are ours (sqlite.org/vfs.html has the shapes). The file of shared memory beside a log is mapped, not written, and
is made again after a crash: it passes by.
"""

import _sqlite3
import ctypes
import os
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

OK: Final = 0
FULL: Final = 13
IO_WRITE: Final = 10 | 3 << 8
IO_SYNC: Final = 10 | 4 << 8
IO_TRUNCATE: Final = 10 | 6 << 8

_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_I, _P, _P, _P, _I, _P)
_DELETE = ctypes.CFUNCTYPE(_I, _P, ctypes.c_char_p, _I)
_CLOSE = ctypes.CFUNCTYPE(_I, _P)
_WRITE = ctypes.CFUNCTYPE(_I, _P, _P, _I, _L)
_TRUNCATE = ctypes.CFUNCTYPE(_I, _P, _L)
_SYNC = ctypes.CFUNCTYPE(_I, _P, _I)
_OPEN_DIRECTORY = ctypes.CFUNCTYPE(_I, ctypes.c_char_p, _P)
_GET_CALL = ctypes.CFUNCTYPE(_P, _P, ctypes.c_char_p)
_SET_CALL = ctypes.CFUNCTYPE(_I, _P, ctypes.c_char_p, _P)

# Positions of words in `sqlite3_io_methods` and of fields in `sqlite3_vfs`.
_AT_CLOSE, _AT_WRITE, _AT_TRUNCATE, _AT_SYNC, _METHOD_WORDS = 1, 3, 4, 5, 19
_NAMES = ("x_open", "x_delete", "x_access", "x_full", "dl_open", "dl_error", "dl_sym", "dl_close", "x_random",
          "x_sleep", "x_time", "x_error", "x_time64", "set_call", "get_call", "next_call")  # fmt: skip


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("version", _I),
        ("file_size", _I),
        ("longest", _I),
        ("next", _P),
        ("name", ctypes.c_char_p),
        ("data", _P),
        *((name, _P) for name in _NAMES),
    ]


class Listener:
    """Hears of each call before it is made (`synced` and `deleted`: after it succeeded). 0 lets it pass."""

    def created(self, path: Path) -> None: ...

    def wrote(self, path: Path, offset: int, data: bytes) -> int:
        return OK

    def cut(self, path: Path, size: int) -> int:
        return OK

    def syncing(self, path: Path) -> int:
        """Not 0: the sync is not made, and SQLite hears that it failed."""
        return OK

    def synced(self, path: Path) -> None: ...

    def deleted(self, path: Path) -> None: ...

    def directory_synced(self, path: Path) -> None: ...


class FileLayer:
    """One for a process and its life, since SQLite keeps pointers into it. `listener` may change at any time."""

    def __init__(self) -> None:
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = _P
        library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
        library.sqlite3_vfs_register.argtypes = [_P, _I]
        self.listener = Listener()
        self._library = library
        self._unix = library.sqlite3_vfs_find(None)
        original = _Vfs.from_address(self._unix)
        self._vfs = _Vfs.from_buffer_copy(original)
        self._vfs.name = b"tikfleet-proof"
        self._paths: dict[int, Path] = {}
        self._tables: dict[int, Any] = {}
        self._kept: list[Any] = []
        self._lock = threading.RLock()
        self._open, self._delete = _OPEN(original.x_open), _DELETE(original.x_delete)
        self._vfs.x_open = self._pointer(_OPEN(self._on_open))
        self._vfs.x_delete = self._pointer(_DELETE(self._on_delete))
        self._watch_directories(original)

    def install(self) -> None:
        """From now on every connection of this process passes here, unless it names another layer."""
        assert self._library.sqlite3_vfs_register(ctypes.addressof(self._vfs), 1) == OK

    def uninstall(self) -> None:
        """Connections that are open stay; new ones go to the disk again."""
        assert self._library.sqlite3_vfs_register(self._unix, 1) == OK

    def _pointer(self, function: Any) -> Any:
        self._kept.append(function)
        return ctypes.cast(function, _P).value

    def _watch_directories(self, original: _Vfs) -> None:
        name = b"openDirectory"
        real = _OPEN_DIRECTORY(_GET_CALL(original.get_call)(self._unix, name))

        def opened(path: bytes, found: int) -> int:
            # SQLite opens a directory only to sync it, at once.
            self.listener.directory_synced(Path(os.fsdecode(path)).parent)
            return int(real(path, found))

        self._kept.append(real)
        _SET_CALL(original.set_call)(self._unix, name, self._pointer(_OPEN_DIRECTORY(opened)))

    def _on_open(self, _vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        path = Path(os.fsdecode(ctypes.string_at(name))) if name else None
        with self._lock:
            is_new = path is not None and not path.exists()
            code = self._open(self._unix, name, file, flags, out)
            if code == OK and path is not None:
                self._paths[file] = path
                if is_new:
                    self.listener.created(path)
                table = _P.from_address(file)
                if table.value:
                    table.value = ctypes.addressof(self._table(table.value))
        return int(code)

    def _on_delete(self, _vfs: int, name: bytes, sync_directory: int) -> int:
        with self._lock:
            code = self._delete(self._unix, name, sync_directory)
            if code == OK:
                self.listener.deleted(Path(os.fsdecode(name)))
        return int(code)

    def _table(self, address: int) -> Any:
        """The methods of a file with ours in their places; one copy for each kind of file."""
        if address not in self._tables:
            words = (_P * _METHOD_WORDS).from_address(address)
            copy = (_P * _METHOD_WORDS).from_buffer_copy(words)
            for at, function in self._methods(words):
                copy[at] = self._pointer(function)
            self._tables[address] = copy
        return self._tables[address]

    def _methods(self, words: Any) -> list[tuple[int, Any]]:
        close, write = _CLOSE(words[_AT_CLOSE]), _WRITE(words[_AT_WRITE])
        truncate, sync = _TRUNCATE(words[_AT_TRUNCATE]), _SYNC(words[_AT_SYNC])
        self._kept += [close, write, truncate, sync]

        def on_close(file: int) -> int:
            with self._lock:
                self._paths.pop(file, None)
                return int(close(file))

        def on_write(file: int, data: int, size: int, offset: int) -> int:
            return self._passing(
                lambda path: self.listener.wrote(path, offset, ctypes.string_at(data, size)),
                file,
                lambda: write(file, data, size, offset),
            )

        def on_truncate(file: int, size: int) -> int:
            return self._passing(lambda path: self.listener.cut(path, size), file, lambda: truncate(file, size))

        def on_sync(file: int, flags: int) -> int:
            with self._lock:
                code = self._passing(self.listener.syncing, file, lambda: sync(file, flags))
                if code == OK and file in self._paths:
                    self.listener.synced(self._paths[file])
                return code

        return [
            (_AT_CLOSE, _CLOSE(on_close)),
            (_AT_WRITE, _WRITE(on_write)),
            (_AT_TRUNCATE, _TRUNCATE(on_truncate)),
            (_AT_SYNC, _SYNC(on_sync)),
        ]

    def _passing(self, ask: Callable[[Path], int], file: int, call: Callable[[], int]) -> int:
        with self._lock:
            path = self._paths.get(file)
            refusal = OK if path is None else ask(path)
            return refusal or int(call())


@cache
def file_layer() -> FileLayer:
    """The one of this process."""
    return FileLayer()
