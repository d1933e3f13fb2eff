"""How a script stops: an error that it may catch, the words that leave a block, and the limits that it may not catch.

Error texts are RouterOS's where the reference, the manual or reports from the field have them. The words of arithmetic
faults follow one recorded pattern (`cannot compare if string is less than string`) and are unverified for other types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tikfleet.virtual.menus.request import SCRIPTING, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tikfleet.virtual.scripting.values import Value


class RosError(Exception):
    """A run-time error. `message` has no place in it; `attributes` are what `:onerror` gives besides (from 7.21)."""

    def __init__(self, message: str, attributes: Mapping[str, Value] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.attributes = attributes
        self.placed = False

    def at(self, path: str, line: int) -> None:
        """Add where it happened, once: `failure (/tool/fetch; line 3)`."""
        if not self.placed:
            self.message = f"{self.message} ({path}; line {line})"
            self.placed = True


class ScriptFailed(Refused):
    """A script that a command ran ended in an error, whose text has its place already."""

    def __init__(self, error: RosError) -> None:
        text = error.message.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
        super().__init__(text, SCRIPTING)


class Halted(Exception):
    """The script ends here and no `on-error` hears of it: `:quit`, a removed job, a limit of this virtual router."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class Returned(Exception):
    """`:return`, on its way to the function or the brackets that it leaves."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Left(Exception):
    """`:break` or `:continue`, on its way to the loop (7.22)."""

    def __init__(self, *, again: bool) -> None:
        super().__init__()
        self.again = again
