"""What the check-in path counts of itself since the start."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec

_OF_THE_CONSUMER: Final = ("processed", "duplicates", "unreadable_values", "set_aside", "batches", "lag_ms")


class Counts(msgspec.Struct):
    """Reports accepted; requests refused, by cause; envelopes processed; values that could not be read."""

    accepted: int = 0
    processed: int = 0
    duplicates: int = 0
    unreadable_values: int = 0
    set_aside: int = 0
    batches: int = 0
    lag_ms: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)

    def figures(self) -> dict[str, float]:
        """What the consumer counts, for another process."""
        return {name: getattr(self, name) for name in _OF_THE_CONSUMER}

    def take(self, figures: Mapping[str, float]) -> None:
        """The consumer's counts, from the process where it runs."""
        for name in _OF_THE_CONSUMER:
            setattr(self, name, int(figures.get(name, 0)))
