"""Lines of routers in every form, as they come from the network: what is read of them, and what hostile ones do."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.routeros.syslog.bodies import Body, fields_of
from tikfleet.routeros.syslog.framing import Framer
from tikfleet.routeros.syslog.lines import cef_fields, parse

NOW_MS = int(datetime(2025, 11, 23, tzinfo=UTC).timestamp() * 1000)
_INPUT = "input: in:ether1 out:(unknown 0)"
_SYN = "proto TCP (SYN), 192.0.2.10:59388->198.51.100.1:23, len 40"
_NATTED = "[2001:db8::1]:178->[2001:db8::2]:51, NAT 192.0.2.1:1->(192.0.2.2:2->192.0.2.3:3), len 112"
FAILURE = Body("login-failure", "guest", "192.0.2.17", tool="ssh")


def of(raw: str) -> Body:
    line = parse(raw.encode(), NOW_MS)
    return fields_of(line.topics, line.message)


def samples(corpora: Path) -> Iterator[tuple[str, str]]:
    for text in (corpora / "syslog-samples" / "samples.txt").read_text().splitlines():
        if not text.startswith("#"):
            form, _, line = text.partition("\t")
            yield form, line


def test_one_event_is_the_same_in_the_three_forms_of_the_corpus(corpora: Path) -> None:
    found = {form: line for form, line in samples(corpora) if "login failure" in line}
    assert {form: of(line) for form, line in found.items()} == dict.fromkeys(
        ("default", "syslog-bsd", "cef-bsd"), FAILURE
    )
    assert {parse(line.encode(), NOW_MS).severity for line in found.values()} == {3}
    assert [parse(found[form].encode(), NOW_MS).host for form in ("default", "syslog-bsd")] == ["", "MikroTik"]


def test_every_sample_of_the_corpus_that_tells_something_is_understood(corpora: Path) -> None:
    understood = {line.partition(" ")[2][:20]: of(line).action for _, line in samples(corpora)}
    silent = [text for text, action in understood.items() if not action]
    assert silent == ["gw.example CEF:0|Mik"], "a packet dump of DHCP is the only one that tells nothing"


def test_public_firewall_lines_tell_what_their_own_assertions_say(corpora: Path) -> None:
    folder = corpora / "crowdsec-mikrotik-logs" / ".tests" / "mikrotik-logs"
    bodies = [of(line) for line in (folder / "mikrotik-logs.log").read_text().splitlines()]
    expected = (folder / "parser.assert").read_text()
    firewall = [body for body in bodies if body.chain]
    assert len(firewall) == 6
    for body in firewall:
        for value in (body.address, body.to_address, str(body.port), str(body.to_port), body.protocol, body.interface):
            assert f'"{value}"' in expected, value


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (
            f"firewall,info fw1: {_INPUT}, connection-state:new src-mac 02:00:00:00:00:01, {_SYN}",
            Body("fw1", "", "192.0.2.10", "ether1", "", "input", "TCP", 59388, "198.51.100.1", 23, "02:00:00:00:00:01"),
        ),
        (
            f"firewall,info forward: in:bridge lan out:WAN, connection-state:established,snat proto UDP, {_NATTED}",
            Body("established,snat", "", "2001:db8::1", "bridge lan", "WAN", "forward", "UDP", 178, "2001:db8::2", 51),
        ),
        (
            "firewall,info input: in:ether1 out:(unknown 0), proto ICMP (type 8, code 0), 192.0.2.1->192.0.2.2, len 56",
            Body("", "", "192.0.2.1", "ether1", "", "input", "ICMP", 0, "192.0.2.2"),
        ),
        ("system,error login failure for user a from b via c from 192.0.2.9 via winbox",
         Body("login-failure", "a from b via c", "192.0.2.9", tool="winbox")),
        ("system,info,account user admin logged in via local", Body("login", "admin", tool="local")),
        ("interface,info ether1 link up (speed 1G, full duplex)", Body("link-up", interface="ether1")),
        ("system,info address changed by admin", Body("config-changed", "admin")),
        (
            "system,info address added by winbox-3.41/tcp-msg(winbox):ada@192.0.2.4 (/ip address add address=10.0.0.1)",
            Body("config-added", "ada", "192.0.2.4", tool="winbox-3.41/tcp-msg"),
        ),
        ("system,info dhcp client added by scheduler:s1/script:x (*7 = /ip dhcp-client add)",
         Body("config-added", tool="scheduler:s1/script:x")),
        ("system,info router rebooted", Body("rebooted")),
    ],
)  # fmt: skip
def test_bodies_tell_their_fields(line: str, body: Body) -> None:
    assert of(line) == body


def test_a_clock_ten_years_off_is_kept_as_what_it_claims() -> None:
    line = parse(b"2015-01-01T00:00:00.500Z gw system,info hello", NOW_MS)
    assert line.claimed_ms == int(datetime(2015, 1, 1, tzinfo=UTC).timestamp() * 1000) + 500
    assert (line.host, line.topics, line.message) == ("gw", "system,info", "hello")


def test_a_time_without_a_year_is_of_the_nearest_one() -> None:
    line = parse(b"<30>Dec 31 23:59:59 gw hello", int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000))
    assert line.claimed_ms == int(datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp() * 1000)


def test_what_relays_write_by_rfc_5424_is_read() -> None:
    line = parse(
        b'<27>1 2025-11-22T21:24:35.265Z gw tikfleet 12 - [x y="1"] login failure for user a from b via c', NOW_MS
    )
    assert (line.host, line.severity, line.message) == ("gw", 3, "login failure for user a from b via c")


def test_escapes_of_cef_are_undone() -> None:
    assert cef_fields(r"msg=a \= b\\c src=192.0.2.1") == {"msg": r"a = b\c", "src": "192.0.2.1"}


@pytest.mark.parametrize(
    "raw", [b"", b"\0", b"\xff\xfe", b"\x1b[31mred", b"<b>html</b>", b"x" * 65_536, b"<999>", b"<27>"]
)
def test_hostile_lines_come_out_as_printable_text_of_bounded_length(raw: bytes) -> None:
    line = parse(raw, NOW_MS)
    assert line.message == "" or line.message.isprintable()
    assert len(line.message) <= 16_385


@given(st.binary(max_size=400))
def test_any_bytes_are_a_line(raw: bytes) -> None:
    line = parse(raw, NOW_MS)
    fields_of(line.topics, line.message)
    assert 0 <= line.severity <= 7
    assert all(text == "" or text.isprintable() for text in (line.topics, line.host, line.message))


def test_a_hundred_thousand_mutated_lines_crash_nothing(corpora: Path) -> None:
    dice = random.Random(7)
    whole = [line.encode() for _, line in samples(corpora)]
    for _ in range(100_000):
        raw = bytearray(dice.choice(whole))
        for _ in range(dice.randrange(1, 5)):
            place = dice.randrange(len(raw))
            raw[place : place + dice.randrange(3)] = dice.randbytes(dice.randrange(4))
            raw = raw or bytearray(b"x")
        line = parse(bytes(raw), NOW_MS)
        body = fields_of(line.topics, line.message)
        assert 0 <= body.port <= 65_535 >= body.to_port


def framed(data: bytes, chunk: int, most: int = 65_536) -> tuple[list[bytes], int]:
    framer = Framer(most)
    found = [message for start in range(0, len(data), chunk) for message in framer.feed(data[start : start + chunk])]
    rest = framer.rest()
    return found + ([rest] if rest else []), framer.cut


@pytest.mark.parametrize("chunk", [1, 2, 7, 4096])
def test_a_stream_is_cut_into_messages_wherever_it_is_torn(chunk: int) -> None:
    data = b"5 hello<30>one\r\n11 <30>t\nw o!\n<30>three\n\n2026-11-23T00:00:00Z four\n<30>rest"
    assert framed(data, chunk)[0] == [
        b"hello", b"<30>one", b"<30>t\nw o!", b"<30>three", b"2026-11-23T00:00:00Z four", b"<30>rest",
    ]  # fmt: skip


@pytest.mark.parametrize("chunk", [1, 3, 4096])
def test_a_message_without_end_is_cut_and_the_next_is_whole(chunk: int) -> None:
    assert framed(b"x" * 50 + b"\nnext\n", chunk, most=20) == ([b"x" * 20, b"next"], 1)
    assert framed(b"50 " + b"y" * 50 + b"next\n", chunk, most=20) == ([b"y" * 20, b"next"], 1)


@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(1, 30))
def test_no_stream_breaks_the_framer(parts: list[bytes], most: int) -> None:
    framer = Framer(most)
    for part in parts:
        assert all(len(message) <= most for message in framer.feed(part))
        assert len(framer._buffer) <= most + 60 + 8
    framer.rest()
