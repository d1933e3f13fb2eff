"""The catalogue of typed kinds: bounds, scripts that RouterOS would take, secrets that nobody reads."""

from typing import Any, get_args

import pytest

from tests.unit.virtual.scripting.small_router import SmallRouter
from tikfleet.domains.jobs.errors import JobContradictory, JobParametersInvalid
from tikfleet.domains.jobs.kinds.catalogue import (
    KINDS,
    is_written_here,
    parameters_of,
    render,
    schema_of,
    secret_names,
    timeout_s,
)
from tikfleet.domains.jobs.model import Kind
from tikfleet.routeros.check.checker import check
from tikfleet.routeros.check.remark import Severity
from tikfleet.routeros.script.parser import parse

RELEASES = {"A": "7.20", "C": "7.8", "D": "6.49"}
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "user-password": [{"user": "admin", "password": "correct horse"}],
    "address-list": [
        {"name": "blocked", "addresses": ["192.0.2.1", "198.51.100.0/24"], "comment": 'of "us"'},
        {"name": "blocked", "addresses": ["2001:db8::1"], "family": "ipv6"},
        {"name": "blocked", "addresses": []},
    ],
    "wireless-key": [
        {"profile": "guests", "key": "correct horse"},
        {"profile": "guests", "key": "correct horse", "driver": "wireless"},
    ],
    "dns": [{"servers": ["192.0.2.53", "2001:db8::53"], "allow_remote_requests": True}, {"servers": []}],
    "ntp": [{"servers": ["192.0.2.1", "time.example.net"]}],
    "traffic-flow": [
        {"address": "192.0.2.10"},
        {
            "address": "2001:db8::1",
            "port": 4739,
            "version": "9",
            "interfaces": ["ether1", 'a "b" $c'],
            "active_timeout_s": 300,
        },
        {"address": "192.0.2.10", "send": False},
    ],
    "logging": [
        {"address": "192.0.2.10"},
        {"address": "2001:db8::1", "port": 5514, "topics": ["firewall,!debug", "wireless", "wireless"]},
        {"send": False},
    ],
    "firmware-check": [{}],
    "ping": [{"host": "192.0.2.1"}, {"host": "192.0.2.1", "interface": "ether1", "source_address": "192.0.2.9"}],
    "traceroute": [{"host": "example.net", "use_dns": True, "protocol": "udp"}],
    "bandwidth-test": [{"host": "192.0.2.1", "user": "test", "password": "correct horse", "local_mbps": 10}],
    "torch": [{"interface": "ether1"}, {"interface": "ether1", "port": 53, "protocol": "udp"}],
    "wifi-scan": [{"interface": "wlan1"}, {"interface": "wlan1", "driver": "wireless"}],
    "packet-capture": [
        {"interface": "ether1", "file_name": "x.pcap"},
        {"interface": "ether1", "file_name": "x.pcap", "address": "192.0.2.0/24", "port": 53, "protocol": "udp"},
    ],
}
CASES = [(kind, given) for kind, examples in EXAMPLES.items() for given in examples]


def test_the_catalogue_and_the_model_name_the_same_kinds() -> None:
    assert set(get_args(Kind)) == KINDS.keys() | {"script", "routeros"}
    assert {kind for kind in KINDS if is_written_here(kind)} == EXAMPLES.keys()


@pytest.mark.parametrize("tier", RELEASES)
@pytest.mark.parametrize(("kind", "given"), CASES)
def test_routeros_of_each_tier_would_take_the_script(kind: str, given: dict[str, Any], tier: str) -> None:
    remarks = check(render(kind, given, tier), RELEASES[tier])

    assert [remark for remark in remarks if remark.severity is Severity.ERROR] == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_schema_describes_parameters_that_the_kind_takes(kind: str) -> None:
    schema = schema_of(KINDS[kind])

    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert "kind" not in schema["properties"]
    for given in EXAMPLES.get(kind, []):
        assert given.keys() <= schema["properties"].keys()
        assert set(schema["required"]) <= given.keys()
    assert {name for name, one in schema["properties"].items() if one.get("writeOnly")} == secret_names(kind)


@pytest.mark.parametrize(
    ("kind", "given", "pointer"),
    [
        ("ping", {"host": "192.0.2.1", "count": 101}, "/parameters/count"),
        ("ping", {"host": "a b"}, "/parameters/host"),
        ("ping", {"host": "192.0.2.1", "surprise": 1}, "/parameters"),
        ("dns", {"servers": ["192.0.2.53", "no address"]}, "/parameters/servers/1"),
        ("dns", {"servers": ["example.net"]}, "/parameters"),
        ("address-list", {"name": "x", "addresses": ["2001:db8::1"]}, "/parameters"),
        ("user-password", {"user": "admin", "password": "short"}, "/parameters/password"),
        ("user-password", {"user": "ad min", "password": "correct horse"}, "/parameters/user"),
        ("packet-capture", {"interface": "ether1", "file_name": "../x.pcap"}, "/parameters/file_name"),
        ("identity", {"name": "a\n"}, "/parameters/name"),
        ("logging", {"address": "192.0.2.10", "topics": ["info", "x; /system reboot"]}, "/parameters/topics/1"),
        ("logging", {"send": True}, "/parameters"),
    ],
)
def test_a_value_outside_its_bounds_is_refused_at_its_place(kind: str, given: dict[str, Any], pointer: str) -> None:
    with pytest.raises(JobParametersInvalid) as refused:
        parameters_of(kind, given)

    assert [place for place, _ in refused.value.fields] == [pointer]


