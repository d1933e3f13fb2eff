"""What a proof found: whether the promise held, and its figures."""

from typing import Any

import msgspec


class Verdict(msgspec.Struct, frozen=True):
    """`held` is the promise of QUALITY §3; a figure that is a goal of another machine does not decide it."""

    name: str
    held: bool
    figures: dict[str, Any]

    def with_(self, other: "Verdict") -> "Verdict":
        """Both have to hold; the figures of both."""
        return Verdict(self.name, self.held and other.held, {**self.figures, **other.figures})

    def line(self) -> str:
        shown = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.figures.items())
        return f"{self.name}: {'held' if self.held else 'NOT HELD'} ({shown})"
