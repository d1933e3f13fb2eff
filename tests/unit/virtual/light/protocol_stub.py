"""A server that keeps to docs/protocol.md to the letter, in memory: the other side for virtual routers under test."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

KEY = "tfe_" + "k" * 49
PLAN = {
    "tag": "p1",
    "interval": 60,
    "interfaces": 1,
    "health": 2,
    "wireless": 1,
    "counts": 1,
    "lte": 1,
    "wan": 1,
    "neighbors": 1,
    "inventory": 1,
}
TEXT_ONLY = frozenset({"identity", "comment"})


@dataclass
class Device:
    token: str
    inventory: dict
    tag: str = ""
    neighbors_tag: str = ""
    next_token: str = ""
    reports: dict = field(default_factory=dict)
    repeats: int = 0
    order: list = field(default_factory=list)


@dataclass
class Job:
    script: str
    job_class: str = "query"
    starts: int = 0
    result: dict | None = None
    parts: dict[int, bytes] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


class Stub:
    """`handle` answers one request. What it heard is in `devices`, `jobs` and `faults` (broken rules)."""

    def __init__(self, interval_s: float = 60) -> None:
        self.interval_s = interval_s
        self.devices: dict[str, Device] = {}
        self.jobs: dict[str, Job] = {}
        self.queue: list[str] = []
        self.acks: list[str] = []
        self.refusals = 0
        self.extra: dict = {}
        self.deaf_to_results = 0
        self.heard = asyncio.Event()

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        credential = headers.get("authorization", "").removeprefix("Bearer ")
        if len(body) > 64 * 1024:
            return 413, b""
        if path == "/agent/v1/enrol":
            return self._enrol(credential, headers, body)
        device = next((d for d in self.devices.values() if credential in {d.token, d.next_token} - {""}), None)
        if device is None:
            return 401, b""
        if credential == device.next_token:
            device.token, device.next_token = credential, ""
        if path == "/agent/v1/checkin":
            try:
                return 200, answer_in(headers, self._check_in(device, parse(headers, body)))
            except ValueError as why:
                self.refusals += 1
                return 200, answer_in(headers, {"ok": False, "error": "report.invalid", "detail": str(why)})
        part = re.fullmatch(r"/agent/v1/jobs/(\w+)/parts/(\d+)", path)
        if part:
            self.jobs[part[1]].parts[int(part[2])] = body
            return 200, answer_in(headers, {"ok": True})
        match = re.fullmatch(r"/agent/v1/jobs/(\w+)/(script|started|result)", path)
        if match:
            return self._job(match[1], match[2], headers, body)
        return (200, b"# script") if path in {"/agent/v1/agent", "/agent/v1/remove"} else (404, b"")

    def _enrol(self, key: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if key != KEY:
            return 401, b""
        message = parse(headers, body)
        assert {"inventory", "probe"} <= message.keys()
        number = len(self.devices) + 1
        token = "tfd_" + str(number).rjust(49, "0")
        self.devices[f"dev_{number}"] = Device(token, message["inventory"])
        answer = {"ok": True, "device": f"dev_{number}", "token": token, "tier": "A", "state": "enrolled"}
        return 200, answer_in(headers, answer | {"next": self.interval_s, "findings": []})

    def _check_in(self, device: Device, report: dict) -> dict:
        check(report)
        key = (report["boot"], int(float(report["seq"])))
        device.repeats += key in device.reports
        device.reports[key] = report
        device.order.append(key)
        self.heard.set()
        answer: dict = {"ok": True, "next": self.interval_s} | self.extra
        if report.get("plan", "") != PLAN["tag"]:
            answer["plan"] = PLAN
        tags = {}
        if "inventory" in report:
            device.inventory, device.tag = report["inventory"], f"i{len(device.order)}"
            tags["inventory"] = device.tag
        if "neighbors" in report:
            device.neighbors_tag = tags["neighbors"] = f"n{len(device.order)}"
        if tags:
            answer["tags"] = tags
        if not device.tag:
            answer["want"] = "inventory"
        if device.next_token:
            answer["token"] = device.next_token
        return answer | self._jobs_for(report)

    def _jobs_for(self, report: dict) -> dict:
        told = report.get("job")
        if told and told["id"] in self.jobs and told["state"] != "started":
            job = self.jobs[told["id"]]
            job.told.append(told["state"])
            if told["state"] == "changed":
                return {"job-confirm": told["id"]}
            job.result = job.result or dict(told)
            return {"job-ack": told["id"]}
        if self.queue and not told:
            job_id = self.queue.pop(0)
            return {
                "job": {
                    "id": job_id,
                    "class": self.jobs[job_id].job_class,
                    "timeout": 60,
                    "size": len(self.jobs[job_id].script),
                }
            }
        return {}

    def _job(self, job_id: str, what: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        job = self.jobs.get(job_id)
        if job is None:
            return 404, b""
        if what == "script":
            return 200, job.script.encode()
        message = parse(headers, body)
        if what == "started":
            assert message["boot"]
            job.starts += 1
        elif self.deaf_to_results:
            self.deaf_to_results -= 1
            return 503, b""
        else:
            assert message["state"] in {"succeeded", "failed", "changed", "undoing"}
            job.result = message
        return 200, answer_in(headers, {"ok": True})


def parse(headers: dict[str, str], body: bytes) -> dict:
    """The message in either form. Raises ValueError when it is not whole."""
    if headers["content-type"] == "application/json":
        return json.loads(body)
    assert headers["content-type"] == "text/plain"
    return parse_lines(body)


def parse_lines(body: bytes) -> dict:
    if not body.startswith(b"tikfleet/1\n"):
        raise ValueError("no first line")
    top: dict = {}
    row, place = top, len(b"tikfleet/1\n")
    while place < len(body):
        end = body.index(b"\n", place) if body[place : place + 1] in b"+-" else -1
        if end >= 0:
            name = body[place + 1 : end].decode()
            row = top if not name else {}
            if body[place : place + 1] == b"-":
                top[name], row = [], top
            elif name in {"interfaces", "health", "wireless", "neighbors", "errors"}:
                top.setdefault(name, []).append(row)
            elif name:
                top[name] = row
            place = end + 1
            continue
        match = re.compile(rb"([a-z-]+)=(\d+):").match(body, place)
        if match is None:
            raise ValueError(f"no field at byte {place}")
        start, length = match.end(), int(match[2])
        if body[start + length : start + length + 1] != b"\n":
            raise ValueError("a value is cut")
        row[match[1].decode()] = body[start : start + length].decode()
        place = start + length + 1
    return top


def answer_in(headers: dict[str, str], answer: dict) -> bytes:
    if headers["content-type"] == "application/json":
        return json.dumps(answer).encode()
    lines = []
    for key, value in answer.items():
        if isinstance(value, dict):
            for inner, item in value.items():
                lines.append(f"{key}.{inner}={item}")
        elif not isinstance(value, list):
            lines.append(f"{key}={int(value) if isinstance(value, bool) else value}")
    return "\n".join(lines).encode()


def check(report: dict) -> None:
    """The rules of a report that a server may rely on."""
    for name in ("v", "agent", "boot", "seq", "uptime", "time", "cpu-load", "free-memory", "free-hdd-space"):
        if name not in report:
            raise ValueError(f"{name} is missing")
    if int(float(report["seq"])) < 1 or len(str(report["boot"])) > 64:
        raise ValueError("seq or boot is out of range")
    for row in report.get("interfaces", []):
        if not row.get("name") or int(float(row["rx-byte"])) < 0:
            raise ValueError("an interface is not complete")


@asynccontextmanager
async def serving(stub: Stub, delay_s: float = 0.0) -> AsyncIterator[str]:
    """The stub on a socket of this machine; gives its address."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().strip().split("\r\n")
                method, path, _ = first.split(" ")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                await asyncio.sleep(delay_s)
                status, answer = stub.handle(method, path, headers, body)
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer)
                if headers.get("connection") == "close":
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
