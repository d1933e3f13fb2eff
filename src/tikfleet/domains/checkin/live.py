"""The devices' side of live mode: `POST /agent/v1/live` (docs/protocol.md)."""

from typing import Any, Final

from tikfleet.domains.checkin.model import LIVE_REPORTS, LiveReport, Report
from tikfleet.domains.checkin.sessions import Session
from tikfleet.domains.jobs.public import JobDesk
from tikfleet.domains.live.public import SMALL_FREE_BYTES, LiveHub, Said
from tikfleet.kernel.wireforms import Form

# What a router waits for at most before 7.15, where its fetch gives up after ten silent seconds.
_SHORTEST_S: Final = 1
_PLAIN_S: Final = 8
_LONGEST_S: Final = 25


class LiveRequests:
    """Holds requests of routers, and gives them what there is to do."""

    def __init__(self, hub: LiveHub, desk: JobDesk) -> None:
        self._hub = hub
        self._desk = desk

    async def hold(self, session: Session, form: Form, body: bytes) -> dict[str, Any]:
        """Take the answer to the last question, wait for the next. Raises Malformed."""
        said: LiveReport = LIVE_REPORTS.read(form, body)
        device_id = session.device_id
        if said.id:
            self._hub.answered(device_id, said.id, Said(said.result, said.error))
        if session.pending or session.removing or not self._hub.wanted_s(device_id):
            return {"ok": True, "live": 0}
        if self._desk.has_news(device_id) or session.fresh_token:
            return {"ok": True, "live": self._hub.wanted_s(device_id), "report": True}
        work = await self._hub.hold(device_id, max(_SHORTEST_S, min(said.hold or _PLAIN_S, _LONGEST_S)))
        answer: dict[str, Any] = {"ok": True, "live": self._hub.wanted_s(device_id)}
        if work.report:
            answer["report"] = True
        elif work.id:
            answer |= {"id": work.id, "script": work.script}
        return answer

    def wanted_s(self, session: Session, report: Report) -> int:
        """The seconds of live mode that the answer to a check-in names, 0 for none.

        A router on LTE, or with little free memory, is let go sooner.
        """
        free = str(report.free_memory or "")
        small = free.isdecimal() and int(free) < SMALL_FREE_BYTES
        metered = report.lte is not None and bool(report.lte.registration_status)
        return self._hub.note(session.device_id, sparing=small or metered)
