"""What a router says of itself, its users, files, log, certificates, and what a reboot takes away."""

import asyncio
from typing import Any

import pytest
from cryptography import x509

from tikfleet.virtual.menus.behaviours import files
from tikfleet.virtual.menus.request import POLICIES, Answer, Caller

BOARD = {"board": "hAP", "model": "RB952", "architecture": "mipsbe", "serial": "HC0000000A"}


def test_an_identity_has_at_most_64_letters(router: Any) -> None:
    assert router.row("/system/identity")["name"] == "MikroTik"
    router.ask("/system/identity/set", name="x" * 64)
    assert router.refusal("/system/identity/set", name="x" * 65).startswith("failure:")
    assert router.row("/system/identity")["name"] == "x" * 64


def test_uptime_grows_with_the_clock(router: Any) -> None:
    asyncio.run(router.clock.advance(90_061))
    assert router.row("/system/resource")["uptime"] == "1d1h1m1s"


def test_the_clock_can_be_set(router: Any) -> None:
    router.ask("/system/clock/set", date="2030-01-02", time="03:04:05")
    row = router.row("/system/clock")
    assert (row["date"], row["time"]) == ("2030-01-02", "03:04:05")
    asyncio.run(router.clock.advance(60))
    assert router.row("/system/clock")["time"] == "03:05:05"


def test_a_time_zone_moves_the_clock(router: Any) -> None:
    router.ask("/system/clock/set", date="2030-07-01", time="12:00:00", time_zone_name="UTC")
    router.ask("/system/clock/set", time_zone_name="Europe/Riga")
    row = router.row("/system/clock")
    assert (row["time"], row["gmt-offset"], row["dst-active"]) == ("15:00:00", "+03:00", "true")


def test_health_is_a_list_in_v7_and_values_in_v6(make: Any) -> None:
    assert {"name", "value", "type"} <= set(make("7.20.8", **BOARD).rows("/system/health")[0])
    assert "temperature" in make("6.49.17", **BOARD).row("/system/health")


def test_device_mode_forbids_the_scheduler_at_home(make: Any) -> None:
    router = make("7.20.8", device_mode="home")
    assert router.refusal("/system/scheduler/add", name="x") == "failure: not allowed by device-mode"
    assert router.row("/system/device-mode")["scheduler"] == "false"
    assert make("7.16.2", device_mode="home").add("/system/scheduler", name="x")


def test_changes_are_logged_and_can_be_undone_and_done_again(router: Any) -> None:
    added = router.add("/ip/firewall/filter", chain="input")
    router.ask("/ip/firewall/filter/set", numbers=added, chain="forward")
    assert router.rows("/log")[-1]["message"] == "filter rule changed by admin"
    router.ask("/undo")
    assert router.row("/ip/firewall/filter", added)["chain"] == "input"
    router.ask("/undo")
    assert router.rows("/ip/firewall/filter") == []
    router.ask("/redo")
    router.ask("/redo")
    assert router.row("/ip/firewall/filter", added)["chain"] == "forward"
    assert router.refusal("/redo") == "nothing to redo"


def test_the_history_names_actions_newest_first(router: Any) -> None:
    router.add("/ip/firewall/filter", chain="input")
    router.add("/interface/bridge", name="lan")
    assert [row["action"] for row in router.rows("/system/history")] == ["interface added", "filter rule added"]


def test_the_log_keeps_a_thousand_lines(router: Any) -> None:
    for number in range(1_100):
        router.menus.log("script,info", f"line {number}")
    rows = router.rows("/log")
    assert (len(rows), rows[0]["message"], rows[-1]["message"]) == (1_000, "line 100", "line 1099")


def test_a_log_line_shows_its_time_as_the_release_does(make: Any) -> None:
    for version, length in (("7.20.8", 19), ("7.9.2", 8), ("6.49.17", 8)):
        router = make(version)
        router.ask("/log/info", message="x")
        assert len(router.rows("/log")[-1]["time"]) == length


def test_users_log_in_with_their_group_s_policies(router: Any) -> None:
    router.add("/user", name="eve", group="read", password="secret-word")
    caller = router.menus.authenticate("eve", "secret-word", "api", "192.0.2.1")
    assert caller is not None
    assert "write" not in caller.policies
    assert "read" in caller.policies
    assert router.menus.authenticate("eve", "wrong", "api", "192.0.2.1") is None
    assert router.rows("/log")[-1]["message"] == "login failure for user eve from 192.0.2.1 via api"
    assert not any("secret-word" in row.values() for row in router.rows("/user"))


def test_a_user_comes_from_the_addresses_that_it_may_come_from(router: Any) -> None:
    router.add("/user", name="eve", group="read", password="x", address="192.0.2.0/24")
    assert router.menus.authenticate("eve", "x", "ssh", "192.0.2.9") is not None
    assert router.menus.authenticate("eve", "x", "ssh", "198.51.100.9") is None


