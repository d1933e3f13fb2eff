"""Menus that do more than keep values: interfaces, addresses, routes, DHCP, firewall, bridges, WireGuard."""

import asyncio
import base64
from typing import Any

import pytest

from tikfleet.virtual.menus.behaviours.tunnels import public_key


def route(router: Any, destination: str) -> Any:
    return next(row for row in router.rows("/ip/route") if row["dst-address"] == destination)


def test_interfaces_of_all_kinds_are_in_one_list(router: Any) -> None:
    router.add("/interface/bridge", name="lan")
    router.add("/interface/vlan", name="guests", interface="lan", vlan_id="20")
    found = {row["name"]: row["type"] for row in router.rows("/interface")}
    assert found == {
        "ether1": "ether", "ether2": "ether", "ether3": "ether", "ether4": "ether", "lan": "bridge", "guests": "vlan",
        "lo": "loopback",
    }  # fmt: skip


def test_all_kinds_of_interfaces_share_their_ids(router: Any) -> None:
    bridge = router.add("/interface/bridge", name="lan")
    vlan = router.add("/interface/vlan", name="guests", interface="lan", vlan_id="20")
    assert len({bridge, vlan, *(row[".id"] for row in router.rows("/interface/ethernet"))}) == 6
    assert router.ask("/interface/get", number=vlan, value_name="name").ret == "guests"


def test_an_interface_can_be_set_where_all_are_listed(router: Any) -> None:
    router.ask("/interface/set", numbers="ether2", comment="uplink")
    assert router.row("/interface/ethernet", "ether2")["comment"] == "uplink"


def test_what_names_an_interface_follows_its_new_name(router: Any) -> None:
    router.add("/ip/address", address="192.0.2.1/24", interface="ether2")
    router.add("/ip/firewall/filter", chain="input", in_interface="!ether2")
    router.ask("/interface/ethernet/set", numbers="ether2", name="lan")
    assert router.rows("/ip/address")[0]["interface"] == "lan"
    assert router.rows("/ip/firewall/filter")[0]["in-interface"] == "!lan"
    assert router.row("/interface/ethernet", "lan")["default-name"] == "ether2"


def test_what_names_a_removed_interface_keeps_its_id_and_is_invalid(router: Any) -> None:
    bridge = router.add("/interface/bridge", name="lan")
    router.add("/ip/address", address="192.0.2.1/24", interface="lan")
    router.ask("/interface/bridge/remove", numbers="lan")
    row = router.rows("/ip/address")[0]
    assert (row["interface"], row["invalid"]) == (bridge, "true")


def test_ports_can_not_be_removed(router: Any) -> None:
    assert "remove" not in router.menus.commands("/interface/ethernet")
    assert router.refusal("/interface/ethernet/remove", numbers="ether1") == "no such command"


def test_counters_grow_with_time_and_stop_while_disabled(router: Any) -> None:
    def received() -> int:
        return int(router.row("/interface", "ether1")["rx-byte"])

    async def later(seconds: float) -> None:
        await router.clock.advance(seconds)

    asyncio.run(later(10))
    first = received()
    asyncio.run(later(10))
    assert received() == pytest.approx(2 * first, rel=0.01)
    router.ask("/interface/disable", numbers="ether1")
    stopped = received()
    asyncio.run(later(60))
    assert received() == stopped
    assert router.row("/interface", "ether1")["running"] == "false"


def test_traffic_is_monitored(router: Any) -> None:
    row = router.ask("/interface/monitor-traffic", interface="ether1", once="").rows[0]
    assert row["name"] == "ether1"
    assert int(row["rx-bits-per-second"]) > 0


def test_an_address_brings_its_network_and_a_connected_route(router: Any) -> None:
    router.add("/ip/address", address="192.0.2.65/26", interface="ether1")
    assert router.rows("/ip/address")[0]["network"] == "192.0.2.64"
    found = route(router, "192.0.2.64/26")
    assert (found["gateway"], found["distance"], found["dynamic"], found["active"]) == ("ether1", "0", "true", "true")
    assert found["connect"] == "true"


