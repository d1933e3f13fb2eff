"""What the agent on a router remembers: until the next boot in `Memory`, and on flash in `Job`."""

from typing import Final

from tikfleet.virtual.light.machine import Machine

_SECTIONS: Final = ("interfaces", "health", "wireless", "counts", "lte", "wan", "neighbors", "inventory")
_FIRST_PATIENCE_S: Final = 10.0
_MOST_PATIENCE_S: Final = 60.0

Plan = dict[str, int]
_plans: dict[tuple[int, ...], Plan] = {}  # a fleet follows few plans: each is held once


class Memory:
    """The plan and its tags, the count of reports, and which revisions the server has."""

    __slots__ = (
        "failures", "fallback", "heard_inventory", "heard_neighbors", "plan", "plan_tag", "seq", "tag_inventory",
        "tag_neighbors", "told_inventory", "told_neighbors", "turn", "want",
    )  # fmt: skip

    def __init__(self) -> None:
        self.seq, self.turn, self.failures = 1, 0, 0
        self.plan: Plan = {}
        self.plan_tag = self.tag_inventory = self.tag_neighbors = self.want = ""
        self.told_inventory = self.told_neighbors = -1  # the revision in the report that is under way
        self.heard_inventory = self.heard_neighbors = -1  # the revision that an answer has confirmed
        self.fallback = False

    def due(self, section: str) -> bool:
        every = self.plan.get(section, 0)
        return every > 0 and self.turn % every == 0

    def wants_inventory(self, machine: Machine) -> bool:
        """Whether this report carries the inventory: asked for, or changed since the server had it."""
        wanted = "inventory" in self.want
        sent = wanted or (self.due("inventory") and self.heard_inventory != machine.revision)
        self.told_inventory = machine.revision if sent else -1
        return sent

    def wants_neighbors(self, machine: Machine) -> bool:
        revision = machine.blueprint.site.revision
        sent = "neighbors" in self.want or (self.due("neighbors") and self.heard_neighbors != revision)
        self.told_neighbors = revision if sent else -1
        return sent

    def tags(self) -> dict[str, str]:
        held = {"inventory": self.tag_inventory, "neighbors": self.tag_neighbors}
        return {name: tag for name, tag in held.items() if tag}

    def take(self, answer: dict[str, str], machine: Machine) -> None:
        """Follow an answer: whatever it says, the report has been dealt with."""
        self.failures = 0
        self.fallback = False
        self.seq += 1
        self.want = answer.get("want", "")
        if answer.get("ok") != "true":
            return
        self.turn += 1
        if self.told_inventory >= 0:
            self.heard_inventory = self.told_inventory
        if self.told_neighbors >= 0:
            self.heard_neighbors = self.told_neighbors
        self.tag_inventory = answer.get("tags.inventory", answer.get("tag.inventory", self.tag_inventory))
        self.tag_neighbors = answer.get("tags.neighbors", answer.get("tag.neighbors", self.tag_neighbors))
        tag = answer.get("plan.tag", answer.get("plan", ""))
        if tag:
            self.plan_tag = tag
            self.plan = _plan(answer)

    def miss(self) -> None:
        """No answer came: the next report repeats `seq`, with the other token while there are two."""
        self.failures += 1
        self.fallback = not self.fallback

    def patience_s(self) -> float:
        return min(_MOST_PATIENCE_S, _FIRST_PATIENCE_S * (1 << min(self.failures - 1, 8)))


class Job:
    """The last job. All states but `closed`, which is the end, are told with each report."""

    __slots__ = ("error", "id", "is_guarded", "result", "state")

    def __init__(self) -> None:
        self.id = self.state = self.error = ""
        self.result = b""
        self.is_guarded = False

    @property
    def is_closed(self) -> bool:
        return not self.id or self.state == "closed"

    def begin(self, job_id: str) -> None:
        self.id, self.state, self.error, self.result = job_id, "started", "", b""
        self.is_guarded = False

    def ending(self, *, failed: bool) -> str:
        """What the end of its script is called."""
        if self.is_guarded:
            return "undoing" if failed else "changed"
        return "failed" if failed else "succeeded"

    def finish(self, error: str, result: bytes) -> None:
        self.state = self.ending(failed=bool(error))
        self.error, self.result = error, result

    def told(self) -> None:
        """The server has the result. A change waits for its confirmation, and one that failed has been undone."""
        if self.state in {"changed", "undoing"}:
            self.result = b""
            self.state = "changed" if self.state == "changed" else "rolled-back"
        else:
            self.close()

    def confirm(self) -> None:
        if self.state == "changed":
            self.state = "confirmed"

    def close(self) -> None:
        self.state, self.error, self.result = "closed", "", b""


def _plan(answer: dict[str, str]) -> Plan:
    values = []
    for section in _SECTIONS:
        text = answer.get(f"plan.{section}", answer.get(f"plan.{section}.every", "0"))
        values.append(int(float(text)) if text.replace(".", "", 1).isdigit() else 0)
    key = tuple(values)
    return _plans.setdefault(key, dict(zip(_SECTIONS, key, strict=True)))
