"""Which check-ins are taken now, and when the others are to come: each router beyond capacity gets a second of its own.

A fixed Retry-After sends a returning herd back together. Here the server books: a second takes as many reports as the
process can work off, a router that finds it full is given a place in a later one, and keeps it when it comes back.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from tikfleet.domains.checkin.places import Places
from tikfleet.domains.checkin.sessions import Session
from tikfleet.kernel.errors import TooManyRequests
from tikfleet.kernel.ids import OrganisationId

# An agent waits at least this long before it reports again (docs/protocol.md).
SOONEST_S: Final = 10
# What may be taken at once beyond a second's work, in seconds of work.
_BURST_S: Final = 4.0
# Seconds are booked only so far that those who report in their usual rhythm find room too, and by one organisation
# of several only so far that the others do.
_BOOKED_SHARE: Final = 0.95
_ONE_OF_SEVERAL: Final = 0.7
_FURTHEST_S: Final = 3_600
# A router that comes this much before its time is taken; networks and clocks are not exact.
_EARLY_S: Final = 2.0
_CROWDED_SHARE: Final = 0.7


class DeviceTooFast(TooManyRequests):
    """One router reports far more often than it was told to."""

    code = "checkin.too-often"
    title = "This router reports too often"
    remedy = "Let the router wait for the seconds that each answer names as `next`."


class AdmissionLimits(msgspec.Struct, frozen=True):
    """Reports that this process takes in a second, and from one router in a minute (all of which may come at once)."""

    per_second: int
    per_device_minute: int


class Admission:
    """Takes or books one check-in at a time, by a few lookups. `booked` counts those sent to a later second."""

    def __init__(self, limits: AdmissionLimits, now_s: Callable[[], float], places: Places | None = None) -> None:
        """`places` are those that other processes booked too."""
        self._limits = limits
        self._places = places
        self._now_s = now_s
        self._room = float(limits.per_second) * _BURST_S
        self._second = 0
        self._taken_of: Counter[OrganisationId] = Counter()
        self._seen: set[OrganisationId] = set()
        self._booked: Counter[int] = Counter()
        self._booked_of: Counter[tuple[int, OrganisationId]] = Counter()
        self._tails: dict[OrganisationId, int] = {}
        self.booked = 0

    def wait_s(self, session: Session) -> int:
        """0 takes the report; otherwise the seconds after which the router has its place.

        Raises DeviceTooFast for a router out of step with what it was told.
        """
        if self._places is None:
            return self._decided(session)
        session.slot_s, session.due_s = self._places.read(session.device_id)
        wait_s = self._decided(session)
        self._places.write(session.device_id, session.slot_s, session.due_s)
        return wait_s

    def _decided(self, session: Session) -> int:
        now_s = self._now_s()
        self._hold_back(session, now_s)
        if int(now_s) != self._second:
            self._turn(int(now_s))
        if session.slot_s:
            if now_s >= session.slot_s - _EARLY_S:
                session.slot_s = 0.0
                return 0
            return max(SOONEST_S, round(session.slot_s - now_s))
        if self._room >= 1 and not self._has_to_queue(session.org_id):
            self._room -= 1
            self._taken_of[session.org_id] += 1
            return 0
        return self._book(session, now_s)

    def _turn(self, second: int) -> None:
        """A new second: what is left of the room carries over up to the burst; booked places are taken out of it."""
        most = self._limits.per_second * _BURST_S
        for passed in range(max(self._second + 1, second - 5), second + 1):
            self._room = min(most, self._room + self._limits.per_second) - self._booked[passed]
        if second // 60 != self._second // 60:
            self._seen = set(self._taken_of) | set(self._tails)
        self._second = second
        self._taken_of.clear()
        for booked in list(self._booked):
            if booked <= second:
                del self._booked[booked]
        for place in [place for place in self._booked_of if place[0] <= second]:
            del self._booked_of[place]
        for org_id in [org_id for org_id, tail in self._tails.items() if tail <= second]:
            del self._tails[org_id]

    def _has_to_queue(self, org_id: OrganisationId) -> bool:
        """Behind its own booked reports; and in a crowded second, when it already has its even share of it."""
        self._seen.add(org_id)
        if org_id in self._tails:
            return True
        most = self._limits.per_second
        if self._room > most * (_BURST_S - _CROWDED_SHARE) or len(self._taken_of) <= 1:
            return False
        return self._taken_of[org_id] >= most / len(self._taken_of)

    def _book(self, session: Session, now_s: float) -> int:
        org_id = session.org_id
        place = max(self._tails.get(org_id, 0), int(now_s) + SOONEST_S)
        most = max(1.0, self._limits.per_second * _BOOKED_SHARE)
        most_of_one = most if len(self._seen) <= 1 else max(1.0, self._limits.per_second * _ONE_OF_SEVERAL)
        while place < now_s + _FURTHEST_S and (
            self._booked[place] >= most or self._booked_of[place, org_id] >= most_of_one
        ):
            place += 1
        self._tails[org_id] = place
        self._booked[place] += 1
        self._booked_of[place, org_id] += 1
        self.booked += 1
        session.slot_s = place + random.random()
        return max(SOONEST_S, round(session.slot_s - now_s))

    def _hold_back(self, session: Session, now_s: float) -> None:
        gap_s = 60.0 / self._limits.per_device_minute
        due_s = max(session.due_s, now_s - 60.0)
        if due_s > now_s:
            raise DeviceTooFast(
                f"the next report is welcome in {due_s - now_s:.0f} s", retry_after_s=max(1.0, due_s - now_s)
            )
        session.due_s = due_s + gap_s
