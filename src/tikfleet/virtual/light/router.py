"""A virtual router: a machine with the Tikfleet agent on it. Pure: it asks for exchanges and is told what came.

`session(now)` is one run of the agent, as a generator: it yields each `Call` that the agent makes and is sent what
was heard. The caller does the sending. `report(now)` alone gives the body of the next check-in.
"""

from collections.abc import Generator
from typing import Final

from tikfleet.virtual.light import encoding, sections, spelling
from tikfleet.virtual.light.conversation import Call, Ending, Heard, Pause, Session
from tikfleet.virtual.light.effects import Effect, run_script
from tikfleet.virtual.light.encoding import Row, Section
from tikfleet.virtual.light.faults import Faults
from tikfleet.virtual.light.machine import Machine
from tikfleet.virtual.light.memory import Job, Memory

_OK: Final = 200
_MOST_OUTPUT_BYTES: Final = 32_768
_MOST_OF_A_FILE: Final = 4_095  # what RouterOS 6 reads of one
_MOST_ID: Final = 64
_SHORTEST_S, _LONGEST_S = 10.0, 86_400.0
_PATIENCE_S: Final = 60.0  # what an agent waits before it asks again, when nothing told it otherwise
# How the script of a job that is confirmed begins, and what the router is asked in it. A light router saves nothing
# and goes back to nothing: it tells what a real one would.
_GUARD: Final = "# Tikfleet: a restore point"
_HEADING: Final = "# Tikfleet job"
AGENT_VERSION: Final = "1.1.0"


