"""What a demonstration shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemonstrationOptions:
    """How many light virtual routers, how many whole ones, and how often each reports."""

    routers: int
    full: int
    interval_s: int
