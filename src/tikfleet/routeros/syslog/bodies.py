"""What a router's message tells: who, from where, on which interface, what the firewall saw.

Wordings are those of RouterOS 6 and 7 in public logs (REFERENCE of the manual, "Log"); names that a stranger chooses,
such as the user of a failed login, may hold any words, so the last `from` and `via` count.
"""

import re
from typing import Final, NamedTuple

_ADDRESS: Final = r"(\[[0-9A-Fa-f:.%]+\]|[0-9.]+|[0-9A-Fa-f:.]+?)(?::(\d{1,5}))?"
_FIREWALL: Final = re.compile(
    r": in:(.*?) out:(.*?),? (?:connection-mark:\S* )?(?:connection-state:([a-z,]*?),? )?"
    r"(?:src-mac ([0-9A-Fa-f:]{17}), )?"
    rf"proto ([\w-]+)(?: \([^)]*\))?, {_ADDRESS}->{_ADDRESS}(?=[,\s]|$)"
)
_SOURCE: Final = 6
_FAILURE: Final = re.compile(r"login failure for user (.*) from (\S+) via (\S+)$")
_LOGIN: Final = re.compile(r"user (.*) logged (in|out)(?: from (\S+))?(?: via (\S+))?$")
_LEASE: Final = re.compile(r"(\S+) (assigned|deassigned) (\S+) (?:for|to|from) ([0-9A-Fa-f:]{17})")
_LINK: Final = re.compile(r"(.{1,64}) link (up|down)\b")
_CHANGE: Final = re.compile(r"(.*?)\b(added|changed|removed|moved|enabled|disabled|set) by (.+)$")
_WHO: Final = re.compile(r"(?:([^\s(:]+)(?:\([^)]*\))?:)?(.+?)(?:@([0-9A-Fa-f:.]+))?$")
_UNKNOWN: Final = "(unknown"
# What changes something by itself, for no person.
_MACHINES: Final = frozenset({"scheduler", "script", "netwatch", "dhcp"})
_MAX_WORD: Final = 128


class Body(NamedTuple):
    """Fields of a message; what it does not tell is empty. `action` says what happened, or what a tool did."""

    action: str = ""
    user: str = ""
    address: str = ""
    interface: str = ""
    out_interface: str = ""
    chain: str = ""
    protocol: str = ""
    port: int = 0
    to_address: str = ""
    to_port: int = 0
    mac: str = ""
    tool: str = ""


NOTHING: Final = Body()


def fields_of(topics: str, message: str) -> Body:
    """What the message tells. Any text at all; words are cut at 128 characters."""
    place = message.find(": in:")
    if place >= 0 and (found := _FIREWALL.match(message, place)) is not None:
        return _packet(message, place, found)
    if " by " in message:
        if (change := _CHANGE.match(message)) is not None and not topics.startswith("firewall"):
            return _change(change)
    elif " link " in message:
        if (link := _LINK.match(message)) is not None:
            return Body("link-" + link[2], interface=link[1])
    elif message.startswith(("login failure", "user ")):
        return _session(message)
    elif "assigned " in message:
        if (lease := _LEASE.match(message)) is not None:
            return Body("lease-" + lease[2], address=_word(lease[3]), interface=_word(lease[1]), mac=lease[4])
    elif "script" in topics and "error" in topics:
        return Body("script-error")
    elif message == "router rebooted" or message.startswith("router rebooted"):
        return Body("rebooted")
    return NOTHING


def packet_address_at(message: str) -> int:
    """Where the first address of a firewall's packet begins; -1 where the message tells of none."""
    place = message.find(": in:")
    found = _FIREWALL.match(message, place) if place >= 0 else None
    return -1 if found is None else found.start(_SOURCE)


def _packet(message: str, place: int, found: re.Match[str]) -> Body:
    chain_at = message.rfind(" ", 0, place) + 1
    inward, outward, state, mac, protocol, source, source_port, target, target_port = found.groups()
    prefix = message[: chain_at - 1].strip() if chain_at else ""
    return Body(
        prefix.rstrip(":")[:_MAX_WORD] or state or "",
        "",
        source.strip("[]"),
        "" if inward.startswith(_UNKNOWN) else inward[:_MAX_WORD],
        "" if outward.startswith(_UNKNOWN) else outward[:_MAX_WORD],
        message[chain_at:place][:_MAX_WORD],
        protocol,
        int(source_port or 0) & 0xFFFF,
        target.strip("[]"),
        int(target_port or 0) & 0xFFFF,
        mac or "",
    )


def _session(message: str) -> Body:
    if (failure := _FAILURE.match(message)) is not None:
        return Body("login-failure", _word(failure[1]), _word(failure[2]), tool=_word(failure[3]))
    if (login := _LOGIN.match(message)) is not None:
        return Body(f"log{login[2]}", _word(login[1]), _word(login[3] or ""), tool=_word(login[4] or ""))
    return NOTHING


def _change(found: re.Match[str]) -> Body:
    """`X changed by admin`, and of 7.x `X changed by winbox-3.41/tcp-msg(winbox):admin@192.0.2.1 (/ip …)`."""
    by = found[3].partition(" (")[0]
    who = _WHO.match(by)
    if who is None:
        return NOTHING
    action = "config-" + found[2]
    if who[1] in _MACHINES:
        return Body(action, tool=_word(by))
    return Body(action, _word(who[2]), _word(who[3] or ""), tool=_word(who[1] or ""))


def _word(text: str) -> str:
    return text[:_MAX_WORD]