def test_a_kind_that_needs_parameters_says_which_when_it_gets_none() -> None:
    with pytest.raises(JobContradictory, match=r"parameters\.name"):
        parameters_of("identity", {})


def test_release_6_says_what_it_does_not_have() -> None:
    with pytest.raises(ValueError, match="no menu wifi"):
        render("wifi-scan", {"interface": "wlan1", "driver": "wifi"}, "D")
    with pytest.raises(ValueError, match="two addresses"):
        render("ntp", {"servers": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]}, "D")


@pytest.mark.parametrize("hostile", ['"; /system reboot; "', "$(/system reboot)", "[/system reboot]", "\\", "a;b{c}"])
# Without the hardware, the slashes of the older wireless menu cannot be read: tier C is tried with what it shares.
@pytest.mark.parametrize("tier", ["A", "D"])
def test_a_hostile_value_stays_one_value(hostile: str, tier: str) -> None:
    for kind, given in (
        ("user-password", {"user": "admin", "password": hostile + "12345678"}),
        ("address-list", {"name": hostile, "addresses": ["192.0.2.1"], "comment": hostile}),
        ("wireless-key", {"profile": hostile, "key": hostile + "12345678"}),
        ("torch", {"interface": hostile}),
    ):
        harmless = {name: "harmless text" if isinstance(value, str) and hostile in value else value for name, value in given.items()}  # fmt: skip  # noqa: E501
        assert shape(render(kind, given, tier)) == shape(render(kind, harmless, tier))


def shape(source: str) -> list[str]:
    return [type(node).__name__ for node in parse(source).statements]


def test_a_job_waits_at_least_as_long_as_its_kind_takes() -> None:
    assert timeout_s("ping", {"host": "192.0.2.1", "count": 100}, 60) == 131
    assert timeout_s("ping", {"host": "192.0.2.1"}, 60) == 60
    assert timeout_s("script", {}, 5) == 5


ROUTERS = [("A", "7.20.8"), ("C", "7.8"), ("D", "6.49.10")]


@pytest.mark.parametrize(("tier", "version"), ROUTERS)
async def test_an_address_list_comes_to_hold_what_is_wanted_and_nothing_else(tier: str, version: str) -> None:
    router = SmallRouter(version)
    for address in ("192.0.2.1", "192.0.2.2", "198.51.100.0/24"):
        await router.run(f"/ip firewall address-list add list=blocked address={address} comment=before")
    await router.run("/ip firewall address-list add list=other address=192.0.2.9")
    wanted = {"name": "blocked", "addresses": ["192.0.2.2/32", "203.0.113.0/24", "192.0.2.3"], "comment": "new"}

    first = await router.run(render("address-list", wanted, tier))
    again = await router.run(render("address-list", wanted, tier))

    assert (first.error, first.shown.strip()) == (None, "added 2, removed 2")
    assert again.shown.strip() == "added 0, removed 0"
    shown = await router.shown(
        ':foreach i in=[/ip firewall address-list find] do={:put ([/ip firewall address-list get $i list] . " " . '
        '[/ip firewall address-list get $i address] . " " . [/ip firewall address-list get $i comment])}'
    )
    assert sorted(line.strip() for line in shown.splitlines()) == [
        "blocked 192.0.2.2 before",
        "blocked 192.0.2.3 new",
        "blocked 203.0.113.0/24 new",
        "other 192.0.2.9",
    ]


@pytest.mark.parametrize(("tier", "version"), ROUTERS)
async def test_resolvers_and_time_servers_are_set(tier: str, version: str) -> None:
    router = SmallRouter(version)

    for kind, given in (("dns", {"servers": ["192.0.2.53"]}), ("ntp", {"servers": ["192.0.2.1", "time.example.net"]})):
        outcome = await router.run(render(kind, given, tier))
        assert outcome.error is None, outcome.error

    assert await router.shown(":put [/ip dns get servers]") == "192.0.2.53"
    if tier == "D":
        assert await router.shown(":put [/system ntp client get primary-ntp]") == "192.0.2.1"
        assert await router.shown(":put [/system ntp client get server-dns-names]") == "time.example.net"
    else:
        assert "time.example.net" in await router.shown(":put [/system ntp client get servers]")


