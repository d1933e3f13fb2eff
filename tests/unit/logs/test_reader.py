"""The reader of many lines gives what each line gives by itself, whatever it has read before."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.domains.logs.facts import log_tables
from tikfleet.domains.logs.rows import KIND, LineRows, packed
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope
from tikfleet.routeros.syslog.bodies import fields_of
from tikfleet.routeros.syslog.lines import parse
from tikfleet.routeros.syslog.reader import LineReader, Reading

COLUMNS_STORED = [column.name for column in log_tables(1)[0].columns]
_NOW_MS = 1_763_871_611_000
_FIREWALL = (
    "firewall,info drop input: in:ether1 out:(unknown 0), connection-state:new src-mac 00:17:10:88:bc:0a, "
    "proto TCP (SYN), {}, len 40"
)
_ENDS = st.sampled_from(
    """1.2.3.4:5->6.7.8.9:10|1.2.3.4->6.7.8.9|[2001:db8::1]:443->[2001:db8::2]:80|2001:db8::1->2001:db8::2
1.2.3.4:99999->6.7.8.9:65536|1.2.3.4:5->6.7.8.9:10:11|1.2.3.4:->6.7.8.9:|:5->:6|->|a:b->c:d
1.2.3.4:5->6.7.8.9:10 NAT|1.2.3.4:5->6.7.8.9:10, NAT 1.1.1.1:1->(2.2.2.2:2->3.3.3.3:3)|1.2.3.4:5
1.2.3.4:+5->6.7.8.9: 10|1:2->3:4)|[1.2.3.4:5->6.7.8.9]:1|(1:2->3:4), 5:6->7:8""".replace("\n", "|").split("|")
)
_PIECES = st.sampled_from(
    """firewall,info |firewall,info|system,error,critical |dhcp,info |x |: in:| in:| out:|ether1|(unknown 0)|, |,| |
connection-mark:a->b |connection-state:new |connection-state:new, |src-mac 00:17:10:88:bc:0a, |proto TCP (SYN), |
proto UDP, |proto X (|)|->|input| link up|user a logged in from 1.2.3.4 via ssh| changed by admin|router rebooted|
login failure for user b from 1.2.3.4 via api|lan assigned 10.0.0.1 for 02:00:00:00:00:01|<134>|Nov 23 18:59:18 |
\u00e9|\x00|LF""".replace("|\n", "|")
    .replace("LF", "\n")
    .split("|")
)
_LINES = st.one_of(
    _ENDS.map(_FIREWALL.format),
    _ENDS.map(lambda ends: f"<134>Nov 23 18:59:18 gate {_FIREWALL.format(ends)}"),
    st.lists(_PIECES | _ENDS, max_size=14).map("".join),
    st.text(max_size=40),
).map(lambda text: text.encode("utf-8", "surrogatepass"))


def _told(reader: LineReader, batches: list[list[bytes]]) -> list[object]:
    found: list[object] = []
    for lines in batches:
        into = Reading()
        reader.read(lines, _NOW_MS, into)
        columns = (
            into.labels, into.claimed, into.addresses, into.ports, into.to_addresses, into.to_ports, into.messages
        )  # fmt: skip
        found += [(reader.labels[row[0]], *row[1:]) for row in zip(*columns, strict=True)]
    return found


def _alone(raw: bytes) -> object:
    line = parse(raw, _NOW_MS)
    body = fields_of(line.topics, line.message)
    labels = (
        line.severity, line.topics, body.action, body.user, body.interface, body.out_interface, body.chain,
        body.protocol, body.mac, body.tool, line.host,
    )  # fmt: skip
    return (labels, line.claimed_ms, body.address, body.port, body.to_address, body.to_port, line.message)


@given(batches=st.lists(st.lists(_LINES, max_size=8), max_size=4))
def test_lines_read_together_tell_what_each_tells_alone(batches: list[list[bytes]]) -> None:
    reader = LineReader()
    alone = [_alone(raw) for lines in batches for raw in lines]

    assert _told(reader, batches) == alone
    # What is remembered by now changes nothing.
    assert _told(reader, batches) == alone


@given(
    heads=st.lists(st.lists(_PIECES, max_size=10).map("".join), min_size=1, max_size=3),
    ends=st.lists(_ENDS, min_size=2, max_size=6),
    tails=st.lists(st.lists(_PIECES, max_size=4).map("".join), min_size=1, max_size=3),
)
def test_a_head_that_is_remembered_never_changes_what_follows_it(
    heads: list[str], ends: list[str], tails: list[str]
) -> None:
    made = [
        f"firewall,info {head}in: in:a out:b proto TCP, {end}{tail}".encode()
        for head in heads
        for end in ends
        for tail in tails
    ]
    assert _told(LineReader(), [made]) == [_alone(raw) for raw in made]


@pytest.mark.parametrize("length", [16_383, 16_384, 16_385, 70_000])
def test_a_line_that_is_cut_is_cut_alike(length: int) -> None:
    lines = [b"system,info " + b"x" * (length - 12), b"system,info short"]

    assert _told(LineReader(), [lines]) == [_alone(raw) for raw in lines]


def test_no_lines_are_no_rows() -> None:
    assert _told(LineReader(), [[]]) == []
    assert _told(LineReader(), [[b""]]) == [_alone(b"")]


def test_what_is_remembered_is_bounded_however_many_lines_differ() -> None:
    reader, dice = LineReader(), random.Random(1)
    for _ in range(60):
        reader.rest()
        lines = [f"system,info {dice.random()} proto TCP, 1.2.3.4".encode() for _ in range(400)]
        names = [dice.random() for _ in range(600)]
        lines += [f"system,error login failure for user {name} from 1.2.3.4 via ssh".encode() for name in names]
        _told(reader, [lines])

    assert len(reader.labels) <= 21_000
    assert reader.remembered <= 2 * 8192


@pytest.mark.parametrize("users", [1, 255, 256, 257, 700])
def test_columns_hold_what_each_line_tells_however_many_differ(users: int) -> None:
    rows, names = LineRows(), [f"user{number % users}" for number in range(800)]
    for place in range(8):
        part = names[place * 100 : (place + 1) * 100]
        lines = [f"system,error login failure for user {name} from 1.2.3.{place} via ssh".encode() for name in part]
        device = DeviceId(f"dev_{place % 3}")
        rows.add(
            Envelope(OrganisationId("org_a"), device, _NOW_MS + place, KIND, "", "", packed(lines)), place, "site_b"
        )
    found = [dict(zip(COLUMNS_STORED, row, strict=True)) for row in rows.columnar()]

    assert [row["user"] for row in found] == names
    assert [row["device_id"] for row in found] == [f"dev_{number // 100 % 3}" for number in range(800)]
    assert [row["received_at"] for row in found] == [_NOW_MS + number // 100 for number in range(800)]
    assert [row["seq"] for row in found] == [(number // 100 << 10) + number % 100 for number in range(800)]
    assert [row["address"] for row in found] == [f"1.2.3.{number // 100}" for number in range(800)]
    assert {(row["severity"], row["action"], row["tool"]) for row in found} == {("error", "login-failure", "ssh")}
    assert [(one.device_id, one.body.user) for one in rows.happened()] == [
        (f"dev_{number // 100 % 3}", name) for number, name in enumerate(names)
    ]
