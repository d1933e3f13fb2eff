"""Which part of the platform a process is, and where the others of the same data directory find it."""

import re
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.app.backups.remembered import CONTROL
from tikfleet.app.settings import Settings, SettingsWrong

# The system's bound for the address of a socket, less what a name takes.
_MAX_PATH_BYTES: Final = 100
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_WAREHOUSE: Final = "warehouse"


class Role(Enum):
    """What a process does of all there is to do."""

    ALONE = "serve"
    MAIN = "main"
    EDGE = "edge"
    API = "api"
    WORKER = "worker"
    FUNCTION = "function"


class Place(msgspec.Struct, frozen=True):
    """One process among those on a data directory. A `child` ends when its standard input does."""

    role: Role = Role.ALONE
    name: str = "serve"
    child: bool = False

    @property
    def shares(self) -> bool:
        """Whether there are other processes beside it."""
        return self.role is not Role.ALONE

    @property
    def works(self) -> bool:
        """Whether it consumes the inbox, sweeps, and holds what only one process may hold."""
        return self.role in {Role.ALONE, Role.MAIN, Role.WORKER}

    @property
    def socket_name(self) -> str:
        """The name of its socket: whoever serves the API is found under one name."""
        return "api" if self.role is Role.MAIN else self.name


ALONE: Final = Place()


def socket_of(settings: Settings, name: str) -> Path:
    """The socket on which a process of this name serves HTTP. Raises SettingsWrong where no socket can be."""
    path = settings.directory / CONTROL / f"{name}.sock"
    if len(bytes(path)) > _MAX_PATH_BYTES:
        raise SettingsWrong(
            f"data is too long a path for sockets ({len(bytes(path))} bytes, and {_MAX_PATH_BYTES} may be)",
            remedy="Give several processes a data directory with a shorter path, such as a link to it.",
        )
    return path


def warehouse_socket(settings: Settings) -> Path:
    """The socket on which the worker answers questions about telemetry."""
    return socket_of(settings, _WAREHOUSE)


def make_control(settings: Settings) -> None:
    """The directory of the sockets, which only this user may enter."""
    control = settings.directory / CONTROL
    control.mkdir(parents=True, exist_ok=True, mode=0o700)
    control.chmod(0o700)
