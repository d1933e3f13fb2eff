"""What is asked of a router's menus and what they answer, whoever asks: the API, REST, a script or a person.

Values are text, spelled as the binary API and REST spell them (`true`, `1w2d3h`, bytes as plain numbers, lists joined
by commas); the console turns its typed values into such text on the way in, and back by a property's kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Row: TypeAlias = Mapping[str, str]
# Every policy that a user group can hold (`/user/group`).
POLICIES: Final = frozenset(
    {"local", "telnet", "ssh", "ftp", "reboot", "read", "write", "policy", "test", "winbox", "password", "web"}
    | {"sniff", "sensitive", "api", "rest-api", "romon"}
)
# Categories of `!trap`: 0 missing item or command, 1 argument value, 2 interrupted, 3 scripting, 4 general, 5 API,
# 6 terminal, 7 value of `:return`.
MISSING, ARGUMENT, INTERRUPTED, SCRIPTING, GENERAL = range(5)


class Refused(Exception):
    """The router says no. `message` is RouterOS's own text, `category` that of a `!trap` or `None`."""

    def __init__(self, message: str, category: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.category = category


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf: a user name, the policies it holds, and by which way (`api`, `rest-api`, `ssh`, `scheduler`)."""

    user: str = "admin"
    policies: frozenset[str] = POLICIES
    via: str = "console"
    address: str = "127.0.0.1"


@dataclass(slots=True)
class Request:
    """One command: the menu and the command by full name (`/ip/address`, `print`), arguments as text.

    A flag that is given has the value "". A property that is to have no value (`!name`, `unset`) is in `absent`.
    `where` keeps rows for commands that take a condition; the front end made it from `where` or query words. `tell`
    hears the rows of a command that goes on as they come: those are not in its answer.
    """

    menu: str
    command: str
    arguments: dict[str, str] = field(default_factory=dict)
    caller: Caller = field(default_factory=Caller)
    where: Callable[[Row], bool] | None = None
    absent: frozenset[str] = frozenset()
    tell: Callable[[Row], object] | None = None

    @property
    def path(self) -> str:
        return f"{self.menu}/{self.command}"


@dataclass(slots=True)
class Answer:
    """Records (`!re`), and the value that the command returns (`=ret=`): the id of an added item, a count, a text."""

    rows: list[Row] = field(default_factory=list)
    ret: str | None = None
