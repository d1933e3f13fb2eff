"""Routes about the platform itself, which belong to no domain."""

from typing import Any, Final

from tikfleet.app.cloud_costs import read_costs
from tikfleet.app.letters_http import LetterRoutes
from tikfleet.app.server_info import read_server
from tikfleet.app.stream import follow_events

PLATFORM_ROUTES: Final[list[Any]] = [follow_events, read_server, read_costs, LetterRoutes]
