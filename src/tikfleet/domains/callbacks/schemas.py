"""The wire types of callbacks."""

from typing import Annotated

import msgspec
from msgspec import Meta

from tikfleet.domains.callbacks.model import Attempt, Callback, CallbackState, Event, aim_of


class CallbackAttempt(msgspec.Struct, frozen=True):
    """One try. `status` is the HTTP status of the receiver's answer; null when none came, and `error` says why."""

    at: str
    status: int | None
    error: str
    took_ms: int


class CallbackView(msgspec.Struct, frozen=True, kw_only=True):
    """News of a job or a run on its way to a receiver.

    `waiting`: it is tried until `attempts` is 5. `delivered`: the receiver answered 2xx. `dead`: it is not tried any
    more, until somebody asks for it again. `subject_id` is the job's or the run's. `host` is the receiver's; the whole
    address is not shown. `next_at` says when it is tried next. `log` comes with one callback, not with lists.
    """

    id: Annotated[str, Meta(examples=["cbk_01m3k5x0v7q2a9bc"])]
    event: Annotated[Event, Meta(examples=["job.finished"])]
    subject_id: Annotated[str, Meta(examples=["job_01m3k5x0v7q2a9bc"])]
    host: Annotated[str, Meta(examples=["hooks.acme.example"])]
    state: CallbackState
    attempts: int
    error: str
    created_at: str
    next_at: str | None
    ended_at: str | None
    log: list[CallbackAttempt]


class CallbackSecretState(msgspec.Struct, frozen=True):
    """Whether the organisation has a secret, since when, and until when the one before it signs, too."""

    exists: bool
    made_at: str | None
    previous_until: str | None


class CallbackSecretMade(msgspec.Struct, frozen=True):
    """The new secret. It is shown now and never again."""

    secret: Annotated[str, Meta(examples=["tfc_…"])]
    made_at: str
    previous_until: str | None


def callback_view(callback: Callback, log: list[Attempt]) -> CallbackView:
    """The wire form of a callback."""
    return CallbackView(
        id=callback.id,
        event=callback.event,
        subject_id=callback.subject_id,
        host=aim_of(callback.aim).host,
        state=callback.state,
        attempts=callback.attempts,
        error=callback.error,
        created_at=callback.created_at,
        next_at=callback.due_at if callback.state == "waiting" else None,
        ended_at=callback.ended_at,
        log=[CallbackAttempt(one.at, one.status, one.error, one.took_ms) for one in log],
    )
