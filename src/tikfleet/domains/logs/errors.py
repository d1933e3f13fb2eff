"""What can go wrong with logs, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, NotFound


class LogSearchUnfit(Conflict):
    """The search names no field of lines, or its time ends before it begins."""

    code = "logs.unfit"
    title = "The search can't be asked so"
    remedy = "Name fields as `GET /api/v1/logs` describes them, and a time that begins before it ends."


class SavedSearchNotFound(NotFound):
    """There is no such search that the caller may see."""

    code = "logs.search-not-found"
    title = "There is no such search"
    remedy = "Check its id; searches that are not shared are seen by who saved them alone."


class SavedSearchesFull(Conflict):
    """The organisation has as many saved searches as it may; nothing was stored."""

    code = "logs.searches-full"
    title = "There are too many saved searches"
    remedy = "Delete one that nobody needs."
