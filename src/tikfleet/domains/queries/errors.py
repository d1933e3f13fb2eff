"""What can go wrong with a fleet query, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, Forbidden, Invalid, TooManyRequests


class QueryUnreadable(Invalid):
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
