"""Requests of REST as scripts: a question of live mode, which returns its answer, or a job, which shows it.

What both say is read by `routeros.rest.script_text`. A question is one line, since answers in lines hold no line feed.
"""

from typing import Final

from tikfleet.agent.template import render
from tikfleet.agent.tiers import Tier
from tikfleet.routeros.rest.plan import Plan
from tikfleet.routeros.script.builder import Dialect
from tikfleet.routeros.script.quoting import quote

# What a stretch of rows may come to before the last of them: twice as much once JSON has escaped it, or a whole file's
# contents more, still is less than a router can send.
_STRETCH_BYTES: Final = {Tier.A: 20_000, Tier.B: 40_000, Tier.C: 40_000, Tier.D: 40_000}
_JOB_BYTES: Final = {Tier.A: 24_000, Tier.B: 24_000, Tier.C: 24_000, Tier.D: 3_000}


def render_question(plan: Plan, tier: Tier, start: int = 0) -> str:
    """The rows of a plan that only reads, from the row `start` on, as a question of live mode."""
    values = _reading(plan, tier) | {
        "start": str(start),
        "limit": str(_STRETCH_BYTES[tier]),
        "give": "return",
        "end": '""',
    }
    return _folded(render("rest-read", tier, values))


def render_rest_job(plan: Plan, tier: Tier, expected: str = "") -> str:
    """A plan as a job. `expected`: the text of the record that the caller has seen, else nothing is changed."""
    dialect = _dialect(tier)
    if plan.reads:
        values = _reading(plan, tier) | {"start": "0", "limit": str(_JOB_BYTES[tier]), "give": "put"}
        text = render("rest-read", tier, values | {"end": '"tikfleet-end"'})
        return "# Tikfleet job: routeros\n{\n" + text.replace(":put (", ':put ("tikfleet-rest " . ') + "}\n"
    found, after = [], []
    if plan.find is not None:
        found = [
            f":set item [{plan.find.render(dialect)}];",
            ':if ([:len $item] = 0) do={ :put "tikfleet-missing"; :error "no such item" };',
            ":set item [:pick $item 0];",
        ]
    if plan.after is not None:
        shown = f':foreach row in=[{plan.after.render(dialect)}] do={{ :set rows ($rows . [$encoded $row ""]) }};'
        after = [':set form "rows";', shown]
    if expected and plan.after is not None:
        before = plan.after.render(dialect)
        found += [
            f':foreach row in=[{before}] do={{ :set seen ($seen . [$encoded $row ""]) }};',
            f':if ($seen != {quote(expected)}) do={{ :put "tikfleet-changed"; :error "the record has changed" }};',
        ]
    values = {"command": plan.command.render(dialect), "find": "\n".join(found), "after": "\n".join(after)}
    return "# Tikfleet job: routeros\n{\n" + render("rest-write", tier, values) + "}\n"


def _reading(plan: Plan, tier: Tier) -> dict[str, str]:
    wanted = "," + ",".join(plan.wanted) + "," if plan.wanted else ""
    return {"command": plan.command.render(_dialect(tier)), "wanted": quote(wanted)}


def _dialect(tier: Tier) -> Dialect:
    return Dialect.V6 if tier is Tier.D else Dialect.V7


def _folded(script: str) -> str:
    lines = [line.strip() for line in script.splitlines()]
    return " ".join(line for line in lines if line and not line.startswith("#"))
