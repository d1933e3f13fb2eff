"""Each report counts once: deduplication on (device, boot id, sequence)."""

from enum import Enum
from typing import Final

from tikfleet.domains.inventory.public import BootMark, DeviceState

_WINDOW: Final = 62
_MASK: Final = (1 << _WINDOW) - 1
_BOOTS: Final = 4


class Arrival(Enum):
    """How a report stands to those before it."""

    NEWEST = "newest"
    FIRST_OF_BOOT = "first of boot"
    LATE = "late"
    DUPLICATE = "duplicate"


def arrival_of(state: DeviceState, boot_id: str, seq: int) -> tuple[Arrival, int]:
    """Note a report in the state's window, and say what it is and how many before it are missing.

    A report of the present boot or one of the last four is a duplicate when its number was seen, or is more than 62
    below the highest. A boot id never seen begins a new window.
    """
    if boot_id == state.boot_id:
        ahead = seq - state.seq
        arrival, state.seq, state.seen_window = _note(state.seq, state.seen_window, seq)
        return arrival, max(0, ahead - 1)
    for mark in state.detail.past_boots:
        if mark.boot_id == boot_id:
            arrival, mark.seq, mark.window = _note(mark.seq, mark.window, seq)
            return (Arrival.LATE if arrival is Arrival.NEWEST else arrival), 0
    if state.boot_id:
        past = [BootMark(state.boot_id, state.seq, state.seen_window), *state.detail.past_boots]
        state.detail.past_boots = past[:_BOOTS]
    state.boot_id, state.seq, state.seen_window = boot_id, seq, 1
    return Arrival.FIRST_OF_BOOT, 0


def _note(highest: int, window: int, seq: int) -> tuple[Arrival, int, int]:
    ahead = seq - highest
    if ahead > 0:
        return Arrival.NEWEST, seq, ((window << ahead) & _MASK if ahead < _WINDOW else 0) | 1
    bit = 1 << -ahead
    if ahead <= -_WINDOW or window & bit:
        return Arrival.DUPLICATE, highest, window
    return Arrival.LATE, highest, window | bit
