"""What the application may use of fleet queries."""

from tikfleet.domains.queries.service import FleetQueries

__all__ = ["FleetQueries"]
