"""Log lines as routers send them: RouterOS's own form, and the BSD form (REFERENCE §10, with its bodies)."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from tikfleet.virtual.light.dice import Dice
from tikfleet.virtual.light.machine import Machine

_DAEMON: Final = 3 * 8
_INFO, _ERROR = 6, 3
_MAC_LETTERS: Final = "0123456789ABCDEF"
_NAMES: Final = ("android-7f3a", "DESKTOP-Q4", "iPhone", "printer", "tv-lounge", "till-2", "camera-yard", "voip-12")
_STRANGERS: Final = ("203.0.113.{}", "198.51.100.{}")
_KNOCKED: Final = (22, 23, 80, 443, 3389, 5060, 8291, 8728)


class Event(NamedTuple):
    """What happened on a router."""

    topics: str
    severity: int
    message: str


def happening(machine: Machine, dice: Dice) -> Event:
    """Something that happens to a router now and then: mostly clients and the firewall, seldom people."""
    return dice.weighted(_KINDS)(machine, dice)


def own_form(event: Event) -> bytes:
    """`topics message`: nothing in it says who sent it."""
    return f"{event.topics} {event.message}".encode()


def bsd_form(event: Event, machine: Machine, now: float) -> bytes:
    """Priority, the router's own time, its identity and the message, without topics."""
    at = time.gmtime(machine.local_s(now))
    stamp = f"{time.strftime('%b', at)} {at.tm_mday:2d} {time.strftime('%H:%M:%S', at)}"
    return f"<{_DAEMON + event.severity}>{stamp} {machine.identity} {event.message}".encode()


def host_of(dice: Dice) -> str:
    """An address behind a router."""
    return f"192.168.88.{dice.whole(10, 49)}"


def _mac(dice: Dice) -> str:
    return "02:" + ":".join(dice.text(_MAC_LETTERS, 2) for _ in range(5))


def _lease(machine: Machine, dice: Dice) -> Event:
    done = dice.choice(("assigned", "deassigned"))
    return Event("dhcp,info", _INFO, f"defconf {done} {host_of(dice)} for {_mac(dice)} {dice.choice(_NAMES)}")


def _dropped(machine: Machine, dice: Dice) -> Event:
    stranger = dice.choice(_STRANGERS).format(dice.whole(1, 254))
    ends = f"{stranger}:{dice.whole(32_768, 60_999)}->192.0.2.{machine.blueprint.index % 254 + 1}"
    to_port = dice.choice(_KNOCKED)
    text = f"drop input: in:{machine.links[0].name} out:(unknown 0), connection-state:new proto TCP (SYN), "
    return Event("firewall,info", _INFO, f"{text}{ends}:{to_port}, len {dice.choice((40, 44, 60))}")


def _client(machine: Machine, dice: Dice) -> Event:
    radios = [link.name for link in machine.links if link.kind in {"wifi", "wlan"}]
    if not radios:
        return _lease(machine, dice)
    state = f"connected, signal strength -{dice.whole(44, 78)}" if dice.chance(0.5) else "disconnected, connection lost"
    return Event("wireless,info", _INFO, f"{_mac(dice)}@{dice.choice(radios)}: {state}")


def _link(machine: Machine, dice: Dice) -> Event:
    ports = [link.name for link in machine.links if link.is_port] or [machine.links[0].name]
    state = "up (speed 1G, full duplex)" if dice.chance(0.5) else "down"
    return Event("interface,info", _INFO, f"{dice.choice(ports)} link {state}")


def _login(machine: Machine, dice: Dice) -> Event:
    done = dice.choice(("in", "out"))
    return Event("system,info,account", _INFO, f"user admin logged {done} from {host_of(dice)} via winbox")


def _failure(machine: Machine, dice: Dice) -> Event:
    stranger = dice.choice(_STRANGERS).format(dice.whole(1, 254))
    user = dice.choice(("root", "admin", "test", "ubnt"))
    return Event("system,error,critical", _ERROR, f"login failure for user {user} from {stranger} via ssh")


def _change(machine: Machine, dice: Dice) -> Event:
    return Event(
        "system,info", _INFO, dice.choice(("filter rule", "nat rule", "address list entry")) + " changed by admin"
    )


_KINDS: Final[tuple[tuple[Callable[[Machine, Dice], Event], float], ...]] = (
    (_dropped, 0.52), (_lease, 0.26), (_client, 0.20), (_link, 0.006), (_login, 0.006), (_failure, 0.004),
    (_change, 0.004),
)  # fmt: skip
