"""`/tool/fetch` against servers of the test, with TLS and without."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tikfleet.virtual.scripting.fetch import headers

from .small_router import HastyClock, SmallRouter


@dataclass
class Web:
    """A server that answers what a path says, and keeps what it was sent."""

    port: int = 0
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
        body = await reader.readexactly(int(found.get("content-length", "0")))
        self.heard.append((head[0], found, body))
        path = head[0].split(" ")[1]
        if path == "/silent":
            await reader.read()
        else:
            writer.write(self._answer(path))
        await writer.drain()
        writer.close()

    def _answer(self, path: str) -> bytes:
        if path.startswith("/size/"):
            return _response("200 OK", b"x" * int(path[6:]))
        if path == "/moved":
            return b"HTTP/1.1 302 Found\r\nLocation: /size/5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        if path == "/none":
            return _response("404 Not Found", b"nothing here")
        if path == "/bytes":
            return _response("200 OK", bytes(range(256)))
        return _response("200 OK", b"hello")


def _response(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nX-One: a; b, c\r\n\r\n".encode() + body


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    web = Web()
    server = await asyncio.start_server(web.serve, "127.0.0.1", 0)
    web.port = server.sockets[0].getsockname()[1]
    yield web
    server.close()


def fetching(web: Web, path: str, more: str = "output=user as-value") -> str:
    return f'[/tool fetch url="http://127.0.0.1:{web.port}{path}" {more}]'


async def test_a_body_arrives_in_a_variable(router: SmallRouter, web: Web) -> None:
    shown = await router.shown(f':local r {fetching(web, "/")}; :put ($r->"data"); :put ($r->"status")')

    assert shown == "hello\nfinished"
    assert web.heard[0][0] == "GET / HTTP/1.1"


@pytest.mark.parametrize(("size", "kept"), [(64_511, 64_511), (64_512, 64_512), (64_513, 64_512), (200_000, 64_512)])
async def test_a_long_body_is_cut_without_a_word(router: SmallRouter, web: Web, size: int, kept: int) -> None:
    source = f':local r {fetching(web, f"/size/{size}")}; :put [:len ($r->"data")]; :put ($r->"downloaded")'

    assert await router.shown(source) == f"{kept}\n{size // 1024}"


async def test_with_headers_less_of_the_body_is_kept(router: SmallRouter, web: Web) -> None:
    source = fetching(web, "/size/30000", "output=user-with-headers as-value")

    shown = await router.shown(f':local r {source}; :put [:len ($r->"data")]; :put ($r->"http-headers"->1)')

    assert shown == "20480\nx-one: a; b, c"


async def test_a_small_download_counts_one_kib(router: SmallRouter, web: Web) -> None:
    assert await router.shown(f':put ({fetching(web, "/")}->"downloaded")') == "1"


async def test_a_body_goes_to_a_file_whole(router: SmallRouter, web: Web) -> None:
    await router.run(f'/tool fetch url="http://127.0.0.1:{web.port}/size/300000" dst-path=big.bin')

    assert router.files.sizes()["big.bin"] == 300_000


async def test_bytes_of_any_kind_survive_in_a_variable(router: SmallRouter, web: Web) -> None:
    shown = await router.shown(f':local r {fetching(web, "/bytes")}; :put [:convert ($r->"data") to=hex]')

    assert shown == bytes(range(256)).hex()


async def test_a_request_carries_what_it_was_given(router: SmallRouter, web: Web) -> None:
    await router.run(
        fetching(
            web,
            "/",
            'http-method=post http-data="{\\"a\\":1}" output=user as-value '
            'http-header-field="Authorization: Bearer x,Content-Type: application/json"',
        )[1:-1]
    )

    line, found, body = web.heard[0]
    assert line.startswith("POST ")
    assert body == b'{"a":1}'
    assert found["authorization"] == "Bearer x"
    assert found["content-type"] == "application/json"
    assert found["accept-encoding"] == "deflate, gzip"


async def test_a_body_without_a_type_goes_as_a_form(router: SmallRouter, web: Web) -> None:
    await router.run(fetching(web, "/", 'http-method=post http-data="a=1" output=none')[1:-1])

    assert web.heard[0][1]["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("A: x,B: y", [("A", "x"), ("B", "y")]),
        (r"A: x\,y", [("A", "x,y")]),
        ("A: x,y\nB: z", [("A", "x,y"), ("B", "z")]),
        ("", []),
        ("nonsense", []),
    ],
)
def test_headers_part_at_commas(given: str, expected: list[tuple[str, str]]) -> None:
    assert headers(given) == expected


async def test_headers_can_be_an_array(router: SmallRouter, web: Web) -> None:
    await router.run(fetching(web, "/", 'output=none http-header-field=({ "A: x,y"; "B: z" })')[1:-1])

    assert (web.heard[0][1]["a"], web.heard[0][1]["b"]) == ("x,y", "z")


@pytest.mark.parametrize(
    ("version", "error"),
    [
        ("6.49.10", "failure: closing connection: <404 Not Found> 127.0.0.1:{port} (4)"),
        ("7.9", "failure: Fetch failed with status 404 (/tool/fetch; line 1)"),
        ("7.20.8", "failure: Fetch failed with status 404 (/tool/fetch; line 1)"),
        ("7.22.1", "failure: Status 404, Not Found (/tool/fetch; line 1)"),
    ],
)
async def test_another_status_is_an_error_in_the_words_of_the_release(
    router_of: Callable[..., SmallRouter], web: Web, version: str, error: str
) -> None:
    outcome = await router_of(version).run(fetching(web, "/none")[1:-1])

    assert outcome.error == error.format(port=web.port)


async def test_redirects_follow_the_release(router_of: Callable[..., SmallRouter], web: Web) -> None:
    source = f':put ({fetching(web, "/moved")}->"data")'

    old = await router_of("7.16").run(source)
    assert old.error == 'failure: Fetch failed with status 302 (Location: "/size/5") (/tool/fetch; line 1)'
    assert await router_of("7.20.8").shown(source) == "xxxxx"
    refused = f':put ({fetching(web, "/moved", "output=user as-value http-max-redirect-count=0")}->"data")'
    assert "status 302" in ((await router_of("7.20.8").run(refused)).error or "")


async def test_an_error_has_attributes_from_7_21(router_of: Callable[..., SmallRouter], web: Web) -> None:
    source = f':onerror e,attr in={{ {fetching(web, "/none")[1:-1]} }} do={{ :put ($attr->"code") }}'

    assert await router_of("7.22.1").shown(source) == "404"


async def test_a_silent_server_is_left(router: SmallRouter, web: Web) -> None:
    outcome = await router.run(fetching(web, "/silent", "output=user as-value idle-timeout=200ms")[1:-1])

    assert outcome.error == "failure: Idle timeout - waiting data (/tool/fetch; line 1)"


async def test_a_fetch_may_not_leave_this_machine(router: SmallRouter) -> None:
    outcome = await router.run('/tool fetch url="http://192.0.2.1/" output=none')

    assert "may not reach 192.0.2.1:80" in (outcome.error or "")


async def test_a_name_is_looked_up_in_the_routers_own_table(router: SmallRouter, web: Web) -> None:
    await router.run("/ip dns static add name=fleet.example address=127.0.0.1")

    assert await router.shown(
        f':put ([/tool fetch url="http://fleet.example:{web.port}/" output=user as-value]->"data")'
    )
    assert web.heard[0][1]["host"] == f"fleet.example:{web.port}"
    assert "resolving error" in ((await router.run('/tool fetch url="http://nowhere.example/"')).error or "")


async def test_device_mode_forbids_fetch(router_of: Callable[..., SmallRouter], web: Web) -> None:
    outcome = await router_of("7.20.8", mode="home").run(fetching(web, "/")[1:-1])

    assert outcome.error == "failure: not allowed by device-mode (/tool/fetch; line 1)"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ('url="ftp://127.0.0.1/"', "does not speak ftp"),
        ('url="http://"', "invalid URL"),
        ('url="http://[::"', "invalid URL"),
        ('url="http://127.0.0.1:99999/"', "invalid URL"),
        ('url="http://127.0.0.1:1/"', "failure: connection failed"),
        ('url="http://127.0.0.1:1/" upload=yes src-path=x', "uploads nothing"),
        ("output=user", "missing value(s) of argument(s) url"),
        ('url="http://127.0.0.1:1/" idle-timeout=nonsense', "invalid value"),
    ],
)
async def test_what_cannot_be_fetched_is_a_clear_error(router: SmallRouter, arguments: str, error: str) -> None:
    assert error in ((await router.run(f"/tool fetch {arguments}")).error or "")


async def test_data_over_64_kb_is_refused(router: SmallRouter, web: Web) -> None:
    source = f":local a [:rndstr length=65536]; {fetching(web, '/', 'http-method=post http-data=$a output=none')}"
    assert (await router.run(source)).error is None
    assert len(web.heard[0][2]) == 65_536


def certificates(directory: Path, named: str = "test authority") -> tuple[str, Path]:
    """An authority's PEM, and a file with a server's key and certificate for fleet.example and loopback."""
    now = dt.datetime.now(dt.UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, named)])

    def begun(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder(issuer, name, public, x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )

    root = begun(issuer, authority_key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    signed = root.sign(authority_key, hashes.SHA256())
    names = x509.SubjectAlternativeName([x509.DNSName("fleet.example"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    own = (
        begun(x509.Name([]), key.public_key()).add_extension(names, critical=False).sign(authority_key, hashes.SHA256())
    )
    chain = directory / "server.pem"
    chain.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + own.public_bytes(serialization.Encoding.PEM)
    )
    return signed.public_bytes(serialization.Encoding.PEM).decode(), chain


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[tuple[Web, str]]:
    authority, chain = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    web = Web()
    server = await asyncio.start_server(web.serve, "127.0.0.1", 0, ssl=context)
    web.port = server.sockets[0].getsockname()[1]
    yield web, authority
    server.close()


def trusting(router: SmallRouter, authority: str) -> None:
    router.menus.store.insert("/certificate", {"name": "ca", "trusted": "true", "_pem": authority})


async def test_a_certificate_is_checked_against_the_routers_own_store(
    router: SmallRouter, secure: tuple[Web, str]
) -> None:
    web, authority = secure
    source = (
        f':put ([/tool fetch url="https://127.0.0.1:{web.port}/" check-certificate=yes output=user as-value]->"data")'
    )

    refused = await router.run(source)
    assert refused.error == "failure: SSL: no trusted CA certificate found (6) (/tool/fetch; line 1)"
    trusting(router, authority)
    assert await router.shown(source) == "hello"


async def test_an_unknown_authority_is_refused(router: SmallRouter, secure: tuple[Web, str], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    trusting(router, certificates(tmp_path / "other", "another")[0])

    outcome = await router.run(f'/tool fetch url="https://127.0.0.1:{secure[0].port}/" check-certificate=yes')

    assert outcome.error == "failure: SSL: no trusted CA certificate found (6) (/tool/fetch; line 1)"


async def test_another_host_name_is_refused(router: SmallRouter, secure: tuple[Web, str]) -> None:
    web, authority = secure
    trusting(router, authority)
    await router.run("/ip dns static add name=other.example address=127.0.0.1")

    outcome = await router.run(f'/tool fetch url="https://other.example:{web.port}/" check-certificate=yes')

    assert "failure: SSL: ssl: cert not valid" in (outcome.error or "")


async def test_an_unset_clock_makes_a_certificate_invalid(
    router_of: Callable[..., SmallRouter], secure: tuple[Web, str]
) -> None:
    router = router_of("7.20.8", clock=HastyClock(start_s=0.0))
    trusting(router, secure[1])

    outcome = await router.run(f'/tool fetch url="https://127.0.0.1:{secure[0].port}/" check-certificate=yes')

    assert "cert not valid" in (outcome.error or "")


async def test_dates_are_those_of_the_routers_clock_alone(
    router_of: Callable[..., SmallRouter], secure: tuple[Web, str]
) -> None:
    later_s = dt.datetime.now(dt.UTC).timestamp() + 3 * 86_400
    router = router_of("7.20.8", clock=HastyClock(start_s=later_s))
    trusting(router, secure[1])

    outcome = await router.run(f'/tool fetch url="https://127.0.0.1:{secure[0].port}/" check-certificate=yes')

    assert "cert not valid" in (outcome.error or "")


async def test_without_a_check_any_certificate_will_do(router: SmallRouter, secure: tuple[Web, str]) -> None:
    outcome = await router.run(f'/tool fetch url="https://127.0.0.1:{secure[0].port}/" output=none')

    assert outcome.error is None
