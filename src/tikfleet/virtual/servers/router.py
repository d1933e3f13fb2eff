"""What the servers of a virtual router (binary API, REST, SSH) need of the router behind them.

All of it is plain code. `authenticate`, `opened`, `perform`, the files and a console's `run` may wait inside, so the
servers call them through `waiting.run`; the others never do. What refuses raises `Refused` with RouterOS's own words.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Answer, Caller, Request, Row


class Console(Protocol):
    """One person's session: it stays in a menu, and its local variables live as long as it does."""

    @property
    def menu(self) -> str:
        """Where the session stands, such as `/ip/address`; "" is the root."""
        ...

    def run(self, line: str) -> str:
        """Run a line or a whole script and give what it printed, lines ended by a line feed.

        Errors are part of what is printed, as on a terminal: this raises nothing of RouterOS's.
        """
        ...


class Files(Protocol):
    """The router's file table, by name as `/file` shows it (`flash/backup.rsc`), contents as bytes."""

    def sizes(self) -> Mapping[str, int]:
        """Every file with its size in bytes, and every folder with -1."""
        ...

    def read(self, name: str) -> bytes:
        """The contents; raises `Refused` for a name that is not there."""
        ...

    def write(self, name: str, contents: bytes) -> None:
        """Make or replace a file; raises `Refused` when there is no room."""
        ...

    def remove(self, name: str) -> None:
        """Raises `Refused` for a name that is not there."""
        ...


class Router(Protocol):
    """One virtual router, as its servers see it."""

    @property
    def profile(self) -> Profile: ...

    @property
    def files(self) -> Files: ...

    def identity(self) -> str:
        """The name of `/system/identity`, for prompts."""
        ...

    def authenticate(self, user: str, password: str | None, via: str, address: str) -> Caller:
        """Who logs in, with the policies of its group. A password of `None`: a key has proven who it is.

        Raises `Refused("invalid user name or password (6)")`, also for a disabled user, an address that the user may
        not come from, and a group without the policy that `via` needs (`api`, `rest-api`, `ssh`, `ftp`). A session over
        REST needs `api` as well, which the REST server asks for itself since its refusal is another one.
        """
        ...

    def ssh_keys(self, user: str) -> Sequence[str]:
        """The public keys of `/user/ssh-keys` that let this user in, each as a line in OpenSSH's format."""
        ...

    def opened(self, caller: Caller) -> Callable[[], None]:
        """Note a session in `/user/active` and in the log; the function given back ends it, and may be called twice."""
        ...

    def perform(self, request: Request) -> Answer:
        """Do one command. Rows of one that reports over time (`duration=3s`) number their sample in `.section`."""
        ...

    def resolve(self, words: Sequence[str]) -> tuple[str, str]:
        """The menu and the command that words name: `("ip", "address", "print")` to `("/ip/address", "print")`.

        Raises `Refused("no such command prefix")` for an unknown menu and `Refused("no such command")` for a command
        that it does not have: the words of the API, which the REST server replaces by its own.
        """
        ...

    def is_single(self, menu: str) -> bool:
        """Whether a menu holds one set of values (`/system/identity`) and not a list of items."""
        ...

    def exists(self, menu: str) -> bool:
        """Whether this release has the menu, given by full path: `/ip/address`."""
        ...

    def subscribe(self, menu: str, callback: Callable[[Row], None]) -> Callable[[], None]:
        """Hear of each item of a menu that is added or changes, as its whole row; the function given back ends it.

        A removed item is told as its `.id` with `.dead` set to `yes`.
        """
        ...

    def console(self, caller: Caller, width: int = 80) -> Console:
        """A new session, standing in the root menu, for a terminal of so many characters."""
        ...
