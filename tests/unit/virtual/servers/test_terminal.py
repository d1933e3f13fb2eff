"""What `print` writes: parsed by the public templates that others wrote for real routers, and a few lines by eye."""

import warnings

import pytest

from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Request
from tikfleet.virtual.servers.terminal import Table, printed, shown, size, spoken

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ntc_templates.parse import parse_output

NEW, OLD = (Profile(version=RouterOSVersion.parse(version)) for version in ("7.20.8", "6.49.10"))
ADDRESSES = [
    {
        ".id": "*1",
        "address": "192.168.88.1/24",
        "network": "192.168.88.0",
        "interface": "bridge",
        "disabled": "false",
        "dynamic": "false",
        "comment": "defconf: lan",
    },
    {
        ".id": "*2",
        "address": "10.0.0.2/30",
        "network": "10.0.0.0",
        "interface": "ether1",
        "disabled": "true",
        "dynamic": "false",
    },
    {
        ".id": "*3",
        "address": "1.1.1.1/32",
        "network": "1.1.1.1",
        "interface": "ether2",
        "disabled": "false",
        "dynamic": "true",
    },
]
INTERFACES = [
    {
        ".id": "*1",
        "name": "ether1",
        "default-name": "ether1",
        "type": "ether",
        "mtu": "1500",
        "actual-mtu": "1500",
        "l2mtu": "1598",
        "max-l2mtu": "2028",
        "mac-address": "00:0C:42:00:00:01",
        "last-link-up-time": "2026-04-02 10:51:40",
        "link-downs": "0",
        "running": "true",
        "disabled": "false",
        "slave": "true",
        "dynamic": "false",
        "comment": "to the core (a b)",
    },
    {
        ".id": "*2",
        "name": "bridge",
        "type": "bridge",
        "mtu": "auto",
        "actual-mtu": "1500",
        "l2mtu": "1598",
        "mac-address": "00:0C:42:00:00:02",
        "link-downs": "0",
        "running": "false",
        "disabled": "true",
    },
]
RESOURCE = {
    "uptime": "1w2d3h4m5s",
    "version": "7.20.8 (stable)",
    "build-time": "mar/11/2025 11:59:04",
    "factory-software": "7.4.1",
    "free-memory": "886883942",
    "total-memory": "1073741824",
    "cpu": "ARM64",
    "cpu-count": "4",
    "cpu-frequency": "350",
    "cpu-load": "1",
    "free-hdd-space": "1040500000",
    "total-hdd-space": "1073741824",
    "write-sect-since-reboot": "40",
    "write-sect-total": "315102",
    "bad-blocks": "0",
    "architecture-name": "arm64",
    "board-name": "RB5009UG+S+",
    "platform": "MikroTik",
}
ROUTES = [
    {
        ".id": "*80000001",
        "dst-address": "0.0.0.0/0",
        "routing-table": "main",
        "gateway": "192.168.8.1",
        "immediate-gw": "192.168.8.1%lte1",
        "distance": "2",
        "scope": "30",
        "target-scope": "10",
        "dynamic": "false",
        "static": "true",
        "active": "true",
        "inactive": "false",
        "comment": "to the internet",
    },
    {
        ".id": "*20000001",
        "dst-address": "10.1.0.0/30",
        "routing-table": "main",
        "gateway": "ether1",
        "immediate-gw": "ether1",
        "distance": "0",
        "scope": "10",
        "local-address": "10.1.0.2%ether1",
        "dynamic": "true",
        "connect": "true",
        "active": "true",
    },
]
ARP = [
    {
        ".id": "*1",
        "address": "192.168.1.10",
        "mac-address": "50:50:40:40:2E:C1",
        "interface": "bridge",
        "status": "stale",
        "dynamic": "true",
        "complete": "true",
    },
    {
        ".id": "*2",
        "address": "192.168.1.9",
        "mac-address": "50:50:40:40:2E:C2",
        "interface": "bridge",
        "dynamic": "true",
    },
]
NEIGHBOUR = {
    ".id": "*1",
    "interface": "ether2,bridge",
    "address": "10.0.0.9",
    "address4": "10.0.0.9",
    "mac-address": "00:0C:42:00:00:09",
    "identity": "Core 1",
    "platform": "MikroTik",
    "version": "7.15.1 (stable) 2024-06-07 12:49:11",
    "unpack": "none",
    "age": "7s",
    "uptime": "1d8h37m20s",
    "software-id": "CCCC-DDDD",
    "board": "RB450Gx4",
    "interface-name": "ether1",
    "system-description": "MikroTik RouterOS 7.15.1",
    "system-caps": "bridge,router",
    "system-caps-enabled": "router",
}
LEASE = {
    ".id": "*1",
    "address": "10.0.1.94",
    "mac-address": "BA:98:2C:BD:EA:47",
    "host-name": "pi",
    "server": "dhcp1",
    "status": "bound",
    "last-seen": "3m6s",
    "dynamic": "true",
}
RULES = [
    {
        ".id": "*1",
        "chain": "input",
        "action": "accept",
        "connection-state": "established,related",
        "comment": "defconf: in",
        "log-prefix": "",
        "bytes": "10",
    },
    {".id": "*2", "chain": "forward", "action": "drop", "disabled": "true", "in-interface-list": "!LAN"},
]