async def targets_of(router: SmallRouter) -> list[tuple[str, ...]]:
    menu = "/ip traffic-flow target"
    fields = ' . " " . '.join(f"[{menu} get $i {name}]" for name in ("dst-address", "port", "version"))
    shown = await router.shown(f":foreach i in=[{menu} find] do={{:put ({fields})}}")
    return [tuple(line.split()) for line in shown.splitlines()]


async def flow_settings(router: SmallRouter) -> tuple[str, str]:
    menu = "/ip traffic-flow"
    on = await router.shown(f":put [{menu} get enabled]")
    return on, await router.shown(f":put [{menu} get active-flow-timeout]")


@pytest.mark.parametrize(("tier", "version"), ROUTERS)
async def test_flows_are_sent_to_one_more_target_and_taken_away_without_touching_another(
    tier: str, version: str
) -> None:
    router = SmallRouter(version)
    await router.run("/ip traffic-flow target add dst-address=198.51.100.9 port=9995 version=9")
    before = await targets_of(router)
    for _ in range(2):
        outcome = await router.run(render("traffic-flow", {"address": "192.0.2.10"}, tier))
        assert outcome.error is None
    targets = await targets_of(router)
    assert len(targets) == 2
    assert ("192.0.2.10", "2055", "ipfix") in targets
    assert await flow_settings(router) == ("true", "00:01:00")

    await router.run(render("traffic-flow", {"address": "192.0.2.10", "send": False}, tier))
    assert await targets_of(router) == before
    assert (await flow_settings(router))[0] == "true"

    await router.run(render("traffic-flow", {"address": "198.51.100.9", "port": 9995, "send": False}, tier))
    assert await targets_of(router) == []
    assert await flow_settings(router) == ("false", "00:30:00")


async def log_rules(router: SmallRouter) -> list[str]:
    menu = "/system logging"
    fields = f'[{menu} get $i action] . " " . [:tostr [{menu} get $i topics]] . " " . [:tostr $i]'
    return (await router.shown(f":foreach i in=[{menu} find] do={{:put ({fields})}}")).split("\n")


async def log_action(router: SmallRouter) -> str:
    menu = "/system logging action"
    fields = ' . " " . '.join(f"[{menu} get $i {name}]" for name in ("name", "target", "remote", "remote-port"))
    return await router.shown(f":foreach i in=[{menu} find where name=tikfleet] do={{:put ({fields})}}")


@pytest.mark.parametrize(("tier", "version"), ROUTERS)
async def test_log_lines_are_sent_by_rules_of_our_own_and_stop_without_touching_another(
    tier: str, version: str
) -> None:
    router = SmallRouter(version)
    await router.run("/system logging add topics=info action=remote")
    before = await log_rules(router)
    given: dict[str, Any] = {"address": "192.0.2.10", "topics": ["info", "firewall,!debug"]}
    assert (await router.run(render("logging", given, tier))).error is None
    first = await log_rules(router)
    assert [rule.rsplit(" ", 1)[0] for rule in first if rule not in before] == [
        "tikfleet info", "tikfleet firewall;!debug",
    ]  # fmt: skip
    assert (await router.run(render("logging", given, tier))).error is None
    assert await log_rules(router) == first
    assert await log_action(router) == "tikfleet remote 192.0.2.10 514"
    if tier == "A":
        comment = await router.shown(":put [/system logging action get tikfleet comment]")
        assert comment == "Tikfleet: log lines"

    changed = {**given, "port": 5514, "topics": ["error", "info"]}
    assert (await router.run(render("logging", changed, tier))).error is None
    assert await log_action(router) == "tikfleet remote 192.0.2.10 5514"
    rules = await log_rules(router)
    assert [rule.rsplit(" ", 1)[0] for rule in rules if rule not in before] == ["tikfleet info", "tikfleet error"]
    assert set(rules) & set(first) > set(before)

    for _ in range(2):
        assert (await router.run(render("logging", {"send": False}, tier))).error is None
    assert await log_rules(router) == before
    assert await log_action(router) == ""


@pytest.mark.parametrize(("tier", "version"), ROUTERS)
async def test_a_ping_and_a_traceroute_show_what_came_back(tier: str, version: str) -> None:
    router = SmallRouter(version)

    ping = await router.run(render("ping", {"host": "192.0.2.1", "count": 2}, tier))
    way = await router.run(render("traceroute", {"host": "192.0.2.1"}, tier))

    assert (ping.error, way.error) == (None, None)
    assert "sent=2" in ping.shown


@pytest.mark.parametrize(("tier", "version"), ROUTERS)
async def test_a_password_is_changed_and_an_unknown_user_is_an_error(tier: str, version: str) -> None:
    router = SmallRouter(version)

    changed = await router.run(render("user-password", {"user": "admin", "password": "correct horse"}, tier))
    missing = await router.run(render("user-password", {"user": "nobody", "password": "correct horse"}, tier))

    assert changed.error is None
    assert "there is no user nobody" in str(missing.error)
    assert "correct horse" not in changed.shown + missing.shown
