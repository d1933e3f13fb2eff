"""The interfaces of a board in its role: names, kinds, and which share of the site's traffic each carries."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from tikfleet.virtual.light.hardware import Board

_WIRED_SHARE: Final = 0.55  # of the traffic of a board that also has radios


@dataclass(frozen=True, slots=True)
class Link:
    """`share` of the site's traffic; `inward` faces users, so what the site downloads is what it transmits."""

    name: str
    kind: str
    share: float
    inward: bool
    mtu: str = "1500"

    @property
    def is_port(self) -> bool:
        return self.kind == "ether" and self.inward


@cache
def layout(board: Board, role: str) -> tuple[Link, ...]:
    """In the order in which the router lists them. The first link is the one with the default route."""
    ports = _port_names(board)
    radios = [f"{'wifi' if board.wifi == 'wifi' else 'wlan'}{n + 1}" for n in range(board.radios)]
    kind = "wifi" if board.wifi == "wifi" else "wlan"
    wan, wan_kind = ports[0], "ether"
    if board.lte:
        wan, wan_kind = "lte1", "lte"
    elif role == "subscriber":
        wan, wan_kind = radios[0], kind
    elif role == "core" and ports[-1].startswith("sfp"):
        wan = ports[-1]
    inner_radios = [radio for radio in radios if radio != wan]
    links = [Link(wan, wan_kind, 1.0, inward=False)]
    links += _shared([p for p in ports if p != wan], "ether", _WIRED_SHARE if inner_radios else 1.0)
    links += _shared(inner_radios, kind, 1.0 - _WIRED_SHARE)
    if role not in {"core", "subscriber"}:
        links.append(Link("bridge", "bridge", 1.0, inward=True))
    if role == "core":
        links.append(Link("vlan10-mgmt", "vlan", 0.01, inward=True))
    return tuple(links)


def _port_names(board: Board) -> list[str]:
    names = [f"ether{n + 1}" for n in range(board.ports.copper)]
    names += [f"sfp{n + 1}" for n in range(board.ports.sfp)]
    return names + [f"sfp-sfpplus{n + 1}" for n in range(board.ports.sfp_plus)]


def _shared(names: list[str], kind: str, total: float) -> list[Link]:
    weights = [1.0 / (place + 1) for place in range(len(names))]
    scale = total / sum(weights) if weights else 0.0
    return [Link(name, kind, weight * scale, inward=True) for name, weight in zip(names, weights, strict=True)]
