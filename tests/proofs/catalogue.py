"""Each proof by the name of its `make prove-…`: in its long form, and in the short one that `make test` runs."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from .failing_sync import prove_failed_syncs
from .fleet import prove_fleet
from .power import prove_power
from .torn import prove_torn
from .verdicts import Verdict

Proofs = dict[str, Sequence[Callable[[], Awaitable[Verdict]]]]

LONG: Final[Proofs] = {
    "fleet": (partial(prove_fleet, 834), partial(prove_fleet, 1_667)),
    "power": (prove_power,),
    "torn": (prove_torn,),
    "disk": (prove_failed_syncs,),
}
SHORT: Final[Proofs] = {
    "fleet": (partial(prove_fleet, 60, 10, 60),),
    "power": (partial(prove_power, 90, 3),),
    "torn": (partial(prove_torn, 211, 200),),
    "disk": (partial(prove_failed_syncs, 40),),
}