class Router:
    """One router of a fleet. Give `session` the enrolment key while it has no token."""

    __slots__ = (
        "agent", "device_id", "faults", "job", "machine", "memory", "previous", "removed",
        "restarts_in_s", "token",
    )  # fmt: skip

    def __init__(self, machine: Machine, faults: Faults) -> None:
        self.machine = machine
        self.faults = faults
        self.memory = Memory()
        self.job = Job()
        self.agent = AGENT_VERSION
        self.token = self.previous = self.device_id = ""
        self.removed = False
        self.restarts_in_s = -1.0  # a job has asked for a reboot after so long

    @property
    def tier(self) -> str:
        return self.machine.blueprint.release.tier

    @property
    def media(self) -> str:
        return encoding.JSON_MEDIA if self.tier == "A" else encoding.LINES_MEDIA

    def report(self, now: float) -> bytes:
        """The body of the check-in at `now`. The same `seq` until an answer to it has been taken."""
        machine, memory = self.machine, self.memory
        machine.advance(now)
        top: Row = {
            "v": "1",
            "agent": f"{self.agent}/{self.tier}",
            "boot": machine.boot_id,
            "seq": str(memory.seq),
            "uptime": spelling.duration(now - machine.boot_at),
            "time": spelling.date(machine.blueprint.release, machine.local_s(now)),
            "plan": memory.plan_tag,
            "cpu-load": str(machine.load_percent()),
            "free-memory": str(machine.free_memory()),
            "free-hdd-space": str(machine.free_disk()),
        }
        return self._encode(top, self._sections(top))

    def learn(self, answer: dict[str, str]) -> None:
        """Take the answer to the report that went out last (`encoding.decode_answer`)."""
        self.memory.take(answer, self.machine)
        if answer.get("ok") == "true":
            self.previous = ""
        fresh = answer.get("token", "")
        if fresh.startswith("tfd_") and fresh != self.token:
            self.previous, self.token = self.token, fresh
        if self.job.id and answer.get("job-ack") == self.job.id:
            self.job.close()
        if self.job.id and answer.get("job-confirm") == self.job.id:
            self.job.confirm()

    def reboot(self, at: float) -> None:
        """Come up at this moment: the agent's memory is gone, what it keeps on flash is not."""
        self.machine.boot(at)
        self.memory = Memory()
        self.job.result = b""
        self.restarts_in_s = -1.0

    def session(self, now: float, key: str) -> Session:
        """One run of the agent: enrolment while there is no token, then whatever is due."""
        if not self.token:
            return (yield from self._enrol(now, key))
        if self.job.result:
            yield from self._tell_result()
        return (yield from self._check_in(now))

    def _enrol(self, now: float, key: str) -> Session:
        self.machine.advance(now)
        top: Row = {"v": "1", "agent": f"{self.agent}/{self.tier}"}
        parts: dict[str, Section] = {"inventory": sections.inventory(self.machine), "probe": self._probe(now)}
        heard = yield Call("POST", "/agent/v1/enrol", key, self._encode(top, parts), self.media)
        answer = _read(heard)
        if answer is None:
            return Ending("refused" if heard.status else "unanswered", _PATIENCE_S, f"enrolment: {heard.status}")
        if answer.get("ok") != "true" or not answer.get("token"):
            return Ending("refused", _PATIENCE_S, answer.get("detail") or answer.get("error", "enrolment refused"))
        self.token, self.device_id = answer["token"], answer.get("device", "")
        return Ending("enrolled", _next_s(answer))

    def _probe(self, now: float) -> Row:
        board = self.machine.blueprint.board
        return {
            "clock": spelling.date(self.machine.blueprint.release, self.machine.local_s(now)),
            "device-mode": ("home" if board.radios else "advanced") if self.tier == "A" else "",
            "fetch": "yes",
            "scheduler": "yes",
            "trust": "builtin" if self.tier == "A" else "imported",
            "flash": "yes" if board.disk_mib <= 16 else "no",  # noqa: PLR2004 - MiB
            "free-hdd-space": str(self.machine.free_disk()),
            "policies": "read,write,policy,test",
        }

    def _check_in(self, now: float) -> Session:
        body = self.report(now)
        fault = self.faults.draw(self.machine.dice)
        if fault == "truncated":
            # A router cuts what is too long without an error; the answer can only be a refusal.
            yield self._post("/agent/v1/checkin", body[: len(body) * 2 // 3])
        if fault == "duplicate":
            yield self._post("/agent/v1/checkin", body)
        credential = self.previous if self.memory.fallback and self.previous else self.token
        heard = yield Call("POST", "/agent/v1/checkin", credential, body, self.media, hang_up=fault == "lost")
        answer = _read(heard)
        if answer is None:
            self.memory.miss()
            return Ending("refused" if heard.status else "unanswered", self.memory.patience_s(), _status(heard))
        self.learn(answer)
        yield from self._follow(answer)
        if self.removed:
            return Ending("removed", 0.0)
        if answer.get("ok") != "true":
            kind = "pending" if answer.get("error") == "enrolment.pending" else "refused"
            return Ending(kind, _next_s(answer), answer.get("detail", answer.get("error", "")))
        return Ending("ok", _next_s(answer))

    def _follow(self, answer: dict[str, str]) -> Generator[Call | Pause, Heard, None]:
        offered = answer.get("job.id") or answer.get("job", "")
        if offered and offered != self.job.id and self.job.is_closed and len(offered) <= _MOST_ID:
            yield from self._job(offered, answer)
        wanted = answer.get("agent", "")
        if wanted and wanted != self.agent:
            heard = yield Call("GET", "/agent/v1/agent", self.token)
            self.agent = wanted if heard.status == _OK else self.agent
        if answer.get("remove") in {"true", "1"}:
            heard = yield Call("GET", "/agent/v1/remove", self.token)
            self.removed = heard.status == _OK

    def _job(self, job_id: str, answer: dict[str, str]) -> Generator[Call | Pause, Heard, None]:
        address = f"/agent/v1/jobs/{job_id}"
        script = yield Call("GET", f"{address}/script", self.token)
        size = answer.get("job.size", "")
        if script.status != _OK or (size and size != str(len(script.body))):
            return
        self.job.begin(job_id)
        started = yield self._post(f"{address}/started", self._encode({"boot": self.machine.boot_id}, {}))
        known = (_read(started) or {}).get("ok") == "true"
        parts = 0
        if answer.get("job.class") == "once" and not known:
            effect = Effect(error="not run: the server did not confirm the start")
        else:
            text = script.body.decode("utf-8", "replace")
            self.job.is_guarded = text.startswith(_GUARD)
            effect = run_script(self.machine, text[max(0, text.find(_HEADING)) :], self.token)
            yield Pause(effect.delay_s)
            parts = yield from self._send_parts(address, effect)
        self.restarts_in_s = effect.restarts_in_s
        if effect.restarts_in_s == 0:
            return  # the power is gone before the agent can tell
        self.job.finish(effect.error, self._outcome(effect, parts))
        yield from self._tell_result()

    def _send_parts(self, address: str, effect: Effect) -> Generator[Call | Pause, Heard, int]:
        """What the script left in a file, as far as this release can read files."""
        data = effect.filed.encode() if self.tier in {"A", "B"} else b""
        count = 0
        for start in range(0, len(data), _MOST_OUTPUT_BYTES):
            heard = yield self._post(f"{address}/parts/{count}", data[start : start + _MOST_OUTPUT_BYTES])
            if (_read(heard) or {}).get("ok") != "true":
                effect.error = "the output could not be sent: the server did not take a part"
                return 0
            count += 1
        return count

    def _outcome(self, effect: Effect, parts: int) -> bytes:
        error = effect.error
        if error and self.tier in {"C", "D"}:
            error = "this RouterOS gives no error text"
        output, truncated = effect.output.encode(), False
        if self.tier == "D" and len(output) > _MOST_OF_A_FILE:
            output, truncated = b"", True
        elif len(output) > _MOST_OUTPUT_BYTES:
            output, truncated = output[:_MOST_OUTPUT_BYTES], True
        row: Row = {
            "state": self.job.ending(failed=bool(error)),
            "error": error,
            "output": output.decode("utf-8", "ignore"),
            "boot": self.machine.boot_id,
            "truncated": "yes" if truncated else "",
            "parts": str(parts or ""),
        }
        return self._encode(row, {})

    def _tell_result(self) -> Generator[Call | Pause, Heard, None]:
        lost = self.faults.loses(self.machine.dice)
        heard = yield self._post(f"/agent/v1/jobs/{self.job.id}/result", self.job.result, hang_up=lost)
        if (_read(heard) or {}).get("ok") == "true":
            self.job.told()

    def _post(self, path: str, body: bytes, *, hang_up: bool = False) -> Call:
        return Call("POST", path, self.token, body, self.media, hang_up)

    def _sections(self, top: Row) -> dict[str, Section]:
        machine, memory = self.machine, self.memory
        parts: dict[str, Section | None] = {}
        tags = memory.tags()
        if tags:
            parts["tags"] = tags
        if self.job.id and not self.job.is_closed:
            parts["job"] = {"id": self.job.id, "state": self.job.state, "error": self.job.error}
        if memory.wants_inventory(machine):
            parts["inventory"] = sections.inventory(machine)
        if memory.due("interfaces"):
            parts["interfaces"] = sections.interfaces(machine)
        if memory.due("health"):
            parts["health"] = sections.health(machine)
        if memory.due("lte"):
            parts["lte"] = sections.lte(machine)
        if memory.due("wireless"):
            parts["wireless"] = sections.wireless(machine)
        if memory.wants_neighbors(machine):
            parts["neighbors"] = sections.neighbors(machine)
        if memory.due("counts"):
            top |= sections.counts(machine)
        if memory.due("wan"):
            top["wan-address"] = sections.wan_address(machine)
        return {name: part for name, part in parts.items() if part is not None}

    def _encode(self, top: Row, parts: dict[str, Section]) -> bytes:
        if self.tier == "A":
            return encoding.encode_json(top, parts)
        return encoding.encode_lines(top, parts)


def _read(heard: Heard) -> dict[str, str] | None:
    """The answer, or None: a router sees no body but that of a 200."""
    if heard.status != _OK:
        return None
    try:
        answer = encoding.decode_answer(heard.body)
    except ValueError:
        return None
    return answer if "ok" in answer else None


def _next_s(answer: dict[str, str]) -> float:
    try:
        return min(_LONGEST_S, max(_SHORTEST_S, float(answer["next"])))
    except (KeyError, ValueError):
        return _PATIENCE_S


def _status(heard: Heard) -> str:
    return f"check-in: HTTP {heard.status}" if heard.status else "check-in: no answer"
