"""Collections of cyclic garbage, kept short: a full one stops a process with a thousand live routers for 0.2 s."""

import gc
from typing import Final

# Young objects are looked at as often as a few milliseconds allow; all objects only after millions of new ones.
_YOUNG: Final = 10_000
_MIDDLE: Final = 20
_ALL: Final = 50


def hold() -> None:
    """Call before a process is put together: of all it makes then a fiftieth is garbage, and to look takes 0.3 s."""
    gc.disable()


def settle() -> None:
    """Call once everything is built: what there is then stays until the end and is not looked at again."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _ALL)
    gc.enable()
