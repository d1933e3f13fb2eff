"""Commit-confirm: what goes before the script of a job whose change the router undoes unless it is confirmed."""

from typing import Final

from tikfleet.agent.scripts import GUARDS, POLICIES
from tikfleet.agent.template import folded, render
from tikfleet.agent.tiers import Tier
from tikfleet.routeros.script.quoting import quote

_SHORTEST_S, _LONGEST_S = 60, 3_600
# The agent gives a job a minute more than its time-out before it calls it cut off.
_CUT_OFF_S: Final = 60


def render_guarded(script: str, tier: Tier, within_s: int, timeout_s: int) -> str:
    """A job's script after what saves a restore point and arms the undo.

    The undo goes back `within_s` after the script has ended without a confirmation, and when it has not ended that long
    after `timeout_s`. Raises `ValueError` for a time that is out of bounds.
    """
    if not _SHORTEST_S <= within_s <= _LONGEST_S:
        raise ValueError(f"within_s is {within_s}: it must be {_SHORTEST_S} to {_LONGEST_S}")
    limit_s = within_s + timeout_s + _CUT_OFF_S
    undo = render("undo", tier, {"within": str(within_s), "limit": str(limit_s)})
    values = {**GUARDS[tier in {Tier.A, Tier.B}], "policies": POLICIES, "undo": folded(quote(undo), 11)}
    return render("guard", tier, values) + script
