"""What scripts need of the router that they run on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tikfleet.virtual.clock import Clock
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.profile import Profile


class Files(Protocol):
    """The file table, by name as `/file` shows it. `read` and `remove` raise `Refused` for a name that is not there."""

    def sizes(self) -> Mapping[str, int]:
        """Every file with its size in bytes, and every folder with -1."""
        ...

    def read(self, name: str) -> bytes: ...

    def write(self, name: str, contents: bytes) -> None: ...

    def remove(self, name: str) -> None: ...


class Power(Protocol):
    """What ends everything that runs on the router; each may return before it has happened."""

    def reboot(self) -> None: ...

    def shutdown(self) -> None: ...

    def reset(self, options: Mapping[str, str]) -> None:
        """Back to an empty configuration, then a reboot; `options` are those of `/system/reset-configuration`."""
        ...


class Configuration(Protocol):
    """The configuration as a whole."""

    def export(self, menu: str, options: Mapping[str, str]) -> str:
        """`/export` of a menu and what is below; "" is all of it. `options`: `verbose`, `terse`, `show-sensitive`."""
        ...

    def snapshot(self) -> Mapping[str, bytes]:
        """Everything that a backup holds, by a name of the router's own choice."""
        ...

    def restore(self, snapshot: Mapping[str, bytes]) -> None:
        """Take back a snapshot; the caller reboots. Raises `ValueError` for what is none."""
        ...


@dataclass(frozen=True, slots=True)
class Host:
    """One router."""

    profile: Profile
    clock: Clock
    menus: Menus
    files: Files
    power: Power
    configuration: Configuration
