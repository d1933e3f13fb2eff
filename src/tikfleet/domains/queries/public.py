"""What the application may use of fleet queries."""

from tikfleet.domains.queries.kept import QueryKeeper, SavedQueries
from tikfleet.domains.queries.model import KEPT_BOUNDS
from tikfleet.domains.queries.service import FleetQueries

__all__ = ["KEPT_BOUNDS", "FleetQueries", "QueryKeeper", "SavedQueries"]
