"""The hot path: a report in, durable, an answer out of memory."""

import random
import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final, Protocol

import msgspec

from tikfleet.domains.checkin.admission import Admission
from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.live import LiveRequests
from tikfleet.domains.checkin.model import REPORTS, Report
from tikfleet.domains.checkin.sessions import Session
from tikfleet.domains.jobs.public import JobDesk, JobReport
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.wireforms import Form, Malformed
from tikfleet.ports.inbox import Envelope, Inbox

KIND: Final = "checkin"
_JITTER: Final = 0.1
# Enough to refuse what is no duration at all; the consumer reads it properly.
_DURATION: Final = re.compile(r"[0-9][0-9wdhmsun:.]{0,63}")
_SOON_S: Final = 10
_AGENT: Final = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})\.")
_CONFIRMS_FROM: Final = (1, 1)
_pack = msgspec.msgpack.Encoder(order="deterministic").encode

Answer = dict[str, Any]


class Copies(Protocol):
    """What is stored of routers, as their last processed reports left it."""

    async def read_tags(self, session: Session) -> None: ...


class Rules(msgspec.Struct, frozen=True):
    """What holds for every report.

    `agent_version` is what routers are to run; empty leaves each with its own. While `is_overloaded`, only reports of
    routers that may have a job's result to tell are taken.
    """

    agent_version: str = ""
    is_overloaded: Callable[[], bool] = lambda: False


class CheckIns:
    """Accepts reports. What is acknowledged is durable."""

    def __init__(
        self,
        inbox: Inbox,
        desk: JobDesk,
        admission: Admission,
        counts: Counts,
        clock: Clock,
        copies: "Copies | None" = None,
        rules: "Rules | None" = None,
    ) -> None:
        """`copies` are asked what was stored of a router, where another process may have taken its last report."""
        # Where requests of routers are held, if they are: set by who wires this.
        self.live: LiveRequests | None = None
        self._inbox = inbox
        self._rules = rules or Rules()
        self._copies = copies
        self._desk = desk
        self._admission = admission
        self._counts = counts
        self._clock = clock

    def wait_s(self, session: Session) -> int:
        """0 when a report is welcome now; otherwise when its router has a place. Raises DeviceTooFast."""
        if self._rules.is_overloaded() and not self._desk.has_work(session.device_id):
            # It keeps its rhythm, and misses this one.
            self._counts.refused["server.overloaded"] += 1
            return next_s(session.plan.interval)
        wait_s = self._admission.wait_s(session)
        if wait_s:
            self._counts.refused["server.busy"] += 1
        return wait_s

    async def accept(self, session: Session, form: Form, body: bytes, source_address: str) -> Answer:
        """Store a report and say what to do next. A report that can't be stored gets `ok` false and why.

        Raises InboxUnavailable when nothing can be stored now.
        """
        try:
            report: Report = REPORTS.read(form, body)
        except Malformed as cause:
            self._counts.refused["malformed"] += 1
            return refusal(session, "report.malformed", str(cause))
        if _DURATION.fullmatch(str(report.uptime)) is None:
            self._counts.refused["malformed"] += 1
            return refusal(session, "report.malformed", "uptime is not a RouterOS duration")
        if session.pending:
            self._counts.refused["pending"] += 1
            return refusal(session, "enrolment.pending", "A person has to approve this router in the dashboard first.")
        now_ms = int(self._clock().timestamp() * 1000)
        await self._inbox.append(
            Envelope(session.org_id, session.device_id, now_ms, KIND, form.value, source_address, body)
        )
        self._counts.accepted += 1
        return await self._answer(session, report)

    async def _answer(self, session: Session, report: Report) -> Answer:
        plan = session.plan
        answer: Answer = {"ok": True, "next": next_s(plan.interval)}
        if report.plan != plan.tag:
            answer["plan"] = msgspec.structs.asdict(plan)
        tags, want = self._tags(session, report)
        if want and self._copies is not None:
            await self._copies.read_tags(session)
            want = " ".join(_wanted(session, report))
        if tags:
            answer["tags"] = tags
        if want:
            answer["want"] = want
        said, _, _ = str(report.agent).partition("/")
        if said and said != (self._rules.agent_version or said):
            # The agent fetches the version that is asked for once, however often it hears of it.
            answer["agent"] = self._rules.agent_version
        if session.fresh_token:
            answer["token"] = session.fresh_token
        if session.removing:
            answer["remove"] = True
        elif report.job is not None or self._desk.has_work(session.device_id):
            await self._job(session, report, answer)
        live_s = 0 if self.live is None else self.live.wanted_s(session, report)
        if live_s and not session.removing:
            answer["live"] = live_s
        return answer

    def _tags(self, session: Session, report: Report) -> tuple[dict[str, str], str]:
        """Tags for what was sent in full, and the sections whose copy the router believes in is not ours."""
        tags: dict[str, str] = {}
        if report.inventory is not None:
            tags["inventory"] = session.inventory_tag = tag_of(report.inventory)
        if report.neighbors is not None:
            tags["neighbors"] = session.neighbors_tag = tag_of(report.neighbors)
        return tags, " ".join(_wanted(session, report))

    async def _job(self, session: Session, report: Report, answer: Answer) -> None:
        now, said = self._clock(), report.job
        last = JobReport(said.id, said.state, said.error) if said else None
        done = await self._desk.note_report(session.device_id, report.boot, last, now)
        if done is not None:
            answer["job-ack"] = done
        elif last is not None and await self._desk.confirms(session.device_id, last):
            # Made after the change, and durable: this report is the proof that its router can still be reached.
            answer["job-confirm"] = last.id
        hand_out = await self._desk.next_for(session.device_id, report.boot, now, confirms=confirms(report.agent))
        if hand_out is not None:
            answer["job"] = {
                "id": hand_out.id,
                "class": hand_out.job_class,
                "timeout": hand_out.timeout_s,
                "size": hand_out.size_bytes,
            }
            # Its result, or the next job, should not wait for a whole interval.
            answer["next"] = min(answer["next"], _SOON_S)


def confirms(agent: str) -> bool:
    """Whether an agent (`1.1.0/A`) knows of changes that it undoes unless they are confirmed."""
    found = _AGENT.match(agent)
    return found is not None and (int(found[1]), int(found[2])) >= _CONFIRMS_FROM


def _wanted(session: Session, report: Report) -> list[str]:
    """The sections that were not sent and whose copy the router believes in is not ours."""
    believed = report.tags
    want = []
    if report.inventory is None and (believed is None or believed.inventory != session.inventory_tag):
        want.append("inventory")
    if report.neighbors is None and (believed is None or believed.neighbors != session.neighbors_tag):
        want.append("neighbors")
    return want


def next_s(interval_s: int) -> int:
    """The time to the next report: the base and up to 10 % more or less, so that a fleet spreads by itself."""
    return max(1, round(interval_s * (1 + random.uniform(-_JITTER, _JITTER))))


def tag_of(section: Any) -> str:
    """The tag of a section's content: equal content, equal tag. It never looks like a number."""
    return "t" + blake2b(_pack(section), digest_size=6).hexdigest()


def refusal(session: Session, code: str, detail: str) -> Answer:
    """The answer to a report that was not stored."""
    return {"ok": False, "error": code, "detail": detail[:300], "next": next_s(session.plan.interval)}