def parsed(command: str, rows: list[dict[str, str]], profile: Profile, *options: str) -> list[dict]:
    menu = "/" + command.partition(" print")[0].replace(" ", "/")
    single = menu in ("/system/resource", "/system/identity")
    text = printed(Table(menu, rows, profile, single=single, width=511), options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse_output(platform="mikrotik_routeros", command=command, data=text)


@pytest.mark.parametrize("profile", [NEW, OLD], ids=["7", "6"])
def test_addresses_are_read_by_the_public_template(profile: Profile) -> None:
    rows = parsed("ip address print", ADDRESSES, profile)
    assert [(row["ip"], row["flags"], row["interface"]) for row in rows] == [
        ("192.168.88.1", "", "bridge"),
        ("10.0.0.2", "X", "ether1"),
        ("1.1.1.1", "D", "ether2"),
    ]
    assert rows[0]["comment"] == "defconf: lan"


@pytest.mark.parametrize("profile", [NEW, OLD], ids=["7", "6"])
def test_interfaces_are_read_in_detail_and_in_terse_lines(profile: Profile) -> None:
    detail = parsed("interface print detail", INTERFACES, profile, "detail")
    terse = parsed("interface print terse without-paging", INTERFACES, profile, "terse")
    for rows in (detail, terse):
        assert [row["name"] for row in rows] == ["ether1", "bridge"]
        assert [row["mac_address"] for row in rows] == ["00:0C:42:00:00:01", "00:0C:42:00:00:02"]
        assert [(row["status"], row["slave"]) for row in rows] == [("R", "S"), ("X", "")]
        assert rows[0]["last_link_up_time"] == "2026-04-02 10:51:40"
    assert terse[0]["comment"] == "to the core (a b)"


def test_interfaces_of_6_are_read_from_their_table() -> None:
    rows = parsed("interface print brief", [{**row, "comment": ""} for row in INTERFACES], OLD, "brief")
    assert [(row["name"], row["type"], row["l2mtu"]) for row in rows] == [
        ("ether1", "ether", "1598"),
        ("bridge", "bridge", "1598"),
    ]


@pytest.mark.parametrize("profile", [NEW, OLD], ids=["7", "6"])
def test_single_menus_are_read(profile: Profile) -> None:
    row = parsed("system resource print", [RESOURCE], profile)[0]
    assert (row["free_memory"], row["cpu_frequency"], row["cpu_load"]) == ("845.8MiB", "350MHz", "1%")
    assert (row["uptime_weeks"], row["uptime_seconds"], row["board_name"].strip()) == ("1", "5", "RB5009UG+S+")
    assert parsed("system identity print", [{"name": "Core1"}], profile) == [{"name": "Core1"}]


@pytest.mark.parametrize("profile", [NEW, OLD], ids=["7", "6"])
def test_arp_is_read(profile: Profile) -> None:
    rows = parsed("ip arp print without-paging", ARP, profile)
    assert [(row["ip_address"], row["flags"], row["interface"]) for row in rows] == [
        ("192.168.1.10", "DC", "bridge"),
        ("192.168.1.9", "D", "bridge"),
    ]


def test_routes_of_6_are_read_in_terse_lines() -> None:
    rows = parsed("ip route print terse", ROUTES, OLD, "terse")
    assert [(row["index"], row["flags"].strip(), row["dst_address"], row["gateway"]) for row in rows] == [
        ("0", "A S", "0.0.0.0/0", "192.168.8.1"),
        ("1", "ADC", "10.1.0.0/30", "ether1"),
    ]
    assert rows[0]["comment"] == "to the internet"


def test_only_own_routes_have_numbers_in_7() -> None:
    assert parsed("ip route print terse", ROUTES[1:], NEW, "terse")[0]["flags"].strip() == "DAc"
    assert printed(Table("/ip/route", ROUTES, NEW)) == (
        "Flags: D - DYNAMIC; A - ACTIVE; c - CONNECT, s - STATIC\n"
        "Columns: DST-ADDRESS, GATEWAY, DISTANCE\n"
        "#     DST-ADDRESS  GATEWAY      DISTANCE\n"
        ";;; to the internet\n"
        "0  As 0.0.0.0/0    192.168.8.1         2\n"
        "  DAc 10.1.0.0/30  ether1              0\n"
    )
    assert printed(Table("/ip/route", ROUTES[1:], NEW)).endswith(
        "    DST-ADDRESS  GATEWAY  DISTANCE\nDAc 10.1.0.0/30  ether1          0\n"
    )


def test_neighbours_are_read_in_detail() -> None:
    row = parsed("ip neighbor print detail", [NEIGHBOUR], NEW, "detail")[0]
    assert (row["identity"], row["version"]) == ("Core 1", "7.15.1 (stable) 2024-06-07 12:49:11")
    assert (row["interface"], row["system_caps_enabled"], row["uptime"]) == ("ether2,bridge", "router", "1d8h37m20s")


def test_leases_and_rules_are_read() -> None:
    lease = parsed("ip dhcp-server lease print", [LEASE], NEW)[0]
    assert (lease["flags"], lease["host_name"], lease["status"]) == ("D", "pi", "bound")
    rules = parsed("ip firewall filter print all without-paging", RULES, OLD)
    assert [(rule["chain"], rule["flags"], rule["comment"]) for rule in rules] == [
        ("input", "", "defconf: in"),
        ("forward", "X", ""),
    ]


def test_a_table_of_7_says_only_what_is_there() -> None:
    text = printed(Table("/ip/arp", ARP, NEW))
    assert text == (
        "Flags: D - DYNAMIC; C - COMPLETE\n"
        "Columns: ADDRESS, MAC-ADDRESS, INTERFACE, STATUS\n"
        "#    ADDRESS       MAC-ADDRESS        INTERFACE  STATUS\n"
        "0 DC 192.168.1.10  50:50:40:40:2E:C1  bridge     stale \n"
        "1 D  192.168.1.9   50:50:40:40:2E:C2  bridge           \n"
    )
    assert printed(Table("/ip/arp", [], NEW)) == ""
    assert printed(Table("/ip/address", [], OLD)) == (
        "Flags: X - disabled, I - invalid, D - dynamic \n #   ADDRESS NETWORK INTERFACE\n"
    )


def test_a_long_detail_is_folded_between_properties_and_under_the_first() -> None:
    lines = printed(Table("/ip/neighbor", [NEIGHBOUR], NEW, width=80), {"detail"}).splitlines()
    assert all(len(line) <= 81 for line in lines)
    assert lines[0].startswith(" 0 interface=ether2,bridge ")
    assert all(line.startswith("   ") for line in lines[1:-1])
    assert 'version="7.15.1 (stable) 2024-06-07 12:49:11"' in "\n".join(lines)


def test_quotes_and_breaks_inside_a_text_are_escaped() -> None:
    rows = [{".id": "*1", "name": 'a "b"', "source": ":put 1\r\n:put 2\\", "policy": "read"}]
    text = printed(Table("/system/script", rows, NEW))
    assert r'name="a \"b\""' in text
    assert r'source=":put 1\r\n:put 2\\"' in text


def test_counters_are_shown_by_stats_alone() -> None:
    assert "BYTES" in printed(Table("/ip/firewall/filter", RULES, NEW), {"stats", "brief"})
    assert "bytes" not in printed(Table("/ip/firewall/filter", RULES, NEW))


def test_a_proplist_is_shown_as_it_was_given() -> None:
    request = Request("/ip/address", "print", {"proplist": "interface,address"})
    assert "Columns: INTERFACE, ADDRESS\n" in shown(request, ADDRESSES, NEW, single=False)


def test_samples_of_a_command_are_shown_value_by_value() -> None:
    request = Request("/interface/ethernet", "monitor", {"numbers": "ether1,ether2", "once": ""})
    rows = [{"name": "ether1", "rate": "1Gbps"}, {"name": "ether2", "rate": ""}]
    assert shown(request, rows, OLD, single=False) == "  name: ether1\n  rate: 1Gbps\n\n  name: ether2\n  rate: \n"


@pytest.mark.parametrize(
    ("count_bytes", "text"),
    [
        (0, "0"),
        (512, "512"),
        (26_316, "25.7KiB"),
        (886_883_942, "845.8MiB"),
        (1 << 30, "1024.0MiB"),
        (1 << 34, "16.0GiB"),
    ],
)
def test_sizes_are_those_of_the_terminal(count_bytes: int, text: str) -> None:
    assert size(count_bytes) == text
    assert spoken("total-memory", str(count_bytes)) == text


def test_values_are_spoken_as_people_say_them() -> None:
    assert [spoken("disabled", "true"), spoken("cpu-load", "7"), spoken("comment", "7")] == ["yes", "7%", "7"]
