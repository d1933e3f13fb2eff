"""Devices that report, as the check-in path knows them: kept in memory, read from the database at first sight."""

import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from tikfleet.domains.checkin.lookups import TOGETHER, Lookups
from tikfleet.domains.checkin.model import Plan, plan_for
from tikfleet.domains.enrolment.public import Credential, Enrolment
from tikfleet.domains.inventory.public import DeviceState, DeviceStates
from tikfleet.kernel.ids import DeviceId, OrganisationId

_FRESH_S: Final = 300.0
_WAITING_S: Final = 30.0
_UNKNOWN_S: Final = 10.0
# Read again so long before its time; what nobody used for so long is let go.
_AHEAD_S: Final = 60.0
_IDLE_S: Final = 3_600.0
_MAX_UNKNOWN: Final = 10_000
_NOT_LASTING: Final = frozenset({"pending", "removing", "removed"})


class Session(msgspec.Struct):
    """What one request needs to know of its sender."""

    org_id: OrganisationId
    device_id: DeviceId
    secret: str
    tier: str
    pending: bool
    removing: bool
    plan: Plan
    inventory_tag: str
    neighbors_tag: str
    known_until_s: float
    used_s: float = 0.0
    fresh_token: str = ""
    credential: Credential | None = None
    # Of `Admission`, on its clock: the place that was booked for the next report, and from when one is welcome.
    slot_s: float = 0.0
    due_s: float = 0.0


class Intervals(Protocol):
    """How often the routers of an organisation report."""

    async def checkin_interval_s(self, org_id: OrganisationId) -> int: ...


