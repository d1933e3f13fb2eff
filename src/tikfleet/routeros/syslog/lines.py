"""One syslog message of a router, in whatever form it came: topics, severity, claimed time, host and message.

Forms (REFERENCE of the routers' manual, "Log"): RouterOS's own `topics message`, BSD syslog (RFC 3164), CEF, and RFC
5424 as relays write it. What has none of these is a message of severity 6. Hostile text comes out printable.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

MAX_TEXT: Final = 16_384
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_INFO: Final = 6
_LEVELS: Final = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7, "packet": 7, "raw": 7}
# The topics of /system logging in RouterOS 6 and 7; a line whose first word is made of others is a bare message.
_TOPICS: Final = frozenset(
    [
        "account",
        "acme",
        "amt",
        "async",
        "backup",
        "bfd",
        "bgp",
        "bridge",
        "bridge-local-mac",
        "calc",
        "caps",
        "capsman",
        "certificate",
        "chr",
        "client",
        "cloud",
        "console",
        "container",
        "critical",
        "ddns",
        "debug",
        "dhcp",
        "dhcpv6",
        "discovery",
        "disk",
        "dns",
        "dot1x",
        "dude",
        "e-mail",
        "error",
        "event",
        "evpn",
        "fetch",
        "firewall",
        "gps",
        "gsm",
        "health",
        "hotspot",
        "igmp-proxy",
        "info",
        "input",
        "interface",
        "iot",
        "ipsec",
        "isdn",
        "isis",
        "iscsi",
        "kidcontrol",
        "kvm",
        "l2tp",
        "ldp",
        "lora",
        "lte",
        "macsec",
        "manager",
        "mme",
        "mpls",
        "mqtt",
        "natpmp",
        "ncm",
        "netinstall",
        "netwatch",
        "nfs",
        "ntp",
        "ospf",
        "output",
        "ovpn",
        "ovs",
        "packet",
        "partition",
        "pim",
        "poe-out",
        "ppp",
        "pppoe",
        "pptp",
        "profile",
        "ptp",
        "queue",
        "radius",
        "radvd",
        "raw",
        "read",
        "rip",
        "route",
        "rpki",
        "rsvp",
        "script",
        "sertcp",
        "simulator",
        "smb",
        "smb3",
        "sms",
        "sniffer",
        "snmp",
        "socks",
        "ssh",
        "ssl",
        "sstp",
        "state",
        "store",
        "stp",
        "switch",
        "system",
        "tcp-msg",
        "telephony",
        "telnet",
        "tftp",
        "timer",
        "tr069",
        "tunnel",
        "udp",
        "ups",
        "upnp",
        "user-manager",
        "vm",
        "vpls",
        "vrrp",
        "warning",
        "watchdog",
        "web-proxy",
        "wifi",
        "winbox",
        "wireguard",
        "wireless",
        "write",
        "zerotier",
        "xdsl",
        "4g",
    ]
)
_BSD: Final = re.compile(r"([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) ")
_ISO: Final = re.compile(r"(?:1 )?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?\s+")
_RFC5424_REST: Final = re.compile(r"(\S+) (\S+) (\S+) (-|(?:\[(?:[^\]\\]|\\.)*\])+) ?(?:\ufeff)?")
_CEF_FIELD: Final = re.compile(r"(?:^| )([A-Za-z0-9_.]+)=")
_CEF_LEVELS: Final = {"low": 6, "medium": 4, "high": 3, "very-high": 2, "unknown": 6}
_PREFIX: Final = re.compile(r"[^\s:]{1,64}: ")


class Line(NamedTuple):
    """A message and what came with it. `claimed_ms` is the sender's own idea of the time, None where it said none."""

    topics: str
    severity: int
    host: str
    claimed_ms: int | None
    message: str


_known_topics: dict[str, int] = {}
_bsd_moments: dict[tuple[str, int], int | None] = {}


def parse(raw: bytes, received_ms: int) -> Line:
    """Any bytes at all. `received_ms` tells the year that BSD times leave out."""
    text = raw.decode("utf-8", "replace")
    if not text.isprintable():
        text = _printable(text)
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + "…"
    return parse_text(text, received_ms)


def parse_text(text: str, received_ms: int) -> Line:
    """The same of printable text."""
    head, space, rest = text.partition(" ")
    severity = topics_severity(head)
    if severity is not None and space:
        return Line(head, severity, "", None, rest)
    return _framed(text, received_ms)


def topics_severity(word: str) -> int | None:
    """The severity that a list of topics stands for; None when the word is no such list."""
    found = _known_topics.get(word)
    if found is None:
        found = _severity(word)
        if len(_known_topics) > 4096:  # noqa: PLR2004 - bounded: the words are the senders'
            _known_topics.clear()
        _known_topics[word] = found
    return found if found >= 0 else None


def _severity(word: str) -> int:
    topics = word.split(",")
    if len(word) > 200 or any(topic not in _TOPICS for topic in topics):  # noqa: PLR2004
        return -1
    levels = [_LEVELS[topic] for topic in topics if topic in _LEVELS]
    # A router says error,critical for one event, and its own automatic severity for that is error.
    return 3 if "error" in topics else min(levels, default=_INFO)


