"""Random numbers that follow from a seed and cost eight bytes of state.

`random.Random` keeps 2.5 KB each, which ten thousand routers would feel. The generator is SplitMix64 (Steele, Lea,
Flood 2014): good enough for weather and traffic, and never for secrets.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, TypeVar

T = TypeVar("T")

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_SCALE: Final = 1.0 / (1 << 53)


class Dice:
    """A stream of chances. The same seeds give the same stream on every machine."""

    __slots__ = ("_state",)

    def __init__(self, *seeds: int | str) -> None:
        text = "\x1f".join(str(seed) for seed in seeds)
        self._state = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")

    def bits(self) -> int:
        """64 random bits."""
        self._state = state = (self._state + _GOLDEN) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return state ^ (state >> 31)

    def unit(self) -> float:
        """A number in [0, 1)."""
        return (self.bits() >> 11) * _SCALE

    def chance(self, probability: float) -> bool:
        return probability > 0 and self.unit() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + self.bits() % (high - low + 1)

    def choice(self, options: Sequence[T]) -> T:
        return options[self.bits() % len(options)]

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        """One of the options, each as likely as its weight says."""
        left = self.unit() * sum(weight for _, weight in options)
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]

    def text(self, alphabet: str, length: int) -> str:
        return "".join(self.choice(alphabet) for _ in range(length))
