"""R15: a million mutated packets of flow exporters: no fault, whole packets among them count, memory stays flat."""

import asyncio
import random
import time
import tracemalloc
from pathlib import Path

from bench.flow_packets import a_set, ipfix, some_talks, v5
from tikfleet.domains.flows.wire.decoder import Decoder, Limits
from tikfleet.domains.flows.wire.waiting import WaitingLimits

from .flow_mutations import decode_mutated
from .verdicts import Verdict

_WHOLE = 9_999
MOST_GROWTH_MIB = 16.0
_BOUNDLESS = WaitingLimits(patience_ms=10**15, exporter_bytes=10**15, total_bytes=10**15)


async def prove_flows() -> Verdict:
    """The long form: some minutes."""
    found = await asyncio.to_thread(mutations, 1_000_000)
    return found.with_(await asyncio.to_thread(control, 60_000))


def mutations(count: int, seed: int = 1) -> Verdict:
    """`count` mutated packets, and some whole ones; the first tenth only warms up."""
    decoder, dice, talks = Decoder(), random.Random(seed), some_talks(30)
    expected = sum(talk.octets for talk in talks)
    wrong = flows = malformed = 0
    began = time.process_time()
    grown_from = 0.0
    for part in range(100):
        got = decode_mutated(decoder, dice, count // 100)
        flows, malformed = flows + got[0], malformed + got[1]
        decoder.feed(_WHOLE, v5(talks), 0)
        drained = decoder.drain()
        wrong += int(drained["octets"][drained["exporter"] == _WHOLE].sum()) != expected
        if part == 9:
            grown_from = resident_mib()
    growth = round(resident_mib() - grown_from, 1)
    figures = {
        "mutated_packets": count, "flows": flows, "malformed": malformed, "whole_packets_wrong": wrong,
        "memory_growth_mib": growth, "cpu_s": round(time.process_time() - began),
    }  # fmt: skip
    return Verdict("flows", wrong == 0 and flows > count // 4 and growth <= MOST_GROWTH_MIB, figures)


def control(count: int) -> Verdict:
    """Without bounds on what waits for a template memory grows, and it is seen; with them it does not."""
    growths = [waiting_growth_mib(Decoder(limits), count) for limits in (Limits(), Limits(waiting=_BOUNDLESS))]
    figures = {"waiting_growth_mib": growths[0], "control_growth_mib": growths[1]}
    return Verdict("flows", growths[0] < MOST_GROWTH_MIB * 2 and growths[1] > growths[0] + MOST_GROWTH_MIB, figures)


def waiting_growth_mib(decoder: Decoder, count: int) -> float:
    """What data costs whose templates never come: counted by Python, since pages of a process come and go."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(count):
            decoder.feed(number % 500, ipfix(a_set(256 + number % 1000, bytes(1300))), 0)
        return round((tracemalloc.get_traced_memory()[0] - before) / 2**20, 1)
    finally:
        tracemalloc.stop()


def resident_mib() -> float:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
