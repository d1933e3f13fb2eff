"""What can go wrong with a comparison, in words for the one who asked."""

from tikfleet.kernel.errors import Invalid, Unavailable


class ConfigUnreadable(Invalid):
    """One of the texts, or both, holds nothing of an export; `errors` says which, and which line is the first."""

    code = "config.unreadable"
    title = "This is no export"
    remedy = "Send the text that /export prints, or that a job of kind export gave."


class ConfigDiffBusy(Unavailable):
    """Too many configurations are being compared at this moment."""

    code = "config.diff-busy"
    title = "The comparison has too much to do"
    remedy = "Ask again after the time in Retry-After."
