"""Many lines at once: what they have in common is read once.

A router's lines repeat: firewall lines differ in addresses and ports alone, others come again as they are. The reader
remembers what it found in the part that repeats. It gives what `lines.parse` and `bodies.fields_of` give, at a
fifth of the cost.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from tikfleet.routeros.syslog.bodies import Body, fields_of, packet_address_at
from tikfleet.routeros.syslog.lines import MAX_TEXT, Line, parse, parse_text, topics_severity

_PRINTABLE: Final = bytes(range(0x20, 0x7F))
_END: Final = r"(\[[0-9A-Fa-f:.%]+\]|[0-9.]+)(?::([0-9]{1,5}))?"
_ENDS: Final = re.compile(rf"{_END}->{_END}(?=[, ]|$)")
# What is remembered at most: the texts are the senders'.
_MOST_KEPT: Final = 8192
_MOST_CHARACTERS: Final = 400
_MOST_LABELS: Final = 20_000


class Labels(NamedTuple):
    """The fields of a line that have few values. `severity` is a number, 0 (the gravest) to 7."""

    severity: int
    topics: str
    action: str
    user: str
    interface: str
    out_interface: str
    chain: str
    protocol: str
    mac: str
    tool: str
    host: str


class Reading:
    """Columns of lines. `labels` are numbers of `LineReader.labels`; `claimed` is ms since 1970."""

    def __init__(self) -> None:
        self.labels: list[int] = []
        self.claimed: list[int | None] = []
        self.addresses: list[str] = []
        self.ports: list[int] = []
        self.to_addresses: list[str] = []
        self.to_ports: list[int] = []
        self.messages: list[str] = []


class _Known(NamedTuple):
    """What begins a line, or all of it, as it was read: its labels, and where the message begins."""

    labels: int
    begins: int


class LineReader:
    """Remembers heads of firewall lines and whole other lines. Memory is bounded; call `rest` between batches."""

    def __init__(self) -> None:
        self.labels: list[Labels] = []
        self._numbers: dict[tuple[int | str, ...], int] = {}
        self._heads: dict[str, _Known] = {}
        self._whole: dict[str, _Known] = {}

    @property
    def remembered(self) -> int:
        """How many texts are remembered."""
        return len(self._heads) + len(self._whole)

    def rest(self) -> None:
        """Forget when too much is remembered. Numbers of labels given before mean nothing afterwards."""
        if len(self.labels) > _MOST_LABELS:
            self.labels = []
            self._numbers, self._heads, self._whole = {}, {}, {}

    def read(self, lines: Sequence[bytes], received_ms: int, into: Reading) -> None:
        """Any bytes at all. `received_ms` tells the year that BSD times leave out."""
        joined = b"\n".join(lines)
        short = len(joined) <= MAX_TEXT or max(map(len, lines)) <= MAX_TEXT
        if short and joined.isascii() and joined.translate(None, _PRINTABLE) == b"\n" * (len(lines) - 1):
            self._plain(joined.decode("ascii").split("\n") if lines else [], received_ms, into)
            return
        for raw in lines:
            self._note(parse(raw, received_ms), into)

    def _plain(self, texts: Sequence[str], received_ms: int, into: Reading) -> None:
        """Printable ASCII: the head of a known firewall line leaves two ends to read, a known line nothing."""
        heads, whole, ends_at = self._heads.get, self._whole.get, _ENDS.match
        labels, claimed, messages = into.labels.append, into.claimed.append, into.messages.append
        addresses, ports = into.addresses.append, into.ports.append
        to_addresses, to_ports = into.to_addresses.append, into.to_ports.append
        for text in texts:
            arrow = text.find("->")
            if arrow > 0:
                cut = text.rfind(", ", 0, arrow)
                known = heads(text[:cut])
                if known is not None and (ends := ends_at(text, cut + 2)) is not None:
                    address, port, to_address, to_port = ends.groups("0")
                    addresses(address if address[0] != "[" else address[1:-1])
                    ports(int(port) & 0xFFFF)
                    to_addresses(to_address if to_address[0] != "[" else to_address[1:-1])
                    to_ports(int(to_port) & 0xFFFF)
                    labels(known[0])
                    claimed(None)
                    messages(text[known[1] :])
                    continue
            elif (known := whole(text)) is not None:
                addresses("")
                ports(0)
                to_addresses("")
                to_ports(0)
                labels(known[0])
                claimed(None)
                messages(text[known[1] :])
                continue
            self._new(text, received_ms, into)

    def _new(self, text: str, received_ms: int, into: Reading) -> None:
        """A line that is not known, and may be remembered in RouterOS's own form."""
        topics, space, message = text.partition(" ")
        severity = topics_severity(topics)
        if severity is None or not space:
            # Something else stands before the message, a time say: it is another each time.
            self._note(parse_text(text, received_ms), into)
            return
        line = Line(topics, severity, "", None, message)
        body, number = self._note(line, into)
        if len(text) > _MOST_CHARACTERS:
            return
        arrow = text.find("->")
        if arrow < 0:
            # What tells of an address hardly comes again as it is.
            if not body.address:
                _keep(self._whole, text, _Known(number, len(topics) + 1))
            return
        cut = text.rfind(", ", 0, arrow)
        # With one "proto" before the cut, and the first address right behind it, there is one way to read the head.
        begins = packet_address_at(message) + len(topics) + 1
        if 0 < cut == begins - 2 and text.count("proto ", 0, begins) == 1:
            _keep(self._heads, text[:cut], _Known(number, len(topics) + 1))

    def _note(self, line: Line, into: Reading) -> tuple[Body, int]:
        """What a line tells, and the number of its labels."""
        topics, severity, host, claimed_ms, message = line
        body = fields_of(topics, message)
        action, user, address, interface, outward, chain, protocol, port, to_address, to_port, mac, tool = body
        found = (severity, topics, action, user, interface, outward, chain, protocol, mac, tool, host)
        number = self._numbers.get(found)
        if number is None:
            number = self._numbers[found] = len(self.labels)
            self.labels.append(Labels(*found))
        into.labels.append(number)
        into.claimed.append(claimed_ms)
        into.addresses.append(address)
        into.ports.append(port)
        into.to_addresses.append(to_address)
        into.to_ports.append(to_port)
        into.messages.append(message)
        return body, number


def _keep(kept: dict[str, _Known], text: str, known: _Known) -> None:
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[text] = known