def _framed(text: str, received_ms: int) -> Line:
    severity, place = None, 0
    if text.startswith("<"):
        end = text.find(">", 1, 6)
        if end > 0 and text[1:end].isascii() and text[1:end].isdigit():
            severity, place = int(text[1:end]) & 7, end + 1
    claimed_ms, place, is_new = _moment(text, place, received_ms)
    host = ""
    if is_new and (found := _RFC5424_REST.match(text, text.find(" ", place) + 1)):
        host, place = text[place : text.find(" ", place)], found.end()
    cef = text.find("CEF:", place, place + 300)
    if cef >= 0 and (line := _cef(text[cef:], text[place:cef].strip(), claimed_ms)) is not None:
        return line
    if claimed_ms is not None and not host:
        host, place = _host(text, place)
    message = text[place:]
    word, space, rest = message.partition(" ")
    by_topics = topics_severity(word) if space else None
    if by_topics is not None:
        return Line(word, by_topics if severity is None else severity, host, claimed_ms, rest)
    return Line("", _INFO if severity is None else severity, host, claimed_ms, message)


def _moment(text: str, place: int, received_ms: int) -> tuple[int | None, int, bool]:
    """The time that stands at a place, what follows it, and whether it is of RFC 5424."""
    found = _BSD.match(text, place)
    if found is not None:
        return _bsd(found, received_ms), found.end(), False
    found = _ISO.match(text, place)
    if found is None:
        return None, place, False
    date, time, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{time}{zone or '+00:00'}")
        claimed_ms = round(moment.timestamp() * 1000) + int(float(fraction or 0) * 1000)
    except (ValueError, OverflowError):
        return None, place, False
    return claimed_ms, found.end(), text.startswith("1 ", place)


def _bsd(found: re.Match[str], received_ms: int) -> int | None:
    key = (found[0], received_ms // 3_600_000)
    if key not in _bsd_moments:
        if len(_bsd_moments) > 4096:  # noqa: PLR2004 - bounded: the texts are the senders'
            _bsd_moments.clear()
        _bsd_moments[key] = _nearest(found, received_ms)
    return _bsd_moments[key]


def _nearest(found: re.Match[str], received_ms: int) -> int | None:
    """Of the years that a BSD time may mean, the one nearest to when it came; a router's zone is taken for UTC."""
    received = datetime.fromtimestamp(received_ms / 1000, UTC)
    month, day, hour, minute, second = _MONTHS.get(found[1], 0), *(int(found[place]) for place in range(2, 6))
    moments = []
    for year in (received.year - 1, received.year, received.year + 1):
        try:
            moments.append(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC))
        except ValueError:
            continue
    if not moments:
        return None
    best = min(moments, key=lambda moment: abs(moment - received) + timedelta(seconds=moment > received))
    return round(best.timestamp() * 1000)


def _host(text: str, place: int) -> tuple[str, int]:
    """The host after a time. An identity may hold spaces, which nothing marks: then its first word is taken."""
    word, space, _ = text[place:].partition(" ")
    if not space or topics_severity(word) is not None:
        return "", place
    return word[:200], place + len(word) + 1


def _cef(text: str, host: str, claimed_ms: int | None) -> Line | None:
    parts = _split_header(text)
    if parts is None:
        return None
    topics, level, extension = parts
    fields = cef_fields(extension)
    by_topics = topics_severity(topics)
    severity = by_topics if by_topics is not None else _CEF_LEVELS.get(level.lower(), _INFO)
    host = fields.get("dvchost", "") or host
    message = fields.get("msg", extension).strip()
    return Line(topics[:200], severity, host[:200], claimed_ms, message)


def _split_header(text: str) -> tuple[str, str, str] | None:
    """Topics (the event's name), level and extension of `CEF:0|vendor|board|version|class|topics|level|extension`."""
    parts: list[str] = []
    start = place = 0
    while len(parts) < 7:  # noqa: PLR2004 - fields of a CEF header
        bar = text.find("|", place)
        if bar < 0:
            return None
        if text[bar - 1 : bar] == "\\":
            place = bar + 1
            continue
        parts.append(text[start:bar])
        start = place = bar + 1
    return parts[5], parts[6], text[start:]


def cef_fields(extension: str) -> dict[str, str]:
    """The `key=value` pairs of a CEF extension; a value ends where the next key begins."""
    marks = [mark for mark in _CEF_FIELD.finditer(extension) if extension[mark.start(1) - 1 : mark.start(1)] != "\\"]
    found: dict[str, str] = {}
    for number, mark in enumerate(marks[:64]):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(extension)
        value = extension[mark.end() : end]
        found[mark[1]] = value.replace("\\=", "=").replace("\\\\", "\\")
    return found


def _printable(text: str) -> str:
    """The text with tabs as spaces and every other character that can't be shown as U+FFFD."""
    return "".join(
        character if character.isprintable() else " " if character == "\t" else "\ufffd" for character in text
    )
