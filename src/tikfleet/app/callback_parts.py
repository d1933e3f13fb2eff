"""The objects of callbacks, wired: what routes may name, and what sends them beside the listeners."""

from typing import Any

from tikfleet.adapters.web.outbound import WebOutbound
from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.callbacks.public import (
    CallbackPost,
    Callbacks,
    JobSource,
    RunSource,
    StandingSource,
    Subscriptions,
)
from tikfleet.domains.jobs.public import JobNotices
from tikfleet.domains.runs.public import RunNotices
from tikfleet.kernel.clock import utc_now


def callback_services(settings: Settings, infra: Infra, audit: AuditTrail) -> dict[str, Any]:
    """People's side, by the names under which routes ask for it."""
    callbacks = Callbacks(infra.database, audit, infra.vault, WebOutbound(settings.callback_receivers), utc_now)
    return {"callbacks": callbacks, "subscriptions": Subscriptions(infra.database, audit, callbacks, utc_now)}


def callback_post(settings: Settings, infra: Infra) -> CallbackPost:
    """What sends them, in the process that works."""
    jobs, runs = JobSource(JobNotices(infra.database)), RunSource(RunNotices(infra.database))
    sources = (jobs, runs, StandingSource(infra.database, utc_now))
    outbound = WebOutbound(settings.callback_receivers)
    return CallbackPost(infra.database, infra.queue, outbound, infra.vault, sources, utc_now)
