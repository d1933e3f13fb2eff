"""librouteros, blocking and with an event loop, against routers of three releases."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from typing import Any

import librouteros
import pytest
from librouteros.exceptions import TrapError
from librouteros.login import plain
from librouteros.query import And, Key, Or

from .office import Office


def dial(office: Office, user: str = "admin", password: str = "", **options: Any) -> Any:
    given = {"port": office.port("api"), "login_method": plain, "encoding": "utf-8", "timeout": 20, **options}
    return librouteros.connect("127.0.0.1", user, password, **given)


@pytest.fixture
def api(office: Office) -> Iterator[Any]:
    with contextlib.closing(dial(office)) as connection:
        yield connection


def test_interfaces_are_listed_with_their_types(api: Any) -> None:
    rows = {row["name"]: row for row in api.path("interface")}
    assert rows["bridge1"]["type"] == "bridge"
    assert rows["bridge1"]["comment"] == "office LAN"
    assert rows["ether1"]["running"] is True
    assert rows["guests"]["type"] == "vlan"


def test_a_query_picks_rows_and_a_property_list_their_values(api: Any) -> None:
    name, kind = Key("name"), Key("type")
    found = list(api.path("interface").select(name, kind).where(Or(kind == "bridge", kind == "vlan")))
    assert sorted(row["name"] for row in found) == ["bridge1", "guests"]
    assert {frozenset(row) for row in found} == {frozenset({"name", "type"})}
    assert list(api.path("interface").select(name).where(And(kind == "vlan", name == "bridge1"))) == []


def test_rows_without_a_property_are_found(api: Any) -> None:
    rows = api.rawCmd("/ip/address/print", "?-comment", "=.proplist=address")
    assert [row["address"] for row in rows] == ["192.168.30.1/24"]
    assert len(list(api.rawCmd("/ip/address/print", "?comment", "?#!"))) == 1


def test_an_address_comes_changes_and_goes(api: Any, office: Office) -> None:
    addresses = api.path("ip", "address")
    number = addresses.add(address="10.1.1.1/24", interface="ether4", comment="nouveau: été")
    addresses.update(**{".id": number, "address": "10.1.2.1/24", "disabled": True})

    row = next(iter(addresses.select().where(Key(".id") == number)))
    assert row["network"] == "10.1.2.0"
    assert row["disabled"] is True
    assert row["comment"] == "nouveau: été"
    addresses.remove(number)
    assert "10.1.2.1/24" not in office.typed("/ip address print")


def test_a_rule_is_placed_and_moved(api: Any) -> None:
    path = api.path("ip", "firewall", "filter")
    first = next(row[".id"] for row in path if row.get("comment") == "known connections")
    number = path.add(chain="input", action="accept", comment="first", **{"place-before": first})
    assert next(iter(path))["comment"] == "first"

    tuple(path("move", numbers=number))
    assert list(path)[-1]["comment"] == "first"
    tuple(path("move", numbers=number, destination=first))
    assert [row.get("comment") for row in path][:2] == ["first", "known connections"]
    path.remove(number)


def test_errors_have_the_words_of_the_router(api: Any) -> None:
    for command, words, message in (
        ("/ip/address/add", {"address": "nonsense", "interface": "ether1"}, "invalid value for argument address"),
        ("/ip/address/add", {"address": "10.0.0.1/24", "interface": "nowhere"}, "input does not match any value of"),
        ("/ip/address/add", {"adress": "10.0.0.1/24"}, "unknown parameter adress"),
        ("/ip/address/remove", {".id": "*FFFF"}, "no such item"),
        ("/ip/addresses/print", {}, "no such command prefix"),
        ("/ip/address/frobnicate", {}, "no such command"),
        ("/interface/bridge/add", {"name": "bridge1"}, "failure: already have"),
    ):
        with pytest.raises(TrapError) as caught:
            tuple(api(command, **words))
        assert message in caught.value.message
    assert api.path("system", "identity").select(Key("name"))


def test_users_come_in_with_what_their_group_may(api: Any, office: Office) -> None:
    users = api.path("user")
    number = users.add(name="anna", group="read", password="s3cret ü")
    with contextlib.closing(dial(office, "anna", "s3cret ü")) as reader:
        assert next(iter(reader.path("system", "identity")))["name"] == "office"
        with pytest.raises(TrapError, match="not enough permissions"):
            reader.path("ip", "address").add(address="10.1.1.1/24", interface="ether4")
    with pytest.raises(TrapError, match="invalid user name or password"):
        dial(office, "anna", "wrong")
    users.remove(number)


def test_a_value_of_64_kilobytes_comes_back_whole(api: Any) -> None:
    source = "# " + "x" * 64_000 + "é"
    scripts = api.path("system", "script")
    number = scripts.add(name="long", source=source)
    assert next(iter(scripts.select(Key("source")).where(Key("name") == "long")))["source"] == source
    scripts.remove(number)


def test_a_script_runs_and_the_log_tells(api: Any) -> None:
    number = next(row[".id"] for row in api.path("system", "script") if row["name"] == "hello")
    tuple(api("/system/script/run", **{".id": number}))
    assert any(row["message"] == "hello from a script" for row in api.path("log"))
    found = {row["name"]: row["value"] for row in api.path("system", "script", "environment")}
    assert found["greeted"] in ("yes", True)  # the client makes booleans of such words


def test_resources_leases_and_names_are_read(api: Any) -> None:
    resource = next(iter(api.path("system", "resource")))
    assert resource["version"].split()[0] in {"7.20.8", "7.16.2", "6.49.10"}
    assert isinstance(resource["free-memory"], int)
    lease = next(row for row in api.path("ip", "dhcp-server", "lease") if row.get("comment") == "printer")
    assert lease["mac-address"] == "00:0C:42:11:22:33"
    static = api.path("ip", "dns", "static")
    number = static.add(name="new.office.example", address="192.0.2.9")
    assert [row["address"] for row in static if row["name"] == "new.office.example"] == ["192.0.2.9"]
    static.remove(number)


def test_a_ping_counts_its_packets(api: Any) -> None:
    rows = tuple(api("/ping", address="192.0.2.1", count="3", interval="20ms"))
    # Nothing behind the last packet: clients take its totals for those of the ping.
    assert [row["seq"] for row in rows] == [0, 1, 2]
    assert rows[-1]["received"] == 3


def test_every_interface_counts_its_packets(api: Any) -> None:
    assert {"tx-packet", "rx-packet", "tx-byte", "rx-byte"} <= set.intersection(*map(set, api("/interface/print")))


def test_fetch_of_an_address_that_nobody_serves_fails(api: Any) -> None:
    with pytest.raises(
        TrapError, match=r"failure: (Connection refused|closing connection: <connect failed>|connection failed)"
    ):
        tuple(api("/tool/fetch", url="http://127.0.0.1:9/x", output="none"))


def test_counting_gives_a_number(api: Any) -> None:
    assert tuple(api.rawCmd("/interface/print", "=count-only=")) in [({"ret": n},) for n in range(5, 12)]


def test_the_same_over_tls(office: Office) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.closing(dial(office, port=office.port("api-ssl"), ssl_wrapper=context.wrap_socket)) as api:
        assert next(iter(api.path("system", "identity")))["name"] == "office"


def test_an_event_loop_reads_adds_and_hears_a_trap(office: Office) -> None:
    async def work() -> None:
        api = await librouteros.async_connect(
            "127.0.0.1", "admin", "", port=office.port("api"), encoding="utf-8", timeout=20
        )
        addresses = api.path("ip", "address")
        number = await addresses.add(address="10.7.7.7/24", interface="ether4", comment="éé")
        found = [row async for row in addresses.select().where(Key("comment") == "éé")]
        assert [row[".id"] for row in found] == [number]
        await addresses.remove(number)
        with pytest.raises(TrapError, match="no such item"):
            await addresses.remove(number)
        assert "bridge1" in [row["name"] async for row in api.path("interface")]
        await api.close()

    asyncio.run(work())


def test_a_listener_hears_of_changes_as_they_happen(api: Any, office: Office) -> None:
    with contextlib.closing(dial(office)) as other:
        # The client's own reading of a command waits for its end, so this reads sentence by sentence.
        api.protocol.writeSentence("/ip/address/listen", "=.proplist=.id,address")
        assert list(other.path("system", "identity"))
        first = other.path("ip", "address").add(address="10.3.3.3/24", interface="ether4")
        assert api.readSentence() == ("!re", {".id": first, "address": "10.3.3.3/24"})
        other.path("ip", "address").remove(first)
        assert api.readSentence() == ("!re", {".id": first, ".dead": True})
        api.protocol.writeSentence("/cancel")
        ended = [api.readSentence() for _ in range(3)]
        assert ended == [("!trap", {"category": 2, "message": "interrupted"}), ("!done", {}), ("!done", {})]