def test_sessions_are_listed_until_they_end(router: Any) -> None:
    end = router.menus.opened(Caller(via="ssh", address="192.0.2.1"))
    row = router.rows("/user/active")[0]
    assert (row["name"], row["via"], row["address"], row["group"]) == ("admin", "ssh", "192.0.2.1", "full")
    end()
    end()
    assert router.rows("/user/active") == []
    assert router.rows("/log")[-1]["message"] == "user admin logged out from 192.0.2.1 via ssh"


def test_the_last_full_user_stays(router: Any) -> None:
    assert router.refusal("/user/remove", numbers="admin").startswith("failure:")


def test_secrets_are_hidden_from_who_may_not_see_them(router: Any) -> None:
    router.add("/ppp/secret", name="a", password="secret-word")
    assert router.row("/ppp/secret", "a")["password"] == "secret-word"
    router.caller = Caller(policies=POLICIES - {"sensitive"})
    assert router.row("/ppp/secret", "a")["password"] == "*****"
    assert router.ask("/ppp/secret/get", number="a", value_name="password").ret == "*****"


def test_files_have_contents_and_sizes(router: Any) -> None:
    router.add("/file", name="a.rsc", contents=":put 1")
    row = router.row("/file", "a.rsc")
    assert (row["size"], row["type"], row["contents"]) == ("6", "script", ":put 1")
    router.ask("/file/set", numbers="a.rsc", contents="x" * 10)
    assert router.row("/file", "a.rsc")["size"] == "10"


@pytest.mark.parametrize(("version", "limit"), [("7.12.1", 4_095), ("7.20.8", 60_000)])
def test_contents_have_the_limit_of_the_release(make: Any, version: str, limit: int) -> None:
    router = make(version)
    files.write(router.menus.store, "fits", b"x" * limit)
    files.write(router.menus.store, "long", b"x" * (limit + 1))
    assert len(router.row("/file", "fits")["contents"]) == limit
    assert "contents" not in router.row("/file", "long")
    assert router.row("/file", "long")["size"] == str(limit + 1)


def test_a_file_is_read_in_pieces_up_to_its_end(router: Any) -> None:
    files.write(router.menus.store, "f", b"0123456789")
    piece = router.ask("/file/read", file="f", offset="8", chunk_size="5").rows[0]
    assert piece["data"] == "89"
    assert router.ask("/file/read", file="f", offset="10").rows[0]["data"] == ""
    assert router.refusal("/file/read", file="f", offset="11") == "failure: chunk out of file bounds"


def test_pieces_of_files_came_with_7_13(make: Any) -> None:
    router = make("7.12.1")
    files.write(router.menus.store, "f", b"x")
    assert router.refusal("/file/read", file="f") == "no such command"


def test_a_certificate_is_signed_and_an_authority_signs_another(router: Any) -> None:
    router.add("/certificate", name="ca", common_name="ca.example", key_usage="key-cert-sign,crl-sign")
    router.ask("/certificate/sign", numbers="ca")
    router.add("/certificate", name="web", common_name="web.example", days_valid="90")
    router.ask("/certificate/sign", numbers="web", ca="ca")
    row = router.row("/certificate", "web")
    assert (row["issued"], row["private-key"], row["ca"]) == ("true", "true", "ca")
    assert row["issuer"] == "CN=ca.example"
    assert len(row["fingerprint"]) == 64
    assert row["expires-after"] == "12w6d"
    assert "_key" not in row


def test_a_pem_file_is_imported(make: Any) -> None:
    source, target = make(), make()
    source.add("/certificate", name="ca", common_name="ca.example", key_usage="key-cert-sign")
    source.ask("/certificate/sign", numbers="ca")
    kept = source.menus.store.table("/certificate").named("ca")
    assert kept is not None
    files.write(target.menus.store, "ca.pem", (kept["_pem"] + kept["_key"]).encode())
    counts = target.ask("/certificate/import", file_name="ca.pem", passphrase="").rows[0]
    assert (counts["certificates-imported"], counts["private-keys-imported"]) == ("1", "1")
    row = target.row("/certificate", "ca.pem_0")
    found = x509.load_pem_x509_certificate(kept["_pem"].encode())
    assert row["serial-number"] == f"{found.serial_number:X}"
    assert (row["trusted"], row["authority"]) == ("true", "true")


def test_a_reboot_keeps_the_configuration_and_takes_the_rest(make: Any) -> None:
    router = make("7.20.8", flash_folder=True)
    router.add("/ip/firewall/filter", chain="input")
    router.add("/ip/firewall/address-list", list="a", address="192.0.2.1", timeout="1h")
    router.add("/ip/firewall/address-list", list="a", address="192.0.2.2")
    files.write(router.menus.store, "flash/kept", b"x")
    files.write(router.menus.store, "lost", b"x")
    asyncio.run(router.clock.advance(100))
    router.menus.reboot()
    assert len(router.rows("/ip/firewall/filter")) == 1
    assert [row["address"] for row in router.rows("/ip/firewall/address-list")] == ["192.0.2.2"]
    assert [row["name"] for row in router.rows("/file")] == ["flash", "flash/kept"]
    assert router.row("/system/resource")["uptime"] == "0s"
    assert [row["message"] for row in router.rows("/log")] == ["router rebooted"]


