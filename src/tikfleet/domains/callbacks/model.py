"""What a callback is: news of a job or a run, sent to an address that somebody named. No I/O, no clock.

It is signed with HMAC-SHA256 over `<time>.<body>` and sent until the receiver answers 2xx: five times at most, after
pauses that grow. It may arrive more than once, and in another order than things happened; its `id` is the same then.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from tikfleet.kernel.ids import OrganisationId

Standing = Literal[
    "device.online", "device.offline", "device.rebooted", "job.failed", "run.finished", "run.halted", "run.cancelled"
]
Event = Standing | Literal["job.finished"]
CallbackState = Literal["waiting", "delivered", "dead"]

# Before the second, third, fourth and fifth attempt.
PAUSES_S: Final = (60, 600, 3_600, 21_600)
ATTEMPTS: Final = len(PAUSES_S) + 1
# A secret that was replaced signs beside the new one for so long.
OVERLAP_S: Final = 86_400
KEPT_DAYS: Final = 30
_GONE: Final = 410
_FINE: Final = range(200, 300)


class Notice(msgspec.Struct, frozen=True):
    """Something that happened and is to be told. `key` makes it one callback however often it is noticed."""

    key: str
    event: Event
    subject_id: str
    occurred_at: str
    aim: str
    about: dict[str, object]


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of news on its way. Times are text.

    `round` counts the messages about it, `handed` is whether the queue has it, `due_at` when it is to be tried next.
    """

    id: str
    source_key: str
    org_id: OrganisationId
    event: Event
    subject_id: str
    aim: str
    body: str
    state: CallbackState = "waiting"
    round: int = 1
    attempts: int = 0
    handed: int = 0
    error: str = ""
    created_at: str
    due_at: str
    ended_at: str | None = None


class Attempt(msgspec.Struct, frozen=True):
    """One try. `status` is the receiver's answer; without one, `error` says why."""

    at: str
    status: int | None
    error: str
    took_ms: int


class Aim(msgspec.Struct, frozen=True):
    """Where news goes: whose secret signs it, the host for people to see, and the address itself, sealed."""

    org_id: OrganisationId
    host: str
    sealed: str

    def text(self) -> str:
        """As jobs and runs keep it."""
        return f"{self.org_id} {self.host} {self.sealed}"


def aim_of(text: str) -> Aim:
    """What `Aim.text` wrote."""
    org_id, host, sealed = text.split(" ")
    return Aim(OrganisationId(org_id), host, sealed)


def pause_s(attempts: int) -> int:
    """How long to wait after so many attempts; 0 when there is no other."""
    return PAUSES_S[attempts - 1] if attempts < ATTEMPTS else 0


def is_delivered(status: int) -> bool:
    """Whether the receiver took it."""
    return status in _FINE


def is_given_up(status: int | None) -> bool:
    """Whether the receiver says that it wants no more of it."""
    return status == _GONE


def signature(secrets: Sequence[bytes], timestamp_s: int, body: bytes) -> str:
    """The header `Tikfleet-Signature`: `t=` the time in seconds, then `v1=` once for each secret that is in force."""
    signed = str(timestamp_s).encode() + b"." + body
    each = [hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={timestamp_s}", *(f"v1={one}" for one in each)])
