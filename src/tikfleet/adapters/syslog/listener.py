"""Syslog over UDP, TCP and TLS: sockets on one side, whole messages on the other."""

import asyncio
import contextlib
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

# Address of the sender, local port, SHA-256 of its certificate or nothing, messages.
Take = Callable[[str, int, str, Sequence[bytes]], None]
# A datagram as it came, address of the sender, local port: whether it is no message, and was taken elsewhere.
Aside = Callable[[bytes, str, int], bool]


class Framing(Protocol):
    """Bytes of one connection in, messages out."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def rest(self) -> bytes:
        """What stands there without an end when the connection closes."""
        ...


class Door(msgspec.Struct, frozen=True):
    """Where to listen, and how a stream becomes messages. Without `tls` it is plain."""

    host: str
    port: int
    framer: Callable[[], Framing]
    tls: ssl.SSLContext | None = None


_RECEIVE_BUFFER_BYTES: Final = 16 << 20
_READ_BYTES: Final = 65_536
_IDLE_S: Final = 900.0
_MOST_CONNECTIONS: Final = 10_000
_TABLES: Final = (Path("/proc/net/udp"), Path("/proc/net/udp6"))


class UdpListener(asyncio.DatagramProtocol):
    """One message a packet."""

    def __init__(self, take: Take, port: int, aside: Aside | None = None) -> None:
        self._take = take
        self._port = port
        self._aside = aside

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if self._aside is not None and self._aside(data, str(addr[0]), self._port):
            return
        message = data.rstrip(b"\r\n\0")
        if message:
            self._take(str(addr[0]), self._port, "", (message,))


class StreamListener:
    """Connections over TCP or TLS; each has a framer of its own."""

    def __init__(self, take: Take, framer: Callable[[], Framing]) -> None:
        self._take = take
        self._framer = framer
        self._open: set[asyncio.StreamWriter] = set()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one connection to its end."""
        if len(self._open) >= _MOST_CONNECTIONS:
            writer.close()
            return
        self._open.add(writer)
        framer = self._framer()
        address, port = str(writer.get_extra_info("peername")[0]), int(writer.get_extra_info("sockname")[1])
        certificate = _certificate(writer)
        try:
            while data := await asyncio.wait_for(reader.read(_READ_BYTES), _IDLE_S):
                if messages := list(framer.feed(data)):
                    self._take(address, port, certificate, messages)
        except (OSError, TimeoutError):
            pass
        finally:
            if rest := framer.rest():
                self._take(address, port, certificate, (rest,))
            self._open.discard(writer)
            writer.close()

    def close(self) -> None:
        """Let every connection go."""
        for writer in list(self._open):
            writer.close()


@asynccontextmanager
async def udp(host: str, port: int, take: Take, aside: Aside | None = None) -> AsyncIterator[socket.socket]:
    """Listen on a UDP port until the block ends; gives the socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        sock.bind((host, port))
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    bound = int(sock.getsockname()[1])
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: UdpListener(take, bound, aside), sock=sock
    )
    try:
        yield sock
    finally:
        transport.close()


@asynccontextmanager
async def stream(door: Door, take: Take) -> AsyncIterator[int]:
    """Listen for connections until the block ends; gives the port. Raises OSError."""
    listener = StreamListener(take, door.framer)
    server = await asyncio.start_server(listener.converse, door.host, door.port, ssl=door.tls, backlog=512)
    bound = int(server.sockets[0].getsockname()[1])
    try:
        yield bound
    finally:
        server.close()
        listener.close()


def dropped_packets(sock: socket.socket) -> int:
    """How many packets the system has dropped for want of room since the socket was opened; 0 where it can't tell."""
    inode = ""
    with contextlib.suppress(OSError):
        inode = Path(f"/proc/self/fd/{sock.fileno()}").readlink().name.removeprefix("socket:[").rstrip("]")
    for table in _TABLES:
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[9] == inode:
                    return int(fields[-1])
    return 0


def tls_context(chain: Path, key: Path, clients: str = "") -> ssl.SSLContext:
    """TLS 1.2 and later; `clients` is a PEM file of who vouches for clients that show a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(chain, key)
    if clients:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(clients)
    return context


def _certificate(writer: asyncio.StreamWriter) -> str:
    found = writer.get_extra_info("ssl_object")
    shown = found.getpeercert(binary_form=True) if found is not None else None
    return hashlib.sha256(shown).hexdigest() if shown else ""
