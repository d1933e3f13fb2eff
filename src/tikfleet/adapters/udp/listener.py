"""A UDP port that takes datagrams for as long as it is open."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final

from tikfleet.kernel.errors import Unavailable

# What the kernel keeps while the process is busy; it gives less where `net.core.rmem_max` says so.
_RECEIVE_BYTES: Final = 16 << 20

# A datagram, the address and port of its sender.
Take = Callable[[bytes, str, int], None]


class PortUnavailable(Unavailable):
    """A port cannot be listened on."""

    code = "port.unavailable"
    title = "A port cannot be listened on"
    remedy = "Choose another port, or stop what listens on it."


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, take: Take) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._take(data, addr[0], addr[1])


async def open_udp(host: str, port: int, take: Take) -> asyncio.DatagramTransport:
    """Call `take` with each datagram until the transport is closed. Raises PortUnavailable."""
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(take), local_addr=(host, port)
        )
    except OSError as cause:
        raise PortUnavailable(f"UDP port {port} of {host or 'this machine'}: {cause.strerror or cause}") from cause
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
    return transport