def test_an_address_without_a_mask_stands_alone(router: Any) -> None:
    router.add("/ip/address", address="192.0.2.1", interface="ether1")
    assert router.rows("/ip/address")[0]["address"] == "192.0.2.1/32"


def test_an_address_is_there_once(router: Any) -> None:
    router.add("/ip/address", address="192.0.2.1/24", interface="ether1")
    text = router.refusal("/ip/address/add", address="192.0.2.1/24", interface="ether1")
    assert text == "failure: already have such address"


@pytest.mark.parametrize("given", ["192.0.2.300/24", "nonsense", "192.0.2.1/33"])
def test_an_address_that_is_none_is_refused(router: Any, given: str) -> None:
    text = router.refusal("/ip/address/add", address=given, interface="ether1")
    assert text == "invalid value for argument address"


def test_an_interface_that_is_not_there_is_refused(router: Any) -> None:
    text = router.refusal("/ip/address/add", address="192.0.2.1/24", interface="nowhere")
    assert text == "input does not match any value of interface"


def test_a_connected_route_goes_with_its_address_and_its_interface(router: Any) -> None:
    added = router.add("/ip/address", address="192.0.2.1/24", interface="ether1")
    router.ask("/ip/address/disable", numbers=added)
    assert router.rows("/ip/route") == []
    router.ask("/ip/address/enable", numbers=added)
    router.ask("/interface/disable", numbers="ether1")
    assert router.rows("/ip/route") == []


def test_a_static_route_is_active_while_its_gateway_can_be_reached(router: Any) -> None:
    router.add("/ip/route", dst_address="10.0.0.0/8", gateway="192.0.2.254")
    assert route(router, "10.0.0.0/8")["active"] == "false"
    router.add("/ip/address", address="192.0.2.1/24", interface="ether1")
    found = route(router, "10.0.0.0/8")
    assert (found["active"], found["immediate-gw"]) == ("true", "192.0.2.254%ether1")


def test_of_two_routes_the_nearer_is_active(router: Any) -> None:
    router.add("/ip/address", address="192.0.2.1/24", interface="ether1")
    near = router.add("/ip/route", dst_address="10.0.0.0/8", gateway="192.0.2.254")
    far = router.add("/ip/route", dst_address="10.0.0.0/8", gateway="192.0.2.253", distance="5")
    active = {row[".id"]: row["active"] for row in router.rows("/ip/route")}
    assert (active[near], active[far]) == ("true", "false")


def test_a_dynamic_item_can_be_read_and_not_changed(router: Any) -> None:
    router.add("/ip/address", address="192.0.2.1/24", interface="ether1")
    found = router.rows("/ip/route")[0][".id"]
    assert router.ask("/ip/route/get", number=found, value_name="gateway").ret == "ether1"
    assert router.refusal("/ip/route/remove", numbers=found) == "failure: can not change dynamic item"


def test_a_dhcp_client_is_bound_and_brings_address_and_default_route(router: Any) -> None:
    router.add("/ip/dhcp-client", interface="ether1", disabled="no")
    client = router.rows("/ip/dhcp-client")[0]
    assert client["status"] == "bound"
    address = next(row for row in router.rows("/ip/address") if row["address"] == client["address"])
    assert address["dynamic"] == "true"
    assert route(router, "0.0.0.0/0")["gateway"] == client["gateway"]
    assert client["primary-dns"] in router.row("/ip/dns")["dynamic-servers"]


