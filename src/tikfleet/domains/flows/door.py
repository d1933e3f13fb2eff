"""Where datagrams that came to a port of a single device are told from lines of its log."""

from typing import Final, Protocol

# NetFlow 5 and 9, IPFIX.
_VERSIONS: Final = (b"\0\5", b"\0\t", b"\0\n")


class Taker(Protocol):
    """What takes datagrams of flows (`FlowCollector`)."""

    def take(self, data: bytes, address: str, sender_port: int, port: int) -> None: ...


class FlowDoor:
    """Recognises flows; shut while no flows are taken."""

    def __init__(self) -> None:
        self._taker: Taker | None = None

    def open(self, taker: Taker | None) -> None:
        """Give flows to this one from now on; None shuts the door."""
        self._taker = taker

    def take(self, data: bytes, address: str, port: int) -> bool:
        """Whether it is a packet of flows, by its version; no line of a log begins so. The port tells the device."""
        if self._taker is None or data[:2] not in _VERSIONS:
            return False
        self._taker.take(data, address, 0, port)
        return True
