"""The agent's address space, `/agent/v1/…`, as plain ASGI: the hot path owes nothing to a framework."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
import structlog

from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.model import MAX_BODY, OUTCOMES, STARTED, Outcome
from tikfleet.domains.checkin.removals import Removals
from tikfleet.domains.checkin.service import CheckIns
from tikfleet.domains.checkin.sessions import Session, Sessions
from tikfleet.domains.enrolment.public import AgentScripts, Enrolment, EnrolmentRefused, EnrolRequest, printable
from tikfleet.domains.jobs.public import JobOutcome, JobParts
from tikfleet.httpkit.asgi import Receive, Scope, Send, read_body, respond, respond_problem
from tikfleet.kernel.errors import NotFound, TikfleetError, Unauthenticated
from tikfleet.kernel.wireforms import Form, Malformed, Reader, form_of, write_answer

_JSON: Final = [(b"content-type", b"application/json")]
_TEXT: Final = [(b"content-type", b"text/plain; charset=utf-8")]
# Said before the body is read: what is not taken must cost little.
_BUSY: Final = {"ok": False, "error": "server.busy", "detail": "Many routers report at once; this one has a place."}
_ENROLMENTS: Final = Reader(EnrolRequest, frozenset())
_JOB: Final = re.compile(r"/agent/v1/jobs/(job_[0-9a-z]{16})/(?:(script|started|result)|parts/([0-9]{1,4}))")
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("tikfleet.agent")


class TokenUnknown(Unauthenticated):
    """The device token or enrolment key is missing, unknown or revoked."""

    code = "agent.token-unknown"
    title = "The router's credential is not known"
    remedy = "Enrol the router again with a line from the dashboard."


class AgentApi:
    """Everything a router asks for. Answers to a known credential are 200 with the outcome inside."""

    def __init__(
        self,
        sessions: Sessions,
        checkins: CheckIns,
        enrolment: Enrolment,
        parts: JobParts,
        removals: Removals,
        scripts: AgentScripts,
        counts: Counts,
    ) -> None:
        self._sessions = sessions
        self._checkins = checkins
        self._enrolment = enrolment
        self._parts = parts
        self._desk = parts.desk
        self._removals = removals
        self._scripts = scripts
        self._counts = counts
        self._routes: dict[tuple[str, str], Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            ("GET", "/agent/v1/install"): self._install,
            ("POST", "/agent/v1/enrol"): self._enrol,
            ("POST", "/agent/v1/live"): self._live,
            ("GET", "/agent/v1/agent"): self._agent,
            ("GET", "/agent/v1/remove"): self._remove,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] == "/agent/v1/checkin" and scope["method"] == "POST":
                await self._checkin(scope, receive, send)
            else:
                await self._other(scope, receive, send)
        except TikfleetError as error:
            self._counts.refused[error.code] += 1
            await respond_problem(scope, send, error)
        except Exception:
            _log.exception("unexpected error", path=scope["path"])
            await respond_problem(scope, send, TikfleetError("the request failed inside Tikfleet"))

    async def _checkin(self, scope: Scope, receive: Receive, send: Send) -> None:
        secret, content_type = _credential(scope)
        session = self._sessions.known(secret) or await self._found(secret)
        form = Form.JSON if content_type == "application/json" else form_of(content_type)
        wait_s = self._checkins.wait_s(session)
        if wait_s:
            await _answer(send, form, {**_BUSY, "next": wait_s})
            return
        body = await read_body(receive, MAX_BODY)
        answer = await self._checkins.accept(session, form, body, _source(scope))
        if form is Form.JSON:
            await respond(send, 200, _JSON, _encode(answer))
        else:
            await respond(send, 200, _TEXT, write_answer(form, answer))

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope["method"], scope["path"]))
        if route is not None:
            await route(scope, receive, send)
            return
        match = _JOB.fullmatch(scope["path"])
        if match is None or scope["method"] != ("GET" if match[2] == "script" else "POST"):
            raise NotFound("the agent has no such address")
        if match[3] is None:
            await self._job(match[1], match[2], scope, receive, send)
        else:
            await self._part(match[1], int(match[3]), scope, receive, send)

    async def _found(self, secret: str) -> Session:
        session = await self._sessions.find(secret) if secret else None
        if session is None:
            raise TokenUnknown("the device token is missing, unknown or revoked")
        return session

    async def _session(self, scope: Scope) -> Session:
        return await self._found(_credential(scope)[0])

    async def _admitted(self, scope: Scope) -> Session:
        """A session that may act for its device: who only waits to take a device's place may not."""
        session = await self._session(scope)
        if session.pending:
            raise NotFound("a router that waits for approval has no jobs")
        return session

    async def _install(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        try:
            script = await self._enrolment.installer(_credential(scope)[0], asked.get("version", [""])[0][:60])
        except EnrolmentRefused as refusal:
            script = self._scripts.refusal(f"{refusal.detail}. {refusal.advice}")
        if script is None:
            raise TokenUnknown("the enrolment key is missing or unknown")
        await respond(send, 200, _TEXT, script.encode())

    async def _enrol(self, scope: Scope, receive: Receive, send: Send) -> None:
        secret, content_type = _credential(scope)
        form = form_of(content_type)
        try:
            request: EnrolRequest = printable(_ENROLMENTS.read(form, await read_body(receive, MAX_BODY)))
            enrolled = await self._enrolment.enrol(secret, request, _source(scope))
        except EnrolmentRefused as refusal:
            self._counts.refused[refusal.code] += 1
            await _answer(
                send, form, {"ok": False, "error": refusal.code, "detail": f"{refusal.detail}. {refusal.advice}"}
            )
            return
        except Malformed as cause:
            await self._refuse_malformed(secret, send, form, cause)
            return
        if enrolled is None:
            raise TokenUnknown("the enrolment key is missing or unknown")
        answer = {
            "ok": True,
            "device": enrolled.device_id,
            "token": enrolled.token,
            "tier": enrolled.tier,
            "state": "pending" if enrolled.pending else "enrolled",
            "next": 10,
            "findings": [msgspec.structs.asdict(item) for item in enrolled.findings] if form is Form.JSON
            else [f"{item.severity} {item.text} {item.remedy}" for item in enrolled.findings],
        }  # fmt: skip
        await _answer(send, form, answer)

    async def _refuse_malformed(self, secret: str, send: Send, form: Form, cause: Malformed) -> None:
        if await self._enrolment.installer_known(secret):
            self._counts.refused["enrolment.malformed"] += 1
            await _answer(send, form, {"ok": False, "error": "enrolment.malformed", "detail": str(cause)[:300]})
        else:
            raise TokenUnknown("the enrolment key is missing or unknown")

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        secret, content_type = _credential(scope)
        session = self._sessions.known(secret) or await self._found(secret)
        form, live = form_of(content_type), self._checkins.live
        if live is None:
            raise NotFound("no requests are held here")
        try:
            answer = await live.hold(session, form, await read_body(receive, MAX_BODY))
        except Malformed as cause:
            answer = {"ok": False, "error": "live.malformed", "detail": str(cause)[:300]}
        await _answer(send, form, answer)

    async def _agent(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = await self._session(scope)
        await respond(send, 200, _TEXT, self._scripts.upgrade(session.tier).encode())

    async def _remove(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = await self._admitted(scope)
        if not session.removing:
            raise NotFound("this device is not being removed")
        await self._removals.sent(session.org_id, session.device_id)
        await respond(send, 200, _TEXT, self._scripts.removal(session.tier).encode())

    async def _job(self, job_id: str, part: str, scope: Scope, receive: Receive, send: Send) -> None:
        session = await self._admitted(scope)
        if part == "script":
            script = await self._desk.script_for(session.device_id, job_id)
            if script is None:
                raise NotFound("no job of that id is handed to this device")
            await respond(send, 200, _TEXT, script.encode())
            return
        form = form_of(_credential(scope)[1])
        body = await read_body(receive, MAX_BODY)
        try:
            if part == "started":
                ok = await self._desk.started(session.device_id, job_id, STARTED.read(form, body).boot)
            else:
                sent: Outcome = OUTCOMES.read(form, body)
                ok = await self._parts.result(session.device_id, job_id, _outcome(sent), sent.parts)
        except Malformed as cause:
            await _answer(send, form, {"ok": False, "error": "job.malformed", "detail": str(cause)[:300]})
            return
        await _answer(send, form, _taken(ok=ok))

    async def _part(self, job_id: str, number: int, scope: Scope, receive: Receive, send: Send) -> None:
        session = await self._admitted(scope)
        form = form_of(_credential(scope)[1])
        content = await read_body(receive, MAX_BODY)
        await _answer(send, form, _taken(ok=await self._parts.take(session.device_id, job_id, number, content)))


def _taken(*, ok: bool) -> dict[str, Any]:
    return {"ok": True} if ok else {"ok": False, "error": "job.unknown", "detail": "this is not the device's open job"}


def _source(scope: Scope) -> str:
    """The sender's address: what a trusted proxy said of it, or the connection's."""
    client = scope["client"]
    return scope.get("tikfleet.source") or (client[0] if client else "")


def _credential(scope: Scope) -> tuple[str, str]:
    """The bearer secret and the Content-Type."""
    secret, content_type = "", ""
    for key, value in scope["headers"]:
        if key == b"authorization":
            kind, _, found = value.decode("latin-1").partition(" ")
            secret = found.strip() if kind.lower() == "bearer" else ""
        elif key == b"content-type":
            content_type = value.decode("latin-1")
    return secret, content_type


def _outcome(sent: Outcome) -> JobOutcome:
    if sent.state not in {"succeeded", "failed", "changed", "undoing"}:
        raise Malformed("state is none of succeeded, failed, changed and undoing")
    cut = str(sent.truncated or "").lower() in {"yes", "true", "1"}
    state: Any = sent.state
    return JobOutcome(state, sent.error, sent.output, truncated=cut)


async def _answer(send: Send, form: Form, answer: dict[str, Any]) -> None:
    await respond(send, 200, _JSON if form is Form.JSON else _TEXT, write_answer(form, answer))
