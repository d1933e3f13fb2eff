"""What the application may use of logs."""

from tikfleet.domains.logs.buffer import LogBuffer
from tikfleet.domains.logs.consumer import LogConsumer
from tikfleet.domains.logs.facts import log_tables
from tikfleet.domains.logs.intake import LogIntake, Received
from tikfleet.domains.logs.retention import LogRetention
from tikfleet.domains.logs.saved import SavedSearches
from tikfleet.domains.logs.search import LogSearches

__all__ = [
    "LogBuffer",
    "LogConsumer",
    "LogIntake",
    "LogRetention",
    "LogSearches",
    "Received",
    "SavedSearches",
    "log_tables",
]
