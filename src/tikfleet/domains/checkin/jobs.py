"""Background entry points of check-ins: routers that stopped reporting, and removals that came to their end."""

import time
from collections.abc import Callable
from typing import Final

import structlog

from tikfleet.domains.checkin.sessions import Sessions
from tikfleet.domains.inventory.public import DeviceStates, news_of
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.errors import Unavailable
from tikfleet.kernel.ids import DeviceId
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.inbox import Inbox

_START_GRACE_S: Final = 90.0
_MANY: Final = 2000
_BEHIND_S: Final = 60.0
_log = structlog.get_logger("tikfleet.checkin")
_DECIDED: Final = frozenset({"device.approved", "device.rejected", "device.removed", "device.removing"})


class OfflineWatch:
    """Run `sweep` every few seconds in one process.

    Nobody is called offline while the platform itself was away or is behind: not in the first 90 s after a start, and
    not while more than a stretch of reports waits in the inbox, or one has waited for a minute.
    """

    def __init__(
        self, states: DeviceStates, inbox: Inbox, bus: Bus, clock: Clock, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._states = states
        self._inbox = inbox
        self._bus = bus
        self._clock = clock
        self._now_s = now_s
        self._started_s = now_s()

    async def sweep(self) -> int:
        """Mark routers offline whose time has passed; gives how many."""
        behind = self._inbox.depth() > _MANY or self._inbox.age_s() > _BEHIND_S
        if behind or self._now_s() - self._started_s < _START_GRACE_S:
            return 0
        now_ms = int(self._clock().timestamp() * 1000)
        overdue = await self._states.overdue(now_ms)
        events = await self._states.set_offline(overdue, now_ms) if overdue else []
        for event in events:
            self._bus.publish(news_of(event))
        for org_id in {event.org_id for event in events}:
            self._bus.publish(News("fleet.pulse", org_id, {"at": self._clock().isoformat(), "checkins": 0}))
        return len(events)


class SessionWatch:
    """What a person decides about a device counts from its next request on, not when its session is read anew."""

    def __init__(self, sessions: Sessions, bus: Bus, forget_settings: Callable[[], None]) -> None:
        """`forget_settings` makes what is asked about organisations' settings come from the database again."""
        self._sessions = sessions
        self._bus = bus
        self._forget_settings = forget_settings

    async def read_ahead(self) -> None:
        """Read sessions again before their routers wait for it: every ten seconds."""
        try:
            await self._sessions.read_ahead()
        except Unavailable as error:
            _log.warning("sessions are read one by one", code=error.code)

    async def run(self) -> None:
        """Follow the news for ever."""
        async with self._bus.subscribe(capacity=10_000) as news:
            async for item in news:
                try:
                    await self._hear(item)
                except Unavailable as error:
                    # Sessions are read anew in some minutes in any case.
                    _log.warning("a change waits for the next reading", kind=item.kind, code=error.code)

    async def _hear(self, item: News) -> None:
        if item.kind == "bus.overflow":
            self._forget_settings()
            self._sessions.forget_all()
        elif item.kind in _DECIDED:
            self._sessions.forget(DeviceId(item.data["device_id"]))
        elif item.kind == "organisation.settings":
            self._forget_settings()
            await self._sessions.set_paces()
