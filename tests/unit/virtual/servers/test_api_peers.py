"""Clients that others wrote, and ours, against the server: each by its own public interface."""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import librouteros
import librouteros.exceptions
import librouteros.login
import pytest
import routeros_api
import routeros_api.exceptions
import uvloop
from api_router import PASSWORDS, ApiRouter
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from librouteros.query import Key
from raw_api import RawClient

from tikfleet.routeros.api import asynchronous, connection, tls
from tikfleet.routeros.api.errors import ConnectionLost, LoginRefused, Trap
from tikfleet.routeros.api.login import Credentials, Login
from tikfleet.routeros.api.query import equals, has
from tikfleet.routeros.api.target import Target
from tikfleet.virtual.servers.api import ApiOptions, ApiServer

Serve = Callable[..., int]


@pytest.fixture
def router() -> ApiRouter:
    return ApiRouter()


@pytest.fixture
def serve(router: ApiRouter) -> Iterator[Serve]:
    """Runs servers in a thread of their own, for clients that block; gives the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers: list[ApiServer] = []

    def start(**options: Any) -> int:
        server = ApiServer(router, ApiOptions(**options))
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        servers.append(server)
        return server.port

    yield start
    for server in servers:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "router")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "router.pem"
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(built.public_bytes(encoding) + secret)
    return file


@pytest.fixture
def secured(serve: Serve, certificate: Path) -> int:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return serve(tls=context)


def test_librouteros_prints_queries_and_changes(serve: Serve, router: ApiRouter) -> None:
    api = librouteros.connect("127.0.0.1", "admin", "x", port=serve())
    name, kind = Key("name"), Key("type")
    interfaces = api.path("/interface")
    assert [row["name"] for row in interfaces] == ["ether1", "ether2", "ether3", "vlan7"]
    assert list(interfaces.select(name).where(kind == "vlan")) == [{"name": "vlan7"}]
    addresses = api.path("/ip/address")
    assert list(addresses) == []
    new = addresses.add(address="10.0.0.1/24", disabled=True)
    addresses.update(**{".id": new, "comment": ""})
    assert list(addresses) == [{".id": new, "address": "10.0.0.1/24", "disabled": True, "comment": ""}]
    addresses.remove(new)
    with pytest.raises(librouteros.exceptions.TrapError, match="no such item"):
        addresses.remove(new)
    assert list(addresses) == []
    api.close()


def test_librouteros_is_refused_and_logs_in_the_old_way(serve: Serve) -> None:
    with pytest.raises(librouteros.exceptions.TrapError, match="invalid user name or password"):
        librouteros.connect("127.0.0.1", "admin", "wrong", port=serve())
    old = serve(passwords=PASSWORDS.get)
    api = librouteros.connect("127.0.0.1", "admin", "x", port=old, login_method=librouteros.login.token)
    assert len(list(api.path("/interface"))) == 4
    api.close()


def test_librouteros_asynchronously(serve: Serve) -> None:
    async def session() -> None:
        api = await librouteros.async_connect("127.0.0.1", "admin", "x", port=serve())
        rows = [row async for row in api("/interface/print")]
        assert [row["name"] for row in rows] == ["ether1", "ether2", "ether3", "vlan7"]
        assert [row async for row in api("/ip/address/print")] == []
        await api.close()

    asyncio.run(session())


@pytest.mark.parametrize("plaintext", [True, False])
def test_routeros_api_gets_adds_sets_and_removes(serve: Serve, router: ApiRouter, *, plaintext: bool) -> None:
    port = serve() if plaintext else serve(passwords=PASSWORDS.get)
    pool = routeros_api.RouterOsApiPool("127.0.0.1", "admin", "x", port=port, plaintext_login=plaintext)
    api = pool.get_api()
    interfaces = api.get_resource("/interface")
    assert [row["name"] for row in interfaces.get(type="ether")] == ["ether1", "ether2", "ether3"]
    assert interfaces.get(name="none") == []
    addresses = api.get_resource("/ip/address")
    addresses.add(address="10.0.0.1/24", comment="")
    (row,) = addresses.get()
    assert (row["address"], row["comment"]) == ("10.0.0.1/24", "")
    addresses.set(id=row["id"], comment="Büro")
    assert router.tables["/ip/address"][0]["comment"] == "Büro"
    addresses.remove(id=row["id"])
    with pytest.raises(routeros_api.exceptions.RouterOsApiCommunicationError, match="no such item"):
        addresses.remove(id=row["id"])
    pool.disconnect()


def test_librouteros_and_routeros_api_speak_tls(secured: int, certificate: Path) -> None:
    context = ssl.create_default_context(cafile=str(certificate))
    api = librouteros.connect(
        "127.0.0.1", "admin", "x", port=secured,
        ssl_wrapper=lambda plain: context.wrap_socket(plain, server_hostname="127.0.0.1"),
    )  # fmt: skip
    assert len(list(api.path("/interface"))) == 4
    api.close()
    pool = routeros_api.RouterOsApiPool(
        "127.0.0.1", "admin", "x", port=secured, plaintext_login=True, use_ssl=True, ssl_context=context
    )
    assert len(pool.get_api().get_resource("/interface").get()) == 4
    pool.disconnect()


def test_our_blocking_client_does_all_of_it(serve: Serve, router: ApiRouter) -> None:
    with connection.connect("127.0.0.1", "admin", "x", tls=tls.PLAIN, port=serve()) as api:
        menu = api.menu("/ip/address")
        new = menu.add({"address": "10.0.0.1/24", "comment": "Büro"})
        assert menu.get(["comment"], equals("address", "10.0.0.1/24") & has("comment")) == [{"comment": "Büro"}]
        with api.listen("/ip/address") as changes:
            menu.set({"comment": "x"}, [new])
            menu.remove(new)
            assert [next(changes) for _ in range(2)] == [
                {".id": new, "address": "10.0.0.1/24", "comment": "x"}, {".id": new, ".dead": "yes"},
            ]  # fmt: skip
        with pytest.raises(Trap, match="no such item"):
            menu.remove(new)
        assert menu.get() == []
        assert router.listeners == 0


@pytest.mark.parametrize("trust", ["own authority", "unverified"])
async def test_our_clients_speak_tls(secured: int, certificate: Path, trust: str) -> None:
    chosen = tls.verified(str(certificate)) if trust == "own authority" else tls.unverified()
    async with await asynchronous.connect("127.0.0.1", "admin", "x", tls=chosen, port=secured) as api:
        assert len(await api.call("/interface/print")) == 4
    blocking = await asyncio.to_thread(
        lambda: connection.connect("127.0.0.1", "admin", "x", tls=chosen, port=secured)
    )  # fmt: skip
    big = "x" * 150_000
    await asyncio.to_thread(lambda: blocking.menu("/ip/address").add({"comment": big}))
    assert (await asyncio.to_thread(lambda: blocking.menu("/ip/address").get()))[0]["comment"] == big
    blocking.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused_by_default(secured: int) -> None:
    with pytest.raises(ConnectionLost, match="certificate verify failed"):
        await asynchronous.connect("127.0.0.1", "admin", "x", port=secured)
    with pytest.raises(ConnectionLost, match="certificate verify failed"):
        await asyncio.to_thread(lambda: connection.connect("127.0.0.1", "admin", "x", port=secured))


def test_a_router_without_a_certificate_is_reached_anonymously(serve: Serve) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AECDH:@SECLEVEL=0")
    port = serve(tls=context)
    with connection.connect("127.0.0.1", "admin", "x", tls=tls.anonymous(), port=port) as api:
        assert len(api.call("/interface/print")) == 4
    with pytest.raises(ConnectionLost):
        connection.connect("127.0.0.1", "admin", "x", tls=tls.unverified(), port=port)


@pytest.mark.parametrize("login", list(Login))
async def test_our_client_logs_in_every_way(serve: Serve, login: Login) -> None:
    target = Target("127.0.0.1", Credentials("Zoë", "pä§§", login), tls.PLAIN, serve(passwords=PASSWORDS.get))
    api = asynchronous.AsyncConnection(target)
    assert len(await api.call("/interface/print")) == 4
    await api.close()
    wrong = asynchronous.AsyncConnection(Target("127.0.0.1", Credentials("Zoë", "?", login), tls.PLAIN, target.port))
    with pytest.raises(LoginRefused, match="invalid user name or password"):
        await wrong.open()
    await wrong.close()


async def test_sentences_that_real_clients_sent_are_answered(serve: Serve, corpora: Path) -> None:
    recorded = json.loads((corpora / "api-client-sentences" / "sentences.json").read_text())
    client = await RawClient.logged_in(serve())
    sentences = [words for of_client in recorded.values() for words in of_client if words[0] != "/login"]
    assert len(sentences) > 100
    for number, words in enumerate(sentences):
        kept = [word for word in words if not word.startswith(".tag=")]
        heard = await client.ask(*kept, f".tag={number}")
        assert heard[-1][0] == "!done"
        assert all(sentence[-1] == f".tag={number}" for sentence in heard)
        assert heard[0][0] != "!trap" or "no such command" in heard[0][2] or "no such item" in heard[0][2], words
    with contextlib.suppress(ConnectionError):
        client.close()


def test_server_and_client_run_on_uvloop_as_well(router: ApiRouter, certificate: Path) -> None:
    async def session(tls_at_server: ssl.SSLContext | None, tls_at_client: Any) -> int:
        server = ApiServer(router, ApiOptions(tls=tls_at_server))
        await server.start()
        async with await asynchronous.connect("127.0.0.1", "admin", "x", tls=tls_at_client, port=server.port) as api:
            replies = await asyncio.gather(*(api.call("/interface/print") for _ in range(20)))
        await server.close()
        return sum(map(len, replies))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    assert uvloop.run(session(None, tls.PLAIN)) == 80
    assert uvloop.run(session(context, tls.verified(str(certificate)))) == 80
