"""Coming and going: what enrolment adds is marked, complete, and exactly what removal takes away."""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tikfleet.agent.enrolment import ca_fingerprint, enrolment_line
from tikfleet.agent.scripts import POLICIES, render_agent, render_installer, render_removal, render_upgrade
from tikfleet.agent.settings import AgentSettings, InstallerSettings, RemovalSettings
from tikfleet.agent.tiers import Tier, UnsupportedVersion, tier_of
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.tree import Command, Text, Word

from .walk import commands, texts

KEY = "tfe_" + "k" * 49
SETTINGS = AgentSettings("https://fleet.example.net", "1.0.0")
INSTALLER = InstallerSettings(SETTINGS, KEY)
ADDABLE = ("/system/script/add", "/system/scheduler/add", "/certificate/import")


def _text(node: Any) -> str:
    match node:
        case Text():
            return "".join(str(part) for part in node.parts)
        case Word():
            return node.raw
    return ""


def _added(tier: Tier) -> list[Command]:
    return [item for item in commands(parse(render_installer(tier, INSTALLER))) if item.path.endswith("/add")]


@pytest.mark.parametrize(
    ("version", "tier"),
    [
        ("7.24", "A"), ("7.16", "A"), ("7.16.2 (stable)", "A"), ("7.17rc1", "A"), ("7.16beta4 (testing)", "A"),
        ("7.15.3", "B"), ("7.13", "B"), ("7.12.1", "C"), ("7.1", "C"), ("7.1.5 (long-term)", "C"),
        ("6.49.18 (long-term)", "D"), ("6.45", "D"), ("6.45.9", "D"),
    ],
)  # fmt: skip
def test_a_version_has_its_tier(version: str, tier: str) -> None:
    assert tier_of(version) is Tier(tier)


@pytest.mark.parametrize("version", ["6.44.6", "6.40", "5.26", "7.0", "8.1", "", "seven", "7", "7.16; /evil"])
def test_a_version_that_cannot_run_the_agent_says_what_can(version: str) -> None:
    with pytest.raises(UnsupportedVersion, match=r"6\.45 to 6\.49, or 7\.1 or later"):
        tier_of(version)


@pytest.mark.parametrize("tier", Tier)
def test_everything_that_is_added_is_marked_as_ours(tier: Tier) -> None:
    added = _added(tier)

    assert [item.path for item in added] == [ADDABLE[0], ADDABLE[0], ADDABLE[1], ADDABLE[1]]
    assert all(_text(item.arguments["comment"]).startswith("tikfleet: ") for item in added)
    assert {_text(item.arguments["name"]) for item in added} == {
        "tikfleet-agent", "tikfleet-token", "tikfleet", "tikfleet-startup",
    }  # fmt: skip


@pytest.mark.parametrize("tier", Tier)
def test_removal_names_exactly_what_the_installer_names(tier: Tier) -> None:
    added = {_text(item.arguments["name"]) for item in _added(tier)}
    used = set(texts(parse(render_agent(tier, SETTINGS)))) | set(texts(parse(render_installer(tier, INSTALLER))))
    line = enrolment_line("v6" if tier is Tier.D else "v7", SETTINGS.server_url, KEY, None)
    files = {word for word in used if re.fullmatch(r"tikfleet-[a-z]+\.(rsc|txt)", word)}
    files |= set(re.findall(r"tikfleet-[a-z]+\.(?:rsc|txt)(?!_)", line))
    removed = set(texts(parse(render_removal(tier, RemovalSettings()))))

    assert added <= removed
    assert files <= removed
    assert {"tikfleet-ca", "tikfleet-ca.txt_0"} <= removed


