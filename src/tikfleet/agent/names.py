"""The names under which the agent stands on a router."""

from typing import Final

# The scheduler and the scripts by which a router stays managed.
AGENT_NAMES: Final = frozenset({"tikfleet", "tikfleet-agent", "tikfleet-startup", "tikfleet-token", "tikfleet-undo"})
