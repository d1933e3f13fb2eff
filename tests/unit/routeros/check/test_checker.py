"""A script with a mistake is refused before it is sent, in RouterOS's words and for the release that runs it."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tikfleet.routeros.check import releases
from tikfleet.routeros.check.checker import MAX_BYTES, MAX_REMARKS, check
from tikfleet.routeros.check.remark import Remark, Severity
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.tree import Command, Word
from tikfleet.routeros.values import RouterOSVersion

CORPORA = Path(os.environ.get("TIKFLEET_CORPORA", Path(__file__).parents[5] / "shared/corpora"))


def told(source: str, version: str | None = None) -> list[str]:
    return [f"{r.line}:{r.column} {r.severity} {r.code}: {r.sentence}" for r in check(source, version)]


def codes(source: str, version: str | None = None) -> list[str]:
    return [remark.code for remark in check(source, version)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (":put (1", "1:8 error syntax: missing closing parenthesis"),
        ("\n:foo", "2:2 error unknown-command: bad command name foo"),
        ("/ip address\nfoo", "2:1 error unknown-command: bad command name foo"),
        (
            "/ip/arp/print foo=1",
            "1:15 error unknown-argument: expected end of command: /ip/arp/print has no argument foo",
        ),
        (
            "/ip/address/add address=192.0.2.1/24",
            "1:1 error missing-argument: missing value(s) of argument(s) interface (/ip/address/add; line 1)",
        ),
        (
            "/ip/firewall/filter/add chain=a action=acept",
            "1:33 error value: input does not match any value of action: it has no value acept",
        ),
        (
            "/ip/dns/set allow-remote-requests=maybe",
            "1:13 error value: input does not match any value of allow-remote-requests: it has no value maybe",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_reason(source: str, expected: str) -> None:
    assert told(source, "7.22.1") == [expected]


@pytest.mark.parametrize(
    "source",
    [
        "/ip address add address=192.0.2.1/24 interface=ether1",
        "/ip/firewall/filter\nadd chain=input action=accept connection-state=established,related,!new protocol=tcp\n",
        "/ip/firewall/filter/add chain=custom action=jump jump-target=x in-interface-list=!LAN",
        ":foreach i in=[/interface/find where disabled=no] do={ :put [/interface/get $i name] }",
        ":local action accept; /ip/firewall/filter/add chain=x action=$action disabled=([:len a] > 0)",
        "/queue/simple/add target=192.0.2.0/24 max-limit=1M/1M",
        "/interface/bridge/add name=b protocol-mode=rstp vlan-filtering=no",
        "/ip/dhcp-server/lease/add mac-address=00:00:00:00:00:01",
        "/system logging add topics=info,!debug action=memory",
        "/ip firewall filter add action=accept chain=forward ipsec-policy=in,ipsec",
        "",
        "# a comment",
    ],
)
def test_a_script_without_mistakes_has_no_remarks(source: str) -> None:
    assert told(source, "7.22.3") == []


@pytest.mark.parametrize(
    ("source", "before", "since"),
    [
        (":put [:serialize to=json value=1]", "7.12.1", "7.13"),
        (":onerror e in={} do={}", "7.12.1", "7.13"),
        (":put [:jobname]", "7.11.3", "7.12"),
        ("/import a.rsc verbose=yes dry-run", "7.15.3", "7.16"),
        (":put [:range 1 2]", "7.16.2", "7.17"),
        ("/app/print", "7.20.8", "7.21"),
    ],
)
def test_what_a_release_lacks_is_named_with_the_release_that_brought_it(source: str, before: str, since: str) -> None:
    (remark,) = [remark for remark in check(source, before) if remark.code == "too-new"]
    assert remark.since == since
    assert remark.severity is Severity.ERROR
    assert remark.sentence.endswith(f"since {since}")
    assert "too-new" not in codes(source, since)


def test_what_a_release_no_longer_has_is_named_with_the_last_that_did() -> None:
    assert told("/ping 192.0.2.1", "7.24") == ["1:2 error gone: bad command name ping: RouterOS had it until 7.22.3"]


def test_every_newer_thing_of_a_refused_script_is_named_at_once() -> None:
    source = "/import a.rsc verbose=yes dry-run\n:put [:serialize to=json value=1]\n/ip/address/remove 0\n"
    assert codes(source, "7.12.1") == ["risk.import", "too-new", "too-new", "risk.management"]


def test_hardware_that_the_trees_do_not_have_is_a_warning() -> None:
    source = "/system/routerboard/print\n/interface/ethernet/set ether1 poe-out=off\n/interface/wireless/print\n"
    remarks = check(source, "7.12.1")
    assert [remark.code for remark in remarks] == ["hardware"] * 3
    assert {remark.severity for remark in remarks} == {Severity.WARNING}


@pytest.mark.skipif(not (CORPORA / "exports").is_dir(), reason=f"no recorded exports at {CORPORA}")
@pytest.mark.parametrize(("name", "version"), [("CHR_7.10.1", "7.10.1"), ("L009UiGS_7.15.2", "7.15.2")])
def test_recorded_exports_are_not_refused_by_their_own_release(name: str, version: str) -> None:
    remarks = check((CORPORA / "exports" / f"routeros#{name}#output.txt").read_bytes(), version)
    assert {remark.code for remark in remarks} <= {"hardware"}


def test_offloading_that_only_hardware_has_is_a_warning() -> None:
    (remark,) = check("/ip/firewall/filter/add chain=forward action=accept hw-offload=yes", "7.23")
    assert (remark.code, remark.severity) == ("hardware", Severity.WARNING)


def test_what_needs_a_package_is_a_warning() -> None:
    (remark,) = check("/container/add remote-image=a interface=b", "7.22.1")
    assert (remark.code, remark.severity) == ("package", Severity.WARNING)


def test_from_723_on_an_unknown_argument_is_an_error_of_the_run() -> None:
    assert told("/ip/arp/print foo=1", "7.23") == [
        "1:18 error unknown-argument: bad parameter foo: /ip/arp/print has no argument foo"
    ]


def test_values_that_a_later_release_may_have_are_warnings() -> None:
    (remark,) = check("/ip/firewall/filter/add chain=a action=acept", "7.24")
    assert remark.severity is Severity.WARNING


def test_v6_does_not_read_slashes_between_menus() -> None:
    assert codes("/ip/address/print", "6.49.10") == ["too-new", "unverified"]
    assert codes("/ip address print", "6.49.10") == ["unverified"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("/system/reset-configuration", "risk.reset"),
        ("/system shutdown", "risk.shutdown"),
        ("/system reboot", "risk.reboot"),
        ("/user/remove admin", "risk.user"),
        ("/user remove [find name=admin]", "risk.user"),
        ("/file/remove [find name=a]", "risk.files"),
        ("/ip/service/disable ssh", "risk.service"),
        ("/ip/service/set ssh disabled=yes", "risk.service"),
        ("/interface/disable ether1", "risk.management"),
        ("/ip/address/remove 0", "risk.management"),
        ("/ip/firewall/filter/add chain=input action=drop", "risk.management"),
        ("/system/scheduler/remove a", "risk.scheduler"),
        ("/export show-sensitive", "risk.secret"),
        ("/ppp/secret/print", "risk.secret"),
        (":put [/ppp/secret/get a password]", "risk.secret"),
        ("/user/add name=a group=full password=x", "risk.password"),
        ("/tool/fetch url=https://a check-certificate=no", "risk.fetch"),
        ("/ip/arp/remove [find]", "risk.all"),
        ("/system/package/update/install", "risk.upgrade"),
        ("/system/backup/load name=a", "risk.restore"),
        ("/system/routerboard/upgrade", "risk.firmware"),
        (":if (1=1) do={ /system/reboot }", "risk.reboot"),
        ("/system/scheduler/add name=a on-event={ /system/reboot }", "risk.reboot"),
        ('/system/script/add name=a source="/system/reboot"', "risk.reboot"),
    ],
)
def test_what_may_be_regretted_is_a_warning(source: str, code: str) -> None:
    remarks = check(source, "7.22.1")
    assert code in [remark.code for remark in remarks]
    assert {remark.severity for remark in remarks} == {Severity.WARNING}


@pytest.mark.parametrize(
    "source",
    [
        "/ip/service/set ssh port=2222",
        "/ip/firewall/filter/add chain=input action=drop in-interface=wan",
        "/ppp/secret/add name=a",
        "/ip/arp/remove [find interface=a]",
        "/user/print",
        "/system/scheduler/set a interval=1m",
    ],
)
def test_ordinary_commands_are_not_warned_of(source: str) -> None:
    assert told(source, "7.22.1") == []


def test_names_that_keep_the_router_managed_are_guarded() -> None:
    remarks = check('/system/scheduler/disable [find name="agent"]', "7.22.1", {"agent"})
    assert [remark.code for remark in remarks] == ["risk.agent", "risk.scheduler"]


def test_releases_between_samples_have_what_the_next_sample_of_their_minor_has() -> None:
    known = releases.known()
    samples = known.samples
    assert samples[known.sample(RouterOSVersion.parse("7.13"))] == RouterOSVersion(7, 13, 5)
    assert samples[known.sample(RouterOSVersion.parse("7.13beta2"))] == RouterOSVersion(7, 13, 5)
    assert samples[known.sample(RouterOSVersion.parse("7.1"))] == samples[0]
    assert samples[known.sample(RouterOSVersion.parse("7.99"))] == samples[-1]


def test_no_version_is_refused() -> None:
    with pytest.raises(ValueError):
        check("", "latest")


def test_more_than_can_be_checked_is_said() -> None:
    assert codes("#" * (MAX_BYTES + 1)) == ["too-large"]
    assert len(check(":foo\n" * 3_000)) == MAX_REMARKS


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("/system/routerboard/get model", {"number": "model"}),
        ("/system/routerboard/get value-name=model", {"value-name": "model"}),
        ("/interface/ethernet/poe/get ether1 poe-out", {"number": "ether1", "value-name": "poe-out"}),
        ("/interface/ethernet/poe/set ether1 poe-out=off", {"numbers": "ether1", "poe-out": "off"}),
        ("/system/routerboard/print as-value", {"as-value": ""}),
    ],
)
def test_what_stands_without_a_name_in_a_menu_of_hardware_is_the_item_or_the_property(
    source: str, given: dict[str, str]
) -> None:
    (statement,) = parse(source.encode(), "7.20.8", releases.root(None)).statements

    assert isinstance(statement, Command)
    words = {name: node.raw for name, node in statement.arguments.items() if isinstance(node, Word)}
    assert words == given


SCRAPS = [
    "/ip/address/add ",
    "address=",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    '"',
    "$x",
    ":if ",
    "do=",
    "\n",
    ";",
    "where ",
    "!a ",
]


@settings(max_examples=250, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80), st.binary(max_size=80), st.lists(st.sampled_from(SCRAPS), max_size=30).map("".join)
    ),
    st.sampled_from(["6.49", "7.1", "7.16.2", "7.22.1", "7.24"]),
)
def test_no_script_breaks_the_checker(source: str | bytes, version: str) -> None:
    for remark in check(source, version):
        assert isinstance(remark, Remark)
        assert remark.line >= 1
        assert remark.column >= 1


@pytest.mark.parametrize(
    "source",
    [
        "[" * 5_000,
        "/ip/address/print " + "[:put " * 50 + "]" * 50 + " disabled",
        ":put " + "(" * 3_000,
        ":foo bar\n" * 20_000,
        "/ip/address/add\n" * 5_000,
        '/system/script/add source="' + "/foo; " * 20_000 + '"',
        ':put "' + "$a" * 20_000 + '"',
    ],
)
def test_hostile_scripts_are_answered_in_bounded_time(source: str) -> None:
    started = time.process_time()
    check(source, "7.16.2")
    assert time.process_time() - started < 10
