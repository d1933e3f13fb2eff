"""What the application may use of callbacks."""

from tikfleet.domains.callbacks.delivery import CallbackPost
from tikfleet.domains.callbacks.service import Callbacks
from tikfleet.domains.callbacks.sources import JobSource, RunSource
from tikfleet.domains.callbacks.standing import StandingSource
from tikfleet.domains.callbacks.subscriptions import Subscriptions

__all__ = ["CallbackPost", "Callbacks", "JobSource", "RunSource", "StandingSource", "Subscriptions"]
