"""A fleet query over many routers in live mode: when the first row comes, and when all have come.

`python -m bench.queries` prints it. The server is `tikfleet serve`, plain HTTP on loopback. The routers are light ones
in this process, on a kept-alive connection each: they hold the live request as the agent does, check that the
question is the one that was asked, and answer the rows below in the form in which the agent's script returns them. No
RouterOS script is run, so this measures the platform and not routers.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from typing import Any

import httpx

from tikfleet.app.measuring import reports
from tikfleet.app.measuring.platform import Running, running
from tikfleet.app.measuring.processes import cpu_s, resident_mb

_QUESTION = "/ip/firewall/nat where chain=dstnat"
_RULE = {
    ".id": ("id", "*{number:X}"), "chain": ("str", "dstnat"), "action": ("str", "dst-nat"), "protocol": ("str", "tcp"),
    "dst-port": ("str", "8{number:03}"), "to-addresses": ("str", "10.0.0.{number}"), "to-ports": ("str", "443"),
    "comment": ("str", "a service of some customer"), "bytes": ("num", "123456"), "packets": ("num", "1234"),
    "disabled": ("bool", "false"), "dynamic": ("bool", "false"), "invalid": ("bool", "false"),
}  # fmt: skip


def answer_of(rows: int) -> str:
    """What the question's script returns for so many rules."""
    text = ""
    for number in range(1, rows + 1):
        text += "+\n"
        for name, (kind, form) in _RULE.items():
            value = form.format(number=number)
            text += f"{name}={kind}:{len(value)}:{value}\n"
    return f"rows {rows} {rows}\n{text}"


class LightRouter:
    """Holds a request open, answers what is asked of it, and holds again."""

    def __init__(self, port: int, token: str, said: str) -> None:
        self._port, self._token, self._said = port, token, said

    async def live(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        report: dict[str, str] = {}
        try:
            while True:
                body = json.dumps({"boot": "b1", "hold": "25", **report}).encode()
                writer.write(
                    f"POST /agent/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._token}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                work = await _answer(reader)
                report = self._report(work)
        finally:
            writer.close()

    def _report(self, work: dict[str, Any]) -> dict[str, str]:
        if not work.get("live"):
            raise RuntimeError(f"live mode was not wanted: {work}")
        if "id" not in work:
            return {}
        if 'print detail as-value where chain="dstnat"' not in work["script"]:
            raise RuntimeError("the question is another one")
        return {"id": work["id"], "result": self._said}


async def _answer(reader: asyncio.StreamReader) -> dict[str, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    found: dict[str, Any] = json.loads(await reader.readexactly(length))
    return found


async def measure(platform: Running, rows: int, rounds: int) -> dict[str, Any]:
    """Ask once to wake everybody, then as often as wanted."""
    said = answer_of(rows)
    cookies, csrf = platform.client.cookies, platform.client.headers["X-CSRF-Token"]
    base = f"http://127.0.0.1:{platform.port}/api/v1"
    async with httpx.AsyncClient(base_url=base, cookies=cookies, headers={"X-CSRF-Token": csrf}, timeout=700) as client:
        waking = asyncio.create_task(_asked(client, 600))
        await asyncio.sleep(3)
        routers = [LightRouter(platform.port, token, said) for token in platform.tokens]
        tasks = [asyncio.create_task(router.live()) for router in routers]
        woken = await waking
        await asyncio.sleep(1)
        used_s = cpu_s(platform.process.pid)
        found = [await _asked(client, 30) for _ in range(rounds)]
        spent_s = (cpu_s(platform.process.pid) - used_s) / rounds
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    faults = [str(one) for one in ended if not isinstance(one, asyncio.CancelledError)]
    return {
        "routers": len(platform.tokens),
        "rows_each": rows,
        "answered": [one["answered"] for one in (woken, *found)],
        "rows": found[-1]["rows"],
        "first_row_ms": _spread([one["first_ms"] for one in found]),
        "all_ms": _spread([one["all_ms"] for one in found]),
        "server_cpu_s": round(spent_s, 2),
        "server_mb": round(resident_mb(platform.process.pid)),
        "faults": faults[:3],
    }


async def _asked(client: httpx.AsyncClient, wait_s: float) -> dict[str, Any]:
    started, first_ms, rows = time.perf_counter(), 0.0, 0
    end: dict[str, Any] = {}
    async with client.stream("POST", "/queries", json={"query": _QUESTION, "wait_s": wait_s}) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if line.startswith('{"kind":"row"'):
                rows += 1
                first_ms = first_ms or (time.perf_counter() - started) * 1000
            elif line.startswith('{"kind":"end"'):
                end = json.loads(line)
    return {
        "first_ms": first_ms,
        "all_ms": (time.perf_counter() - started) * 1000,
        "rows": rows,
        "answered": end.get("answered", 0),
    }


def _spread(values: list[float]) -> dict[str, int]:
    late = statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
    return {"median": round(statistics.median(values)), "p95": round(late), "worst": round(max(values))}


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--routers", type=int, default=1_000)
    arguments.add_argument("--rows", type=int, default=3)
    arguments.add_argument("--rounds", type=int, default=12)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory, running(directory, asked.routers) as platform:
        body = reports.body()
        for token in platform.tokens:
            platform.check_in(token, body)
        platform.drained()
        print(json.dumps(asyncio.run(measure(platform, asked.rows, asked.rounds)), indent=2))


if __name__ == "__main__":
    main()
