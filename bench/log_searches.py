"""Searches over log lines by kind: the newest hundred and the histogram, each asked once."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from statistics import median

import msgspec

from tikfleet.domains.logs.search import LogSearch, LogSearches
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import QueryTooHeavy

_DAY_MS = 86_400_000
_ADDRESS = 10


class Took(msgspec.Struct, frozen=True):
    """Seconds by the clock and of the processor (None where the question was stopped), and how many rows came."""

    clock_s: float
    cpu_s: float
    rows: int | None


class Searched:
    """Asks one scope's lines between two moments."""

    def __init__(self, searches: LogSearches, scope: OrgScope, since_ms: int, until_ms: int) -> None:
        self._searches = searches
        self._scope = scope
        self._whole = LogSearch(since_ms, until_ms)

    async def report(self) -> None:
        """Print each kind, then all together."""
        lines, counts = [], []
        for kind, asked in (await self._kinds()).items():
            newest = [await self._newest(search) for search in asked]
            histograms = [await self._histogram(search) for search in asked]
            print(f"{kind}: newest 100 {_told(newest)}; histogram {_told(histograms)}", flush=True)
            lines += newest
            counts += histograms
        print(f"all {len(lines)} searches: newest 100 {_told(lines)}; histogram {_told(counts)}")

    async def _kinds(self) -> dict[str, list[LogSearch]]:
        begins, ends = self._whole.since_ms, self._whole.until_ms
        new, old = await self._addresses(ends - _DAY_MS, ends), await self._addresses(begins, begins + _DAY_MS)
        day = (ends - begins) // 3 + begins
        long_ago = msgspec.structs.replace(self._whole, since_ms=day, until_ms=min(day + _DAY_MS, ends))
        return {
            "a common word": self._texts("login", "input", "assigned", "down", "admin", "ether1", "tcp", "ssh"),
            "two words": self._texts("login failure", "link down", "drop input", "proto tcp", "via ssh", "lan for"),
            "a phrase": self._texts('"link down"', '"failure for user admin"', '"lan assigned"', '"(syn)"', '"len 40"'),
            "a port": self._texts("8291", "443", "22", "31337", "5060", "61613"),
            "an address of today": self._texts(*new),
            "an address of the first day": self._texts(*old),
            "a field": self._fields(
                "action=login-failure", f"address={new[0]}", f"address={old[0]}", "port=31337", "topic=dhcp",
                "interface=ether3", "mac=00:17:10:88:bc:01", "to_port=8291",
            ),
            "a word that is not there": self._texts("nowhere", "quagmire", "zerotier", "wireguard", "9999999"),
            "words that are never together": self._texts("login down", "failure link", "assigned ssh", "dhcp syn"),
            "a phrase that is not there": self._texts('"down link"', '"failure login"', '"tcp proto"', '"lan for"'),
            "an address that is not there": self._texts("9.8.7.6", "203.0.113.7", "192.0.2.200", "10.20.30.400"),
            "a field that nothing has": self._fields(
                "address=9.8.7.6", "action=nothing", "user=nobody", "port=7", "to_address=203.0.113.7",
            ),
            "a word and an address that are never together": self._texts(*(f"assigned {one}" for one in new[:4])),
            "a day long ago": [
                msgspec.structs.replace(long_ago, text=text)
                for text in ("login", "link down", '"lan assigned"', "31337", "9.8.7.6", "zerotier", "login down")
            ],
        }  # fmt: skip

    async def _addresses(self, since_ms: int, until_ms: int) -> list[str]:
        """Some that packets came from."""
        search = LogSearch(since_ms, until_ms, where=("action=drop-in",))
        rows = (await self._searches.lines(self._scope, search, 500, None)).rows
        return list(dict.fromkeys(row[_ADDRESS] for row in rows))[:6]

    def _texts(self, *texts: str) -> list[LogSearch]:
        return [msgspec.structs.replace(self._whole, text=text) for text in texts]

    def _fields(self, *conditions: str) -> list[LogSearch]:
        return [msgspec.structs.replace(self._whole, where=(condition,)) for condition in conditions]

    async def _newest(self, search: LogSearch) -> Took:
        began, began_cpu = time.perf_counter(), time.process_time()
        answer = await self._searches.lines(self._scope, search, 100, None)
        return Took(time.perf_counter() - began, time.process_time() - began_cpu, len(answer.rows))

    async def _histogram(self, search: LogSearch) -> Took:
        began, began_cpu, rows = time.perf_counter(), time.process_time(), None
        with suppress(QueryTooHeavy):
            rows = len((await self._searches.histogram(self._scope, search))[1].rows)
        return Took(time.perf_counter() - began, time.process_time() - began_cpu, rows)


def _told(taken: Sequence[Took]) -> str:
    clock, cpu = ([getattr(one, name) * 1000 for one in taken] for name in ("clock_s", "cpu_s"))
    return ", ".join(_parts(clock, cpu, sum(one.rows is None for one in taken)))


def _parts(clock: Sequence[float], cpu: Sequence[float], stopped: int) -> Iterator[str]:
    yield f"{median(clock):.0f} ms (p95 {_p95(clock):.0f}, worst {max(clock):.0f})"
    yield f"of the processor {median(cpu):.0f} (p95 {_p95(cpu):.0f}, worst {max(cpu):.0f})"
    if stopped:
        yield f"{stopped} stopped at the bound of time"


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int((len(values) - 1) * 0.95 + 0.5)]