def test_a_dhcp_server_has_leases_that_can_be_made_static(router: Any) -> None:
    router.add("/ip/pool", name="p", ranges="192.168.88.10-192.168.88.200")
    router.add("/ip/dhcp-server", name="d", interface="ether2", address_pool="p", disabled="no")
    lease = router.rows("/ip/dhcp-server/lease")[0]
    assert (lease["dynamic"], lease["status"], lease["server"]) == ("true", "bound", "d")
    router.ask("/ip/dhcp-server/lease/make-static", numbers=lease[".id"])
    static = [row for row in router.rows("/ip/dhcp-server/lease") if row["mac-address"] == lease["mac-address"]]
    assert [row["dynamic"] for row in static] == ["false"]


def test_an_entry_of_an_address_list_expires(router: Any) -> None:
    menu = "/ip/firewall/address-list"
    router.add(menu, list="blocked", address="192.0.2.7", timeout="1m")
    row = router.rows(menu)[0]
    assert (row["timeout"], row["dynamic"]) == ("1m", "true")
    asyncio.run(router.clock.advance(59))
    assert router.rows(menu)[0]["timeout"] == "1s"
    asyncio.run(router.clock.advance(2))
    assert router.rows(menu) == []


def test_rules_count_and_can_be_reset(router: Any) -> None:
    rule = router.add("/ip/firewall/filter", chain="forward")
    asyncio.run(router.clock.advance(100))
    assert int(router.row("/ip/firewall/filter", rule)["bytes"]) > 0
    router.ask("/ip/firewall/filter/reset-counters", numbers=rule)
    assert router.row("/ip/firewall/filter", rule)["bytes"] == "0"


def test_fasttrack_shows_a_rule_that_nobody_added(router: Any) -> None:
    router.add("/ip/firewall/filter", chain="forward", action="fasttrack-connection")
    comments = [row.get("comment", "") for row in router.rows("/ip/firewall/filter")]
    assert "special dummy rule to show fasttrack counters" in comments


def test_a_port_is_in_one_bridge(router: Any) -> None:
    router.add("/interface/bridge", name="lan")
    router.add("/interface/bridge/port", bridge="lan", interface="ether2")
    text = router.refusal("/interface/bridge/port/add", bridge="lan", interface="ether2")
    assert text == "failure: device already added as bridge port"
    assert router.row("/interface", "ether2")["slave"] == "true"
    assert router.rows("/interface/bridge/host")[0]["local"] == "true"


def test_lists_of_interfaces_that_are_built_in_stay(router: Any) -> None:
    found = {row["name"] for row in router.rows("/interface/list")}
    assert found == {"all", "none", "dynamic", "static"}
    assert router.refusal("/interface/list/remove", numbers="all") == "failure: can not remove builtin"


def test_wireguard_makes_its_own_key(router: Any) -> None:
    router.add("/interface/wireguard", name="wg1")
    row = router.row("/interface/wireguard", "wg1")
    assert row["listen-port"] == "13231"
    assert row["public-key"] == public_key(row["private-key"])


def test_a_known_private_key_has_its_known_public_key() -> None:
    # RFC 7748, 6.1: Bob's keys.
    private = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    public = bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    assert public_key(base64.b64encode(private).decode()) == base64.b64encode(public).decode()
    with pytest.raises(ValueError, match="not a key"):
        public_key("short")


def test_a_wireguard_key_that_is_none_is_refused(router: Any) -> None:
    text = router.refusal("/interface/wireguard/add", name="wg1", private_key="abc")
    assert text == "invalid value for argument private-key"


def test_ping_answers_the_same_every_time_and_counts(router: Any) -> None:
    rows = router.ask("/tool/ping", address="198.51.100.1", count="3").rows
    assert [row["seq"] for row in rows] == ["0", "1", "2"]
    assert rows[-1]["received"] == "3"
    assert rows == router.ask("/ping", address="198.51.100.1", count="3").rows


def test_who_does_not_answer_times_out(router: Any) -> None:
    rows = router.ask("/ping", address="198.51.100.254", count="2").rows
    assert [row["status"] for row in rows] == ["timeout", "timeout"]
    assert rows[-1]["packet-loss"] == "100"
