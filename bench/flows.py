"""Flow records decoded to columns in a CPU-second (P9): NetFlow v5, v9 and IPFIX as RouterOS sends them, and mutated.

Run `python -m bench.flows`. The long ones: `python -m bench.flow_history`.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence

from bench.flow_packets import (
    IPV4_FIELDS,
    IPV6_FIELDS,
    TEMPLATES,
    Talk,
    a_set,
    ipfix,
    messages,
    record,
    some_talks,
    template,
    v5,
    v9,
)
from tikfleet.domains.flows.wire.decoder import Decoder

_EXPORTERS = 500
_DRAIN = 2_000


def measure(packets: int) -> dict[str, float]:
    """Flows in a CPU-second, by format."""
    talks = some_talks(30)
    six = [Talk(source="2001:db8::1", destination="2001:db8::2")] * 18
    v9_template = v9(a_set(0, template(256, IPV4_FIELDS)))
    body = b"".join(record(talk, IPV4_FIELDS) for talk in talks[:28])
    six_body = b"".join(record(talk, IPV6_FIELDS) for talk in six)
    return {
        "flows_per_cpu_s.ipfix": _rate(TEMPLATES, [next(messages(talks))], packets),
        "flows_per_cpu_s.ipfix_v6": _rate(TEMPLATES, [ipfix(a_set(259, six_body, 4))], packets),
        "flows_per_cpu_s.v9": _rate(v9_template, [v9(a_set(256, body))], packets),
        "flows_per_cpu_s.v5": _rate(b"", [v5(talks)], packets),
    }


def _rate(before: bytes, packets: Sequence[bytes], count: int) -> float:
    decoder = Decoder()
    for exporter in range(_EXPORTERS):
        if before:
            decoder.feed(exporter, before, 0)
    flows = 0

    def run() -> None:
        nonlocal flows
        for number in range(count):
            decoder.feed(number % _EXPORTERS, packets[number % len(packets)], 0)
            if number % _DRAIN == _DRAIN - 1:
                flows += len(decoder.drain())
        flows += len(decoder.drain())

    took_s = _cpu_s(run)
    return round(flows / took_s)


def _cpu_s(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--packets", type=int, default=20_000)
    print(json.dumps(measure(arguments.parse_args().packets), indent=2))


if __name__ == "__main__":
    main()
