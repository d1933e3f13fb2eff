"""Differences are told in RouterOS's terms."""

import pytest

from tikfleet.routeros.export.difference import difference
from tikfleet.routeros.export.migration import migration
from tikfleet.routeros.export.normal import normal
from tikfleet.routeros.export.reader import read
from tikfleet.routeros.export.secrets import is_redacted, redacted, redacted_text, shows_secrets
from tikfleet.routeros.export.wording import document, sentences


def told(old: str, new: str) -> list[str]:
    return list(sentences(difference(read(old), read(new))))


def test_a_moved_rule_is_moved_and_nothing_else() -> None:
    rules = [f"add action=accept chain=input dst-port={n}\n" for n in (1, 2, 3, 4)]
    old = "/ip firewall filter\n" + "".join(rules)
    new = "/ip firewall filter\n" + "".join([rules[3], *rules[:3]])
    assert told(old, new) == ["/ip firewall filter", "  moved 4 to 1: chain=input action=accept dst-port=4"]


def test_the_order_of_addresses_means_nothing() -> None:
    rows = ["add address=192.0.2.1/24 interface=a\n", "add address=192.0.2.2/24 interface=b\n"]
    assert told("/ip address\n" + "".join(rows), "/ip address\n" + "".join(rows[::-1])) == []


def test_additions_removals_and_changes_are_told() -> None:
    old = "/ip address\nadd address=192.0.2.1/24 interface=a\nadd address=192.0.2.2/24 interface=a\n"
    new = "/ip address\nadd address=192.0.2.1/24 interface=b\nadd address=192.0.2.3/24 interface=c disabled=yes\n"
    assert told(old, new) == [
        "/ip address",
        "  removed address=192.0.2.2/24 interface=a",
        "  changed address=192.0.2.1/24 interface=a: interface from a to b",
        "  added address=192.0.2.3/24 interface=c disabled=yes",
    ]


def test_a_rule_that_changed_and_moved_is_told_twice() -> None:
    old = "/ip firewall nat\nadd chain=a action=x comment=one\nadd chain=b action=x\nadd chain=c action=x\n"
    new = "/ip firewall nat\nadd chain=b action=x\nadd chain=c action=x\nadd chain=a action=x comment=one log=yes\n"
    assert told(old, new) == [
        "/ip firewall nat",
        "  moved 1 to 3: chain=a action=x (one)",
        "  changed 3 chain=a action=x (one): log from default to yes",
    ]


def test_a_renamed_item_is_changed() -> None:
    assert told(
        "/interface vlan\nadd interface=e1 name=v1 vlan-id=7\n", "/interface vlan\nadd interface=e1 name=v2 vlan-id=7\n"
    ) == ["/interface vlan", "  changed name=v1 interface=e1 vlan-id=7: name from v1 to v2"]


def test_settings_that_an_export_does_not_name_are_defaults() -> None:
    assert told("/snmp\nset enabled=yes\n", "") == ["/snmp", "  changed settings: enabled from yes to default"]


def test_secrets_are_compared_and_never_shown() -> None:
    row = "/ppp secret\nadd name=u password={}\n"
    found = difference(read(row.format("one-word")), read(row.format("other-word")))
    text = "\n".join(sentences(found)) + str(document(found))
    assert "password is another" in text
    assert "word-" not in text
    assert "one-word" not in text
    assert "other-word" not in text


def test_a_secret_that_one_export_hides_is_no_change_and_no_command() -> None:
    shown = read("/ppp secret\nadd name=u password=x service=any\n")
    hidden = read("/ppp secret\nadd name=u service=any\n")
    found = difference(shown, hidden)
    assert found.changes == []
    assert found.notes == ["secrets were not compared: only one of the exports shows them"]
    assert migration(shown, hidden).commands == []
    assert difference(redacted(shown), shown).changes == []


@pytest.mark.parametrize(
    "row",
    [
        "/interface wireguard\nadd name=w private-key=SECRET=",
        "/interface wireguard peers\nadd interface=w preshared-key=SECRET",
        "/interface wifi security\nadd name=s passphrase=SECRET",
        "/interface wifi\nadd name=w security.passphrase=SECRET",
        "/interface wireless security-profiles\nset [ find default=yes ] wpa2-pre-shared-key=SECRET",
        "/ip ipsec identity\nadd peer=p secret=SECRET",
        "/radius\nadd address=1.1.1.1 secret=SECRET",
        "/snmp community\nadd name=SECRET",
        "/tool e-mail\nset password=SECRET",
        "/interface lte\nset [ find ] pin=SECRET",
        "/container envs\nadd key=TOKEN list=a value=SECRET",
        '/system script\nadd name=a source=":local password \\"SECRET\\"; /tool fetch url=https://u:SECRET@h/"',
        '/system scheduler\nadd name=a on-event="/tool e-mail send password=SECRET to=x"',
        '/system script\nadd name=tok source="# token=SECRET"',
    ],
)
def test_no_secret_is_left(row: str) -> None:
    configuration = read(row + "\n")
    assert "SECRET" in normal(configuration)
    text = normal(redacted(configuration))
    assert "SECRET" not in text
    assert normal(redacted(read(text))) == text
    assert not shows_secrets(redacted(configuration))


def test_marks_of_others_that_hide_secrets_are_known() -> None:
    assert all(is_redacted(mark) for mark in ("<redacted>", "<secret hidden>", "*****", "<removed>", "REDACTED"))
    assert not any(is_redacted(text) for text in ("", None, "secret", "hidden"))


def test_text_without_secrets_stays() -> None:
    text = ":foreach i in=[/ip/address/find] do={ :put $i }; :local tokens 3"
    assert redacted_text(text) == text