class Sessions:
    """From a device token to its session.

    A token that was revoked is refused within five minutes, or at once where it was revoked in this process
    (`forget`).
    """

    def __init__(
        self,
        enrolment: Enrolment,
        states: DeviceStates,
        intervals: Intervals,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._enrolment = enrolment
        self._states = states
        self._intervals = intervals
        self._now_s = now_s
        self._by_secret: dict[str, Session] = {}
        self._by_device: dict[DeviceId, set[str]] = {}
        self._unknown: dict[str, float] = {}
        self._fresh: dict[DeviceId, str] = {}
        self._lookups = Lookups(enrolment, states)

    def known(self, secret: str) -> Session | None:
        """The session when memory has it and it is fresh: no waiting, for the hot path."""
        session = self._by_secret.get(secret)
        now_s = self._now_s()
        if session is None or session.known_until_s <= now_s:
            return None
        session.used_s = now_s
        return session

    async def find(self, secret: str) -> Session | None:
        """The session of a token, or None when the token is unknown."""
        session = self.known(secret)
        if session is not None:
            return session
        now_s = self._now_s()
        if self._unknown.get(secret, 0.0) > now_s:
            return None
        credential, state = await self._lookups.of(secret)
        if credential is None:
            if len(self._unknown) >= _MAX_UNKNOWN:
                self._unknown.clear()
            self._unknown[secret] = now_s + _UNKNOWN_S
            return None
        return None if state is None else await self._load(secret, credential, state)

    async def _load(self, secret: str, credential: Credential, state: DeviceState) -> Session:
        device_id = credential.device_id
        if credential.state == "fresh":
            # A token given in a rotation works: the one before goes.
            await self._enrolment.seen(secret, credential)
            credential = msgspec.structs.replace(credential, state="active")
            self._fresh.pop(device_id, None)
            self.forget(device_id)
        if state.status == "pending":
            await self._states.seen_waiting(device_id)
        session = _session(secret, credential, state, plan_for(await self._intervals.checkin_interval_s(state.org_id)))
        session.fresh_token = self._fresh.get(device_id, "") if credential.state == "active" else ""
        lasting = credential.state == "active" and not session.pending
        session.known_until_s = self._now_s() + (_FRESH_S if lasting else _WAITING_S)
        session.used_s = self._now_s()
        before = self._by_secret.get(secret)
        if before is not None:
            session.slot_s, session.due_s = before.slot_s, before.due_s
        self._by_secret[secret] = session
        self._by_device.setdefault(device_id, set()).add(secret)
        self._unknown.pop(secret, None)
        return session

    async def read_ahead(self) -> int:
        """Read sessions in use again before their time has come, many with one question; gives how many.

        One by one, as their routers report, each costs two readings of the database.
        """
        now_s = self._now_s()
        for session in [one for one in self._by_secret.values() if one.used_s + _IDLE_S < now_s]:
            self.forget(session.device_id)
        due = [
            session
            for session in self._by_secret.values()
            if session.known_until_s - _AHEAD_S < now_s < session.used_s + _FRESH_S and _lasts(session)
        ]
        for start in range(0, len(due), TOGETHER):
            await self._read_again(due[start : start + TOGETHER])
        return len(due)

    async def _read_again(self, sessions: Sequence[Session]) -> None:
        tags = [(session.inventory_tag, session.neighbors_tag) for session in sessions]
        looked_up = await self._lookups.read([session.secret for session in sessions])
        for session, known_tags, (credential, state) in zip(sessions, tags, looked_up, strict=True):
            if self._by_secret.get(session.secret) is not session:
                continue
            if credential != session.credential or state is None or state.status in _NOT_LASTING:
                self.forget(session.device_id)
                continue
            if (session.inventory_tag, session.neighbors_tag) == known_tags:
                session.inventory_tag, session.neighbors_tag = state.inventory_tag, state.neighbors_tag
            session.plan = plan_for(await self._intervals.checkin_interval_s(state.org_id))
            session.known_until_s = self._now_s() + _FRESH_S

    def forget(self, device_id: DeviceId) -> None:
        """Read this device anew at its next request: it was approved, removed, or its organisation's pace changed."""
        for secret in self._by_device.pop(device_id, ()):
            self._by_secret.pop(secret, None)
            self._unknown.pop(secret, None)

    def forget_all(self) -> None:
        """Read every device anew at its next request."""
        self._by_secret.clear()
        self._by_device.clear()
        self._unknown.clear()

    async def set_paces(self) -> None:
        """Give each session the interval that its organisation has now."""
        plans: dict[OrganisationId, Plan] = {}
        for session in list(self._by_secret.values()):
            plan = plans.get(session.org_id)
            if plan is None:
                plan = plans[session.org_id] = plan_for(await self._intervals.checkin_interval_s(session.org_id))
            session.plan = plan

    async def read_tags(self, session: Session) -> None:
        """Take the tags of what was processed last: with several processes another one may have taken the report."""
        state = (await self._states.load([session.device_id])).get(session.device_id)
        if state is not None:
            session.inventory_tag, session.neighbors_tag = state.inventory_tag, state.neighbors_tag

    async def rotate(self, device_id: DeviceId) -> bool:
        """Give a device a new token with its answers, until it uses it. False when it has no session here.

        Only the credential that is in force is replaced: who waits to be approved gets nothing.
        """
        for session in [self._by_secret[secret] for secret in self._by_device.get(device_id, ())]:
            credential = session.credential
            if credential is not None and credential.state == "active" and not session.pending:
                if not session.fresh_token:
                    self._fresh[device_id] = session.fresh_token = await self._enrolment.rotate(credential)
                return True
        return False

    def __len__(self) -> int:
        return len(self._by_secret)


def _lasts(session: Session) -> bool:
    active = session.credential is not None and session.credential.state == "active"
    return active and not (session.pending or session.removing or session.fresh_token)


def _session(secret: str, credential: Credential, state: DeviceState, plan: Plan) -> Session:
    return Session(
        org_id=credential.org_id,
        device_id=credential.device_id,
        secret=secret,
        tier=credential.tier,
        pending=credential.state == "pending" or state.status == "pending",
        removing=state.status == "removing",
        plan=plan,
        inventory_tag=state.inventory_tag,
        neighbors_tag=state.neighbors_tag,
        known_until_s=0.0,
        credential=credential,
    )
