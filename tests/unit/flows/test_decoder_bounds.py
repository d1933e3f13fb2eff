"""Hostile exporters: nothing that they send makes the decoder raise or remember without a bound."""

import random
import tracemalloc

from bench.flow_packets import IPV4_FIELDS, TEMPLATES, Talk, a_set, ipfix, messages, record, some_talks, template, v5
from tests.proofs import flows as proof
from tests.proofs.flow_mutations import decode_mutated, packets_to_mutate
from tikfleet.domains.flows.wire.decoder import Decoder, Limits
from tikfleet.domains.flows.wire.waiting import WaitingLimits

MOST_GROWTH_BYTES = 4 << 20


def test_a_template_that_never_comes_costs_bounded_memory_and_what_is_dropped_counts() -> None:
    limits = WaitingLimits(patience_ms=1000, exporter_bytes=20_000, total_bytes=50_000)
    decoder = Decoder(Limits(waiting=limits))
    body = record(Talk(), IPV4_FIELDS) * 20
    sent = 400
    for number in range(sent):
        decoder.feed(number % 4, ipfix(a_set(300 + number % 50, body)), number)
    assert 0 < decoder.waiting_bytes <= 50_000
    dropped = sum(tally.unread for tally in decoder.tallies(sent).values())
    kept = sent - dropped
    assert 0 < kept < sent
    expired = sum(tally.unread for tally in decoder.tallies(5_000).values())
    assert (expired, decoder.waiting_bytes) == (kept, 0)


def test_an_exporter_that_hoards_templates_or_domains_keeps_the_newest() -> None:
    decoder = Decoder(Limits(exporters=10, templates=500))
    for number in range(5_000):
        fields = ((1, 4), (2, 4), (8, 1 + number % 4))
        decoder.feed(number % 40, ipfix(a_set(2, template(256 + number, fields)), domain=number % 97), 0)
    exporters, templates = decoder.remembered
    assert exporters <= 10
    assert templates <= 500
    decoder.feed(1, TEMPLATES, 0)
    decoder.feed(1, next(messages(some_talks(28))), 0)
    assert len(decoder.drain()) == 28


def test_mutated_packets_neither_raise_nor_grow() -> None:
    decoder = Decoder()
    dice = random.Random(7)
    decode_mutated(decoder, dice, 2_000)
    tracemalloc.start()
    try:
        decode_mutated(decoder, dice, 500)
        before = tracemalloc.get_traced_memory()[0]
        decode_mutated(decoder, dice, 1_500)
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < MOST_GROWTH_BYTES


def test_packets_that_are_whole_are_decoded_between_mutated_ones() -> None:
    decoder = Decoder()
    dice = random.Random(11)
    talks = some_talks(30)
    for _ in range(200):
        decode_mutated(decoder, dice, 10)
        decoder.feed(90, v5(talks), 0)
        flows = decoder.drain()
        assert int(flows["octets"][flows["exporter"] == 90].sum()) == sum(talk.octets for talk in talks)


def test_mutations_reach_behind_the_header() -> None:
    """The control: of packets that nobody mutated every one decodes, and of mutated ones some still do."""
    decoder = Decoder()
    for packet in packets_to_mutate():
        decoder.feed(1, packet, 0)
    assert len(decoder.drain()) == 50
    assert decoder.tallies(0)[1].malformed == 0
    flows, malformed = decode_mutated(decoder, random.Random(3), 2_000)
    assert flows > 1_000
    assert malformed > 100


def test_memory_that_grows_without_bounds_is_seen_to_grow() -> None:
    verdict = proof.control(25_000)
    assert verdict.held, verdict.line()
