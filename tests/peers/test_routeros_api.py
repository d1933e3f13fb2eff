"""RouterOS-api: tags on everything, one word a packet."""

from collections.abc import Iterator
from typing import Any

import pytest
import routeros_api
from routeros_api.exceptions import RouterOsApiCommunicationError, RouterOsApiConnectionError

from .office import Office


@pytest.fixture
def api(office: Office) -> Iterator[Any]:
    pool = routeros_api.RouterOsApiPool(
        "127.0.0.1", username="admin", password="", port=office.port("api"), plaintext_login=True
    )
    yield pool.get_api()
    pool.disconnect()


def test_rows_are_read_and_queried(api: Any) -> None:
    interfaces = api.get_resource("/interface")
    assert "bridge1" in [row["name"] for row in interfaces.get()]
    assert [row["name"] for row in interfaces.get(type="vlan")] == ["guests"]
    assert interfaces.get(name="nothing") == []
    assert api.get_resource("/ip/address").get(interface="guests", disabled="false")[0]["address"] == "192.168.30.1/24"


def test_an_address_comes_changes_and_goes(api: Any) -> None:
    addresses = api.get_resource("/ip/address")
    addresses.add(address="10.1.1.1/24", interface="ether4", comment="peer")
    row = addresses.get(comment="peer")[0]
    addresses.set(id=row["id"], comment="", disabled="yes")
    changed = addresses.get(address="10.1.1.1/24")[0]
    assert (changed["disabled"], changed.get("comment", "")) == ("true", "")
    addresses.remove(id=row["id"])
    assert addresses.get(address="10.1.1.1/24") == []


def test_text_comes_back_byte_for_byte(office: Office) -> None:
    pool = routeros_api.RouterOsApiPool("127.0.0.1", port=office.port("api"), username="admin", plaintext_login=True)
    leases = pool.get_api().get_binary_resource("/ip/firewall/address-list")
    text = "tëst €".encode()
    leases.call("add", {"list": b"x", "address": b"192.0.2.77", "comment": text})
    found = leases.call("print", queries={"list": b"x"})
    assert [row["comment"] for row in found] == [text]
    leases.call("remove", {".id": found[0]["id"]})
    pool.disconnect()


def test_errors_have_the_words_of_the_router(api: Any) -> None:
    with pytest.raises(RouterOsApiCommunicationError, match="unknown parameter"):
        api.get_resource("/ip/address").add(adress="10.0.0.1/24")
    with pytest.raises(RouterOsApiCommunicationError, match="no such item"):
        api.get_resource("/ip/address").remove(id="*FFFF")
    assert api.get_resource("/system/identity").get()[0]["name"] == "office"


def test_commands_beyond_the_four_are_called(api: Any) -> None:
    assert (
        len(api.get_binary_resource("/").call("ping", {"address": b"192.0.2.1", "count": b"2", "interval": b"20ms"}))
        == 2
    )
    assert api.get_resource("/system/resource").get()[0]["board-name"]
    static = api.get_resource("/ip/dns/static")
    static.add(name="a.example", address="192.0.2.4")
    static.call("disable", {"numbers": static.get(name="a.example")[0]["id"]})
    assert static.get(name="a.example")[0]["disabled"] == "true"
    static.remove(id=static.get(name="a.example")[0]["id"])


def test_a_wrong_password_is_refused(office: Office) -> None:
    pool = routeros_api.RouterOsApiPool(
        "127.0.0.1", username="admin", password="x", port=office.port("api"), plaintext_login=True
    )
    with pytest.raises(
        (RouterOsApiCommunicationError, RouterOsApiConnectionError), match="invalid user name or password"
    ):
        pool.get_api()
