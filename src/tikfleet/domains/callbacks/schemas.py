"""The wire types of callbacks."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.callbacks.model import Attempt, Callback, CallbackState, Event, Standing, aim_of
from tikfleet.domains.jobs.public import NotifyUrl

_NAME: Final = r"^[^\x00-\x20\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$(?!\n)"


class CallbackAttempt(msgspec.Struct, frozen=True):
    """One try. `status` is the HTTP status of the receiver's answer; null when none came, and `error` says why."""

    at: str
    status: int | None
    error: str
    took_ms: int


class CallbackView(msgspec.Struct, frozen=True, kw_only=True):
    """News of a job, a run or a device on its way to a receiver.

    `waiting`: it is tried until `attempts` is 5. `delivered`: the receiver answered 2xx. `dead`: it is not tried any
    more, until somebody asks for it again. `subject_id` is the job's, the run's or the device's. `host` is the
    receiver's; the whole address is not shown. `next_at` says when it is tried next. `log` comes with one callback, not
    with lists.
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


class SubscriptionCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An address and the events that it is told of."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=_NAME, examples=["On-call desk"])]
    url: NotifyUrl
    events: Annotated[list[Standing], Meta(min_length=1, max_length=7, examples=[["device.offline", "device.online"]])]


class SubscriptionView(msgspec.Struct, frozen=True):
    """Who is told of which events. `host` is the receiver's; the whole address is not shown."""

    id: Annotated[str, Meta(examples=["sub_01m3k5x0v7q2a9bc"])]
    name: Annotated[str, Meta(examples=["On-call desk"])]
    events: list[Standing]
    host: Annotated[str, Meta(examples=["hooks.acme.example"])]
    created_at: str
    created_by: Annotated[str, Meta(examples=["Ada Example"])]


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
