"""What can go wrong with callbacks, in words for the one who asked."""

from tikfleet.kernel.errors import Conflict, NotFound


class CallbackNotFound(NotFound):
    """There is no such callback in the caller's organisation; those that ended are kept for 30 days."""

    code = "callback.not-found"
    title = "There is no such callback"
    remedy = "Check the callback's id, and that you act in the right organisation."


class CallbackWithoutSecret(Conflict):
    """The organisation has no secret to sign callbacks with; nothing was made."""

    code = "callback.no-secret"
    title = "There is no secret for callbacks yet"
    remedy = "Make one with POST /callbacks/secret (`tikfleet callbacks secret`) and give it to the receiver."


class SubscriptionNotFound(NotFound):
    """There is no such subscription in the caller's organisation."""

    code = "subscription.not-found"
    title = "There is no such subscription"
    remedy = "Check the subscription's id, and that you act in the right organisation."


class SubscriptionsTooMany(Conflict):
    """The organisation has as many subscriptions as it may have; nothing was made."""

    code = "subscription.too-many"
    title = "There are too many subscriptions"
    remedy = "End one that is not needed any more, or give one address more events."


class CallbackStillWaiting(Conflict):
    """The callback is still being tried, so that it can't be begun again."""

    code = "callback.waiting"
    title = "The callback is still being tried"
    remedy = "Wait until it was delivered or is dead."
