"""What ends a command early: one sentence for people, and an exit code for programs.

0 it worked; 1 what was asked for failed; 2 the command line or what it says is wrong; 3 not signed in, or not
permitted; 4 there is no such thing; 5 the server or the network is not available.
"""

from collections.abc import Sequence
from typing import Final

FAILED: Final = 1
USAGE: Final = 2
FORBIDDEN: Final = 3
NOT_FOUND: Final = 4
UNAVAILABLE: Final = 5

_EXIT_CODES: Final = {400: USAGE, 422: USAGE, 401: FORBIDDEN, 403: FORBIDDEN, 404: NOT_FOUND, 429: UNAVAILABLE}
_SERVER_ERRORS: Final = 500


class Failure(Exception):
    """A sentence, what to do about it, the API's code where it has one, and the exit code."""

    def __init__(
        self, sentence: str, exit_code: int = FAILED, *, remedy: str = "", code: str = "", notes: Sequence[str] = ()
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code
        self.remedy = remedy
        self.code = code
        self.notes = list(notes)


def exit_code_of(status: int) -> int:
    """The exit code for an HTTP status that is not a success."""
    if status >= _SERVER_ERRORS:
        return UNAVAILABLE
    return _EXIT_CODES.get(status, FAILED)