@pytest.mark.parametrize("tier", Tier)
def test_removal_touches_nothing_but_names_of_ours(tier: Tier) -> None:
    removals = [
        item for item in commands(parse(render_removal(tier, RemovalSettings()))) if item.path.endswith("/remove")
    ]
    names = [text for text in texts(parse(render_removal(tier, RemovalSettings()))) if "removed" not in text]

    assert {item.path.rsplit("/", 1)[0] for item in removals} == {
        "/system/scheduler", "/system/script", "/system/script/environment", "/certificate", "/file",
    }  # fmt: skip
    # How it reads whether a run is under way.
    reads = {"array", "until", "time"}
    assert all(name.startswith(("tikfleet", "^tikfleet:")) for name in names if name not in reads)


@pytest.mark.parametrize("tier", Tier)
def test_the_scheduler_runs_the_agent_after_a_boot_and_in_between(tier: Tier) -> None:
    first, startup = [item for item in _added(tier) if item.path == ADDABLE[1]]

    assert "interval" in first.arguments
    assert "interval" not in startup.arguments
    assert _text(startup.arguments["start-time"]) == "startup"
    assert all("run tikfleet-agent" in _text(item.arguments["on-event"]) for item in (first, startup))
    assert "@" not in POLICIES
    assert re.search(r":local pace 60s\n", render_installer(tier, INSTALLER))


@pytest.mark.parametrize("tier", Tier)
def test_the_installer_speaks_before_it_adds_and_adds_before_it_enrols(tier: Tier) -> None:
    text = render_installer(tier, INSTALLER)
    order = [
        ':put "Tikfleet:',
        "device-mode get fetch",
        ":delay 5s",
        '/system script add name="tikfleet-agent"',
        "/agent/v1/enrol",
        '/system script add name="tikfleet-token"',
        '/system scheduler add name="tikfleet"',
    ]

    places = [text.index(step) for step in order]

    assert places == sorted(places)


@pytest.mark.parametrize("tier", Tier)
def test_credentials_stand_only_where_they_are_needed(tier: Tier) -> None:
    assert KEY in render_installer(tier, INSTALLER)
    assert "tfe_" not in render_agent(tier, SETTINGS) + render_upgrade(tier, SETTINGS)


@pytest.mark.parametrize("tier", Tier)
def test_the_installer_brings_the_same_agent_as_the_upgrade(tier: Tier) -> None:
    upgrade = render_upgrade(tier, SETTINGS)

    source = upgrade[upgrade.index("source=") :].rstrip("\n")

    assert source in render_installer(tier, INSTALLER)
    assert _text(parse(upgrade).statements[-1].arguments["source"]) == render_agent(tier, SETTINGS)


@cache
def _certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "Test CA")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    )
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("generation", ["v6", "v7"])
def test_the_line_is_one_line_that_brings_its_authority(generation: str) -> None:
    pem = _certificate()

    line = enrolment_line(generation, SETTINGS.server_url, KEY, f"\n{pem}\n")

    parse(line)
    assert line.count("\n") == 0
    assert line.isprintable()
    assert line.isascii()
    assert len(line) < 3_000
    assert f'fingerprint="{ca_fingerprint(pem)}"' in line
    assert "\\\\n".join(pem.strip().splitlines()) in line
    assert line.index("/certificate import") < line.index("/tool fetch")


@pytest.mark.parametrize("generation", ["v6", "v7"])
def test_every_fetch_of_the_line_checks_the_certificate_and_keeps_the_key_out_of_the_address(generation: str) -> None:
    line = enrolment_line(generation, SETTINGS.server_url, KEY, None)
    fetches = [item for item in commands(parse(line)) if item.path == "/tool/fetch"]

    assert len(fetches) == 2
    assert all(_text(item.arguments["check-certificate"]) == "yes-without-crl" for item in fetches)
    assert line.count(KEY) == 1
    assert f'"Authorization: Bearer {KEY}"' in line
    # A question mark asks a terminal for help.
    assert "?" not in line
    assert "certificate import" not in line


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----",
        _certificate() * 2,
    ],
    ids=["nothing", "no PEM", "no base64", "no DER", "half a letter", "two"],
)
def test_a_certificate_that_is_none_is_refused(pem: str) -> None:
    with pytest.raises(ValueError, match="authority"):
        enrolment_line("v7", SETTINGS.server_url, KEY, pem)
