"""What arrives at the REST server from clients that err, attack or fall asleep."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.virtual.servers.small_router import SmallRouter
from tikfleet.virtual.servers.rest import RestOptions, RestServer
from tikfleet.virtual.servers.rest_connection import HttpRequest, Limits
from tikfleet.virtual.servers.rest_json import MalformedJson, decoded

WORD = base64.b64encode(b"admin:secret").decode()
HEAD = f"Host: router\r\nAuthorization: Basic {WORD}\r\n"
LIMITS = Limits(arrival_s=0.3, idle_s=0.5)


@pytest.fixture
async def server() -> AsyncIterator[RestServer]:
    server = RestServer(SmallRouter(), RestOptions(limits=LIMITS))
    await server.start()
    yield server
    await server.close()


async def spoken_to(server: RestServer, *pieces: bytes, pause_s: float = 0.0, end: bool = False) -> bytes:
    """Everything that the server says to these bytes until it ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        if end:
            writer.write_eof()
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET /rest HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"GET /rest/\x00 HTTP/1.1\r\nHost: a\r\n\r\n", b"400"),
        (b"GET /rest HTTP/1.1\r\n\r\n", b"400"),
        (b"POST /rest HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /rest HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n", b"400"),
        (b"POST /rest HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", b"400"),
        (b"GET /rest HTTP/1.1\r\n" + b"X-Flood: " + b"a" * 200_000, b"431"),
        (b"GET /rest HTTP/1.1\r\n" + b"X: y\r\n" * 50_000, b"431"),
        (b"GET /" + b"a" * 200_000, b"431"),
    ],
)
async def test_nonsense_gets_a_status_and_the_end_of_the_connection(
    server: RestServer, sent: bytes, status: bytes
) -> None:
    reply = await spoken_to(server, sent)
    assert reply.startswith(b"HTTP/1.1 " + status), reply[:80]
    assert b"connection: close" in reply.lower()


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_of_ten_megabytes_is_turned_away(server: RestServer, declared: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 65_536

    async with httpx.AsyncClient(auth=("admin", "secret")) as client:
        content = b"x" * 10_485_760 if declared else chunks()
        url = f"http://127.0.0.1:{server.port}/rest/ip/address"
        reply = await client.put(url, content=content, headers={"content-type": "application/json"})
    assert reply.status_code == 413


async def test_a_request_that_stops_in_the_middle_is_dropped_in_time(server: RestServer) -> None:
    head = f"PUT /rest/ip/address HTTP/1.1\r\n{HEAD}Content-Length: 100\r\n\r\n{{".encode()
    assert await spoken_to(server, head) == b""
    assert (await spoken_to(server, head, end=True)).startswith(b"HTTP/1.1 400 ")
    assert await spoken_to(server, b"GET /rest HT") == b""
    assert await spoken_to(server) == b""


async def test_one_byte_at_a_time_does_not_hold_a_connection_for_ever(server: RestServer) -> None:
    began = asyncio.get_running_loop().time()
    slow = [b"GET /rest HTTP/1.1\r\n", *[b"X: y\r\n"] * 100]
    assert await spoken_to(server, *slow, pause_s=0.02) == b""
    assert asyncio.get_running_loop().time() - began < 4


async def test_requests_that_come_at_once_are_answered_in_their_order(server: RestServer) -> None:
    one = f"GET /rest/system/identity HTTP/1.1\r\n{HEAD}\r\n"
    two = f"GET /rest/ip/address/*1?.proplist=address HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n"
    reply = await spoken_to(server, (one + two).encode())
    first, second = reply.index(b'{"name":"Test"}'), reply.index(b'{"address":"192.168.88.1/24"}')
    assert first < second


async def test_http_1_0_and_expect_are_served(server: RestServer) -> None:
    old = await spoken_to(server, f"GET /rest/system/identity HTTP/1.0\r\n{HEAD}\r\n".encode())
    assert old.endswith(b'{"name":"Test"}')

    head = f"POST /rest/ip/address/print HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nConnection: close\r\n"
    expecting = head + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    reply = await spoken_to(server, expecting.encode(), b"{}", pause_s=0.05)
    assert reply.startswith(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 200 " in reply


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_json_are_an_object_or_refused(data: bytes) -> None:
    try:
        decoded(data)
    except MalformedJson:
        return


@given(st.text(max_size=60), st.sampled_from(["GET", "PUT", "PATCH", "DELETE", "POST"]))
@settings(max_examples=150, deadline=None)
def test_any_path_and_query_get_an_answer(target: str, method: str) -> None:
    async def ask() -> int:
        server = RestServer(SmallRouter())
        headers = {"authorization": f"Basic {WORD}"}
        reply = await server.answer(HttpRequest(method, f"/rest/ip/address/{target}", headers, b"", "127.0.0.1"))
        await server.close()
        return reply.status

    assert asyncio.run(ask()) in {200, 201, 204, 400, 404}


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "router")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    kind = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
    path = tmp_path / "router.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_tls_is_served_and_plain_text_on_its_port_is_not(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = RestServer(SmallRouter("7.1beta4"), RestOptions(tls=context))
    await server.start()
    trust = ssl.create_default_context(cafile=str(certificate))
    async with httpx.AsyncClient(auth=("admin", "secret"), verify=trust) as client:
        url = f"https://127.0.0.1:{server.port}/rest"
        assert (await client.get(f"{url}/system/identity")).json() == {"name": "Test"}
        added = await client.put(f"{url}/ip/address", json={"address": "1.1.1.1/32"})
        assert added.headers["location"].startswith("https://127.0.0.1:")
    assert b"200" not in await spoken_to(server, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", end=True)
    await server.close()
