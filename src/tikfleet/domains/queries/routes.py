"""What is mounted under /api/v1."""

from typing import Any

from tikfleet.domains.queries.http import QueryRoutes
from tikfleet.domains.queries.saved_http import QueryResultRoutes, SavedQueryRoutes


def routes() -> list[Any]:
    """Every route of queries."""
    return [QueryRoutes, SavedQueryRoutes, QueryResultRoutes]
