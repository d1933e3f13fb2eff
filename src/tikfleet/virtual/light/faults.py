"""What goes wrong on purpose: the probabilities, and the spells in which a router is not heard."""

import math
from dataclasses import dataclass

from tikfleet.virtual.light.dice import Dice

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Faults:
    """Probabilities for each check-in, and how often a router leaves for a while."""

    lost: float = 0.002  # the answer never arrives
    truncated: float = 0.0005  # the body is cut
    duplicate: float = 0.001  # the same report twice
    days_between_spells: float = 4.0  # mean time between absences of one router; 0 for never

    def draw(self, dice: Dice) -> str:
        """`lost`, `truncated`, `duplicate` or nothing."""
        if not self.lost and not self.truncated and not self.duplicate:
            return ""
        place = dice.unit()
        for name, share in (("lost", self.lost), ("truncated", self.truncated), ("duplicate", self.duplicate)):
            if place < share:
                return name
            place -= share
        return ""

    def loses(self, dice: Dice) -> bool:
        return dice.chance(self.lost)

    def absence_s(self, dice: Dice, over_s: float) -> float:
        """How long a router is away after these seconds: mostly 0, else minutes, rarely hours."""
        if not self.days_between_spells or not dice.chance(over_s / (self.days_between_spells * _DAY_S)):
            return 0.0
        return 90.0 * math.pow(200.0, dice.unit() ** 2)


NO_FAULTS = Faults(0, 0, 0, 0)
