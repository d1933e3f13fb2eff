"""Countries and networks by a file of the operator's, and datagrams at the port of a device."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from tests.unit.flows.mmdb_file import mmdb
from tikfleet.adapters.mmdb.places import MmdbPlaces, PlacesUnreadable
from tikfleet.adapters.syslog.listener import udp
from tikfleet.domains.flows.door import FlowDoor

EXAMPLE = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example"}


def test_countries_and_networks_come_from_whichever_file_knows_them(tmp_path: Path) -> None:
    (tmp_path / "country").write_bytes(
        mmdb({"203.0.113.0/24": {"country": {"iso_code": "LV", "names": {"en": "Latvia"}}}})
    )
    (tmp_path / "asn").write_bytes(mmdb({"203.0.113.0/25": EXAMPLE, "2001:db8::/32": EXAMPLE}))
    places = MmdbPlaces([tmp_path / "country", tmp_path / "asn"])

    assert places.of("203.0.113.7") == ("LV", "AS64500 Example")
    assert places.of("203.0.113.200") == ("LV", "")
    assert places.of("2001:db8::7") == ("", "AS64500 Example")
    assert places.of("198.51.100.1") == ("", "")
    places.close()


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"country": "LV", "asn": "AS64500", "as_name": "Example"}, ("LV", "AS64500 Example")),
        ({"country": "Latvia", "country_code": "LV", "asn": "AS64500"}, ("LV", "AS64500")),
        ({"registered_country": {"iso_code": "EE"}}, ("EE", "")),
        ({"autonomous_system_number": 64500, "autonomous_system_organization": "A\x1b[31mB" + "x" * 200}, None),
        ({"country": 7, "asn": {"number": 1}}, ("", "")),
        (["LV"], ("", "")),
    ],
    ids=["ipinfo", "ipinfo-lite", "registered", "hostile", "other-types", "no-map"],
)
def test_fields_of_several_makers_are_read_and_strange_ones_do_no_harm(
    tmp_path: Path, record: object, expected: tuple[str, str] | None
) -> None:
    (tmp_path / "one").write_bytes(mmdb({"203.0.113.0/24": record}))
    found = MmdbPlaces([tmp_path / "one"]).of("203.0.113.7")
    if expected is None:
        assert found[1].isprintable()
        assert len(found[1]) <= 100
    else:
        assert found == expected


def test_a_file_that_is_replaced_is_read_anew_and_a_broken_one_is_not(tmp_path: Path) -> None:
    file, now_s = tmp_path / "one", [0.0]
    file.write_bytes(mmdb({"203.0.113.0/24": {"country": {"iso_code": "LV"}}}))
    places = MmdbPlaces([file], lambda: now_s[0])
    assert places.of("203.0.113.7")[0] == "LV"

    for body, expected in ((mmdb({"203.0.113.0/24": {"country": {"iso_code": "EE"}}}), "EE"), (b"broken", "EE")):
        other = tmp_path / "other"
        other.write_bytes(body)
        other.replace(file)
        os.utime(file, ns=(1, int(now_s[0]) + 1))
        now_s[0] += 100
        assert places.of("203.0.113.7")[0] == expected


@pytest.mark.parametrize("body", [None, b"", b"no database"], ids=["missing", "empty", "other"])
def test_a_file_that_is_none_is_refused_at_the_start(tmp_path: Path, body: bytes | None) -> None:
    if body is not None:
        (tmp_path / "one").write_bytes(body)
    with pytest.raises(PlacesUnreadable, match="one"):
        MmdbPlaces([tmp_path / "one"])


class Collector:
    def __init__(self) -> None:
        self.taken: list[tuple[bytes, str, int, int]] = []

    def take(self, data: bytes, address: str, sender_port: int, port: int) -> None:
        self.taken.append((data, address, sender_port, port))


async def test_the_port_of_a_device_takes_lines_and_flows_alike() -> None:
    collector, door, lines = Collector(), FlowDoor(), []
    done = asyncio.Event()

    def take(address: str, port: int, certificate: str, messages: object) -> None:
        lines.append(messages)
        if len(lines) == 2:
            done.set()

    packets = [b"\0\t" + bytes(18) + b"\r\n\0", b"\0\n" + bytes(14), b"\0\5" + bytes(22)]
    async with udp("127.0.0.1", 0, take, door.take) as sock:
        port = sock.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            # While nobody takes flows they are lines that nobody can read, counted as such.
            sender.sendto(packets[0], ("127.0.0.1", port))
            while not lines:  # noqa: ASYNC110 - the socket is what is waited for
                await asyncio.sleep(0.01)
            door.open(collector)
            for data in (*packets, b"<30>a line\n"):
                sender.sendto(data, ("127.0.0.1", port))
            await asyncio.wait_for(done.wait(), 30)

    assert [data for data, *_ in collector.taken] == packets
    assert {entry[1:] for entry in collector.taken} == {("127.0.0.1", 0, port)}
    assert lines[1] == (b"<30>a line",)
