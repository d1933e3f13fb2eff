"""Packets to columns: real ones of MikroTik routers, and each form and quirk that exporters are known for."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bench.flow_packets import (
    BOOT_S,
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
from tikfleet.domains.flows.wire.decoder import Decoder, Tally
from tikfleet.domains.flows.wire.flows import MAPPED

CORPORA = Path(os.environ.get("TIKFLEET_CORPORA", Path(__file__).parents[4] / "shared/corpora"))
NOW_MS = 1_800_000_000_000


def decoded(*packets: bytes, decoder: Decoder | None = None) -> tuple[Any, Tally]:
    decoder = decoder or Decoder()
    for packet in packets:
        decoder.feed(7, packet, NOW_MS)
    flows = decoder.drain()
    return flows, decoder.tallies(NOW_MS).get(7, Tally())


def v4(address: str) -> int:
    parts = [int(part) for part in address.split(".")]
    return MAPPED | parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]


@pytest.mark.skipif(not (CORPORA / "logstash-netflow-mikrotik").is_dir(), reason=f"no packets of routers at {CORPORA}")
def test_packets_of_real_routers_decode_to_the_totals_that_nfdump_found() -> None:
    folder = CORPORA / "logstash-netflow-mikrotik"
    expected = json.loads((folder / "expected.json").read_text())
    names = [name for name in expected if name.endswith(".dat")]
    flows, tally = decoded(*((folder / name).read_bytes() for name in names))
    totals = expected["nfdump_1.7.1_total"]
    assert (len(flows), int(flows["octets"].sum()), int(flows["packets"].sum())) == (
        totals["flows"], totals["bytes"], totals["packets"],
    )  # fmt: skip
    assert (tally.malformed, tally.impossible, tally.unread) == (0, 0, 0)
    assert ((flows["ended_ms"] <= NOW_MS) & (flows["ended_ms"] > NOW_MS - 60_000)).all()


@pytest.mark.parametrize("form", ["v5", "v9", "ipfix"])
def test_every_form_gives_the_same_flow(form: str) -> None:
    talk = Talk()
    body = record(talk, IPV4_FIELDS)
    packets = {
        "v5": [v5([talk])],
        "v9": [v9(a_set(0, template(300, IPV4_FIELDS)), a_set(300, body))],
        "ipfix": [TEMPLATES, ipfix(a_set(258, body))],
    }[form]
    (flow,), tally = decoded(*packets)
    assert {name: int(flow[name]) for name in ("octets", "packets", "protocol", "tcp_flags")} == {
        "octets": 1500, "packets": 3, "protocol": 6, "tcp_flags": 0x1B,
    }  # fmt: skip
    assert (int(flow["source_low"]), int(flow["destination_low"])) == (v4("192.168.88.10"), v4("203.0.113.5"))
    assert (int(flow["source_port"]), int(flow["destination_port"])) == (40_000, 443)
    assert (int(flow["in_interface"]), int(flow["out_interface"])) == (2, 1)
    assert int(flow["duration_ms"]) == 1000
    assert tally.flows == 1


def test_ipv6_flows_and_the_padding_behind_them_are_read() -> None:
    talks = [Talk(source="2001:db8::1", destination="2001:db8:ffff::2", octets=number) for number in range(100, 118)]
    body = b"".join(record(talk, IPV6_FIELDS) for talk in talks)
    flows, tally = decoded(TEMPLATES, ipfix(a_set(259, body, pad_to=4)))
    assert len(body) % 4
    assert flows["octets"].tolist() == list(range(100, 118))
    assert int(flows["source_high"][0]) == 0x2001_0DB8_0000_0000
    assert int(flows["destination_low"][0]) == 2
    assert tally.malformed == 0


def test_when_a_flow_ended_is_told_by_our_clock_whatever_the_routers_says() -> None:
    talk = Talk(first_ms=20_000, last_ms=50_000)
    ten_years_s = 10 * 365 * 86_400
    for uptime_ms in (60_000, 60_000 + ten_years_s):
        (flow,), _ = decoded(v9(a_set(0, template(300, IPV4_FIELDS)), a_set(300, record(talk, IPV4_FIELDS))))
        assert int(flow["ended_ms"]) == NOW_MS - 10_000, uptime_ms
    booted = (*IPV4_FIELDS, (160, 8))
    for error_s in (0, ten_years_s, -ten_years_s):
        body = record(talk, IPV4_FIELDS) + ((BOOT_S + error_s) * 1000).to_bytes(8, "big")
        (flow,), _ = decoded(ipfix(a_set(2, template(260, booted)), a_set(260, body), clock_s=BOOT_S + 60 + error_s))
        assert int(flow["ended_ms"]) == NOW_MS - 10_000


def test_uptimes_that_wrapped_after_fifty_days_are_read_over_the_wrap() -> None:
    talk = Talk(first_ms=2**32 - 5_000, last_ms=1_000)
    (flow,), _ = decoded(v5([talk], uptime_ms=3_000))
    assert (int(flow["duration_ms"]), NOW_MS - int(flow["ended_ms"])) == (6_000, 2_000)


def test_data_that_comes_before_its_template_is_decoded_when_that_comes() -> None:
    decoder = Decoder()
    body = record(Talk(), IPV4_FIELDS)
    flows, tally = decoded(ipfix(a_set(258, body)), ipfix(a_set(258, body * 2), sequence=1), decoder=decoder)
    assert len(flows) == 0
    assert tally.unread == 0
    assert decoder.waiting_bytes > 0
    flows, tally = decoded(TEMPLATES, decoder=decoder)
    assert (len(flows), tally.flows, decoder.waiting_bytes) == (3, 3, 0)


def test_a_template_that_changes_is_the_one_that_later_data_is_read_by() -> None:
    short = ((1, 4), (2, 4))
    flows, _ = decoded(
        TEMPLATES,
        ipfix(a_set(258, record(Talk(octets=100), IPV4_FIELDS))),
        ipfix(a_set(2, template(258, short)), a_set(258, record(Talk(octets=200), short)), sequence=1),
    )
    assert sorted(flows["octets"].tolist()) == [100, 200]


def test_domains_and_exporters_have_templates_of_their_own() -> None:
    short = ((1, 4), (2, 4))
    decoder = Decoder()
    flows, _ = decoded(
        TEMPLATES,
        ipfix(a_set(2, template(258, short)), domain=1),
        ipfix(a_set(258, record(Talk(octets=100), IPV4_FIELDS))),
        ipfix(a_set(258, record(Talk(octets=200), short)), domain=1),
        decoder=decoder,
    )
    assert sorted(flows["octets"].tolist()) == [100, 200]
    decoder.feed(8, ipfix(a_set(258, record(Talk(), IPV4_FIELDS))), NOW_MS)
    assert len(decoder.drain()) == 0


def test_a_withdrawn_template_is_forgotten() -> None:
    decoder = Decoder()
    withdrawn = ipfix(a_set(2, b"\x01\x02\x00\x00"))
    flows, _ = decoded(TEMPLATES, withdrawn, ipfix(a_set(258, record(Talk(), IPV4_FIELDS))), decoder=decoder)
    assert len(flows) == 0
    assert decoder.waiting_bytes > 0


def test_fields_of_variable_length_and_of_enterprises_are_stepped_over() -> None:
    head = b"\x01\x04\x00\x05" + b"\x00\x01\x00\x04" + b"\x00\x52\xff\xff"
    head += b"\x80\x01\x00\x04\x00\x00\x3a\xcd" + b"\xff\xff\xff\xff\x00\x00\x3a\xcd" + b"\x00\x02\x00\x02"
    records = b""
    for number, name in enumerate((b"ether1", b"", b"x" * 300)):
        length = bytes([len(name)]) if len(name) < 255 else b"\xff" + len(name).to_bytes(2, "big")
        records += (1000 + number).to_bytes(4, "big") + length + name + b"abcd" + b"\x02hi" + (5).to_bytes(2, "big")
    flows, tally = decoded(ipfix(a_set(2, head), a_set(260, records + b"\0\0")))
    assert flows["octets"].tolist() == [1000, 1001, 1002]
    assert flows["packets"].tolist() == [5, 5, 5]
    assert tally.malformed == 0


def test_counters_of_three_five_and_eight_bytes_are_numbers() -> None:
    fields = ((1, 5), (2, 3), (8, 4))
    body = (2**33).to_bytes(5, "big") + (2**20).to_bytes(3, "big") + bytes(4)
    wide = ((1, 8), (2, 8))
    flows, _ = decoded(
        ipfix(a_set(2, template(260, fields) + template(261, wide))),
        ipfix(a_set(260, body), a_set(261, (2**40).to_bytes(8, "big") + (2**30).to_bytes(8, "big"))),
    )
    assert sorted(flows["octets"].tolist()) == [2**33, 2**40]


@pytest.mark.parametrize("order", ["big", "little"])
def test_sampling_told_in_the_records_counts_in_either_byte_order(order: Any) -> None:
    fields = (*IPV4_FIELDS, (34, 4))
    body = record(Talk(octets=1500, packets=3), IPV4_FIELDS) + (100).to_bytes(4, order)
    (flow,), _ = decoded(v9(a_set(0, template(300, fields)), a_set(300, body)))
    assert (int(flow["octets"]), int(flow["packets"]), int(flow["sampled"])) == (150_000, 300, 1)


def test_sampling_told_in_options_counts_for_the_domain() -> None:
    v9_options = b"\x01\x2d\x00\x04\x00\x08" + b"\x00\x01\x00\x04" + b"\x00\x22\x00\x04\x00\x23\x00\x01"
    told = bytes(4) + (10).to_bytes(4, "big") + b"\x02"
    body = record(Talk(octets=1500), IPV4_FIELDS)
    (flow,), _ = decoded(
        v9(a_set(0, template(300, IPV4_FIELDS)), a_set(1, v9_options, 4), a_set(301, told, 4)),
        v9(a_set(300, body), sequence=1),
    )
    assert int(flow["octets"]) == 15_000
    ipfix_options = b"\x01\x2d\x00\x03\x00\x01" + b"\x00\x95\x00\x04\x01\x31\x00\x04\x01\x32\x00\x04"
    told = bytes(4) + (2).to_bytes(4, "big") + (18).to_bytes(4, "big")
    (flow,), _ = decoded(TEMPLATES, ipfix(a_set(3, ipfix_options), a_set(301, told)), ipfix(a_set(258, body)))
    assert int(flow["octets"]) == 15_000
    (flow,), _ = decoded(v5([Talk(octets=1500)], sampling=0x4000 | 10))
    assert int(flow["octets"]) == 15_000


def test_counters_that_no_line_could_carry_are_left_out_and_counted() -> None:
    fields = ((1, 8), (2, 8), (8, 4))
    good = record(Talk(octets=4000, packets=4), fields)
    flows, tally = decoded(
        ipfix(a_set(2, template(260, fields))),
        ipfix(
            a_set(
                260,
                good
                + record(Talk(octets=2**63, packets=2**62), fields)
                + record(Talk(octets=70_000, packets=1), fields)
                + record(Talk(octets=1, packets=0), fields),
            )
        ),
    )
    assert flows["octets"].tolist() == [4000]
    assert (tally.flows, tally.impossible) == (1, 3)


def test_what_sequence_numbers_say_is_missing_is_counted_also_over_their_wrap() -> None:
    body = record(Talk(), IPV4_FIELDS)
    wrapping = [2**32 - 2, 2**32 - 1, 3, 4]
    packets = [v9(a_set(0, template(300, IPV4_FIELDS)), a_set(300, body), sequence=number) for number in wrapping]
    _, tally = decoded(*packets)
    assert tally.lost == 3
    talks = some_talks(56)
    first, second = messages(talks, begin=2**32 - 10)
    _, tally = decoded(ipfix(TEMPLATES[16:], sequence=2**32 - 10), first, second)
    assert (tally.lost, tally.flows) == (0, 56)
    _, tally = decoded(v5(talks[:30], sequence=0), v5(talks[:30], sequence=90))
    assert tally.lost == 60


def test_a_packet_that_comes_late_is_no_longer_missing_and_a_restart_is_no_loss() -> None:
    talks = some_talks(3)
    packets = [v5([talk], sequence=number) for number, talk in enumerate(talks)]
    _, tally = decoded(packets[0], packets[2], packets[1])
    assert (tally.lost, tally.flows) == (0, 3)
    _, tally = decoded(v5(talks, sequence=2**31), v5(talks, sequence=0))
    assert (tally.lost, tally.restarts) == (0, 1)


def test_types_of_icmp_stand_where_ports_do() -> None:
    fields = ((1, 4), (2, 4), (4, 1), (32, 2))
    body = record(Talk(protocol=1), fields[:3]) + (0x0800).to_bytes(2, "big")
    (flow,), _ = decoded(v9(a_set(0, template(300, fields)), a_set(300, body)))
    assert int(flow["destination_port"]) == 0x0800


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x00",
        b"\x00\x05" + bytes(22),
        b"\x00\x05\x00\x1f" + bytes(20 + 31 * 48),
        b"\x00\x01" + bytes(100),
        ipfix(a_set(258, b"x"))[:-1],
        ipfix(b"\x01\x02\x00\x02"),
        ipfix(b"\x01\x02\xff\xff" + bytes(8)),
        ipfix(a_set(2, b"\x01\x02\xff\xff")),
        ipfix(a_set(2, b"\x00\x07\x00\x01\x00\x01\x00\x04")),
        ipfix(a_set(2, b"\x01\x02\x00\x01\x00\x01\x00\x00")),
        v9(a_set(1, b"\x01\x02\x00\x00\x00\x00\x00\x01")),
    ],
)
def test_what_cannot_be_read_is_counted_and_nothing_else(packet: bytes) -> None:
    flows, tally = decoded(packet)
    assert (len(flows), tally.packets, tally.malformed) == (0, 1, 1)