def test_a_snapshot_brings_everything_back(router: Any, make: Any) -> None:
    router.add("/interface/bridge", name="lan")
    router.add("/ip/address", address="192.0.2.1/24", interface="lan")
    files.write(router.menus.store, "f", b"\x00\xff")
    other = make()
    other.menus.restore(router.menus.snapshot())
    assert other.menus.export().splitlines()[1:] == router.menus.export().splitlines()[1:]
    assert files.read(other.menus.store, "f") == b"\x00\xff"
    assert other.add("/interface/bridge", name="new") not in {row[".id"] for row in router.rows("/interface")}
    with pytest.raises(ValueError, match="snapshot"):
        other.menus.restore(b"{}")


def test_a_reset_router_is_as_new(router: Any, make: Any) -> None:
    router.add("/interface/bridge", name="lan")
    router.ask("/interface/ethernet/set", numbers="ether1", name="wan")
    router.menus.reset()
    assert router.menus.export() == make().menus.export()
    assert [row["name"] for row in router.rows("/interface/ethernet")] == ["ether1", "ether2", "ether3", "ether4"]


def test_commands_that_others_bring_are_asked_first(router: Any) -> None:
    router.menus.handle("/tool/fetch", lambda request: Answer(ret=request.arguments["url"]), "test")
    assert router.ask("/tool/fetch", url="https://x").ret == "https://x"
    router.caller = Caller(policies=frozenset({"read"}))
    assert router.refusal("/tool/fetch", url="https://x") == "not enough permissions (9)"


def test_what_no_behaviour_knows_is_refused_and_not_pretended(router: Any) -> None:
    assert router.refusal("/system/backup/cloud/upload-file").startswith("failure: the virtual router")


def test_a_move_is_undone_and_done_again(router: Any) -> None:
    first, second = (router.add("/ip/firewall/filter", chain=chain) for chain in ("a", "b"))
    router.ask("/ip/firewall/filter/move", numbers=second, destination=first)
    router.ask("/undo")
    assert [row[".id"] for row in router.rows("/ip/firewall/filter")] == [first, second]
    router.ask("/redo")
    assert [row[".id"] for row in router.rows("/ip/firewall/filter")] == [second, first]


def test_a_script_has_the_rights_of_who_added_it_and_no_others(router: Any) -> None:
    router.caller = Caller(user="eve", policies=frozenset({"read", "write", "test"}))
    router.add("/system/script", name="s", source=":put 1")
    row = router.row("/system/script", "s")
    assert (row["owner"], row["policy"]) == ("eve", "read,write,test")
    assert router.refusal("/system/script/add", name="t", policy="read,reboot") == "not enough permissions (9)"
    assert router.refusal("/system/script/set", numbers="s", policy="reboot") == "not enough permissions (9)"


def test_radios_that_are_on_have_clients(make: Any) -> None:
    router = make("7.20.8", **BOARD, radios=("wlan1", "wifi1"))
    assert router.rows("/interface/wireless/registration-table") == []
    router.ask("/interface/enable", numbers="wlan1,wifi1")
    for menu in ("/interface/wireless", "/interface/wifi"):
        clients = router.rows(f"{menu}/registration-table")
        radio = "wlan1" if menu.endswith("wireless") else "wifi1"
        assert {row["interface"] for row in clients} == {radio}
        row = router.ask(f"{menu}/monitor", numbers=radio, once="").rows[0]
        assert str(len(clients)) in row.values()


def test_the_cache_of_names_can_be_flushed(router: Any) -> None:
    asyncio.run(router.clock.advance(100))
    assert router.rows("/ip/dns/cache")
    router.ask("/ip/dns/cache/flush")
    assert router.rows("/ip/dns/cache") == []


def test_a_lease_is_renewed(router: Any) -> None:
    client = router.add("/ip/dhcp-client", interface="ether1")
    asyncio.run(router.clock.advance(600))
    assert router.rows("/ip/dhcp-client")[0]["expires-after"] == "20m"
    router.ask("/ip/dhcp-client/renew", numbers=client)
    assert router.rows("/ip/dhcp-client")[0]["expires-after"] == "30m"


def test_a_subject_that_x_509_does_not_take_is_refused(router: Any) -> None:
    router.add("/certificate", name="c", common_name="x", country="Latvia", days_valid="99999999")
    assert router.refusal("/certificate/sign", numbers="c").startswith("failure:")
    router.ask("/certificate/set", numbers="c", country="LV")
    router.ask("/certificate/sign", numbers="c")
    assert router.row("/certificate", "c")["expired"] == "false"
