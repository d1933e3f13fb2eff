"""What can go wrong with a fleet query, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, Forbidden, NotFound, TooManyRequests


class QueryUnreadable(Conflict):
    """The question is none that Tikfleet understands; nobody was asked."""

    code = "query.unreadable"
    title = "The query can't be read"
    remedy = "Write it as `/ip/firewall/nat where chain=dstnat`, with texts in quotes."


class QueryForTooMany(Conflict):
    """The selection holds more devices than one query may ask; nobody was asked."""

    code = "query.too-many-devices"
    title = "Too many devices for one query"
    remedy = "Narrow the selection, for example to one site group."


class QueryAboutSecrets(Forbidden):
    """The condition looks at a property that holds a secret; nobody was asked."""

    code = "query.secret"
    title = "The condition is about a secret"
    remedy = "Leave the property out of the condition, or ask with the permission secrets:read."


class QueriesCrowded(TooManyRequests):
    """The organisation asks as many queries as it may at one time; nobody was asked."""

    code = "query.crowded"
    title = "Too many queries at one time"
    remedy = "Wait until one of the others has ended, or end one."


class QueryNotFound(NotFound):
    """There is no such saved query that the caller may see."""

    code = "query.not-found"
    title = "There is no such query"
    remedy = "Check the query's id, and that you act in the right organisation."


class QueryHasNoResult(Conflict):
    """The saved query has no such result set."""

    code = "query.no-result"
    title = "There is no such result"
    remedy = "Ask it with POST /queries/{id}/results, and wait until the result has ended."


class QueriesTooMany(Conflict):
    """The organisation has as many saved queries as it may."""

    code = "query.too-many"
    title = "Too many saved queries"
    remedy = "Delete one that nobody needs."
