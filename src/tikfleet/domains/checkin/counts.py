"""What the check-in path counts of itself since the start."""

from collections import Counter

import msgspec


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
