"""Every script for every tier: what RouterOS can run there, and nothing it cannot."""

import re
from collections.abc import Iterator
from itertools import product

import pytest

from tikfleet.agent.guard import render_guarded
from tikfleet.agent.jobs import JobKind, render_job
from tikfleet.agent.scripts import render_agent, render_installer, render_removal, render_upgrade
from tikfleet.agent.settings import AgentSettings, CertificateCheck, InstallerSettings, RemovalSettings
from tikfleet.agent.template import render
from tikfleet.agent.tiers import Tier
from tikfleet.routeros.script.parser import parse

KEY = "tfe_" + "k" * 49
SETTINGS = [
    AgentSettings("https://fleet.example.net", "1.0.0"),
    AgentSettings("https://fleet.example.net:8443/base", "1.2.0-rc.1", CertificateCheck.WITH_CRL, 10, 0),
    AgentSettings("http://[2001:db8::1]", "2.0.0", interval_s=86_400, startup_spread_s=120),
    AgentSettings("https://" + "long-label." * 22 + "example", "1.0.0"),
]

PARAMETERS = {JobKind.IDENTITY: {"name": "core-1"}, JobKind.SCRIPT: {"source": "/ip address\nprint\n"}}


def _scripts() -> Iterator[tuple[Tier, str, str]]:
    for tier, settings in product(Tier, SETTINGS):
        yield tier, "agent", render_agent(tier, settings)
        yield tier, "upgrade", render_upgrade(tier, settings)
        yield tier, "installer", render_installer(tier, InstallerSettings(settings, KEY))
        yield tier, "removal", render_removal(tier, RemovalSettings())
        for kind in JobKind:
            yield tier, f"job {kind}", render_job(kind, PARAMETERS.get(kind, {}), tier)
        asked = render_job(JobKind.IDENTITY, {"name": "core-1"}, tier)
        yield tier, "confirmed job", render_guarded(asked, tier, 300, 60)
        yield tier, "undo", render("undo", tier, {"within": "300", "limit": "420"})


ALL = [pytest.param(tier, text, id=f"{name} {tier} {place}") for place, (tier, name, text) in enumerate(_scripts())]
# Words of RouterOS script that a tier's oldest release does not know, or that no release should meet.
FOREIGN = {
    Tier.A: (),
    Tier.B: ("options=json", "idle-timeout", ":tolf", ":tocrlf", ":serialize", ":deserialize"),
    Tier.C: (":onerror", ":serialize", ":deserialize", "/file read", ":convert", "idle-timeout", ":rndstr", ":grep"),
    Tier.D: (
        *(":onerror", ":serialize", ":deserialize", "/file read", ":convert", "idle-timeout", ":rndstr", ":rndnum"),
        *("as-string", ":timestamp", ":tonsec", ":jobname", ":retry", "/file add", "wifiwave2", "show-sensitive"),
    ),
}
NEVER = (r":break\b", r":continue\b", r":exit\b", r"(?<!on-error)=\{\}", r"check-certificate=no\b", r"\t")


@pytest.mark.parametrize(("tier", "text"), ALL)
def test_a_script_parses_as_routeros_parses_it(tier: Tier, text: str) -> None:
    parse(text)


@pytest.mark.parametrize(("tier", "text"), ALL)
def test_no_line_is_wider_than_a_terminal_shows(tier: Tier, text: str) -> None:
    assert max(map(len, text.splitlines())) <= 100
    assert text.isascii()


@pytest.mark.parametrize(("tier", "text"), ALL)
def test_a_script_says_what_it_is_before_it_does_anything(tier: Tier, text: str) -> None:
    assert text.startswith(("# Tikfleet", "# Takes away"))
    assert "@" not in text


@pytest.mark.parametrize(("tier", "text"), ALL)
def test_a_tier_meets_no_word_that_its_oldest_release_does_not_know(tier: Tier, text: str) -> None:
    # An export wraps inside words.
    text = text.replace("\\\n    ", "")
    assert [word for word in FOREIGN[tier] if word in text] == []
    assert [word for word in NEVER if re.search(word, text)] == []


@pytest.mark.parametrize("tier", Tier)
def test_the_agent_fits_where_routeros_keeps_it(tier: Tier) -> None:
    text = render_agent(tier, SETTINGS[0])

    assert len(text) < 32_768
    assert "tfd_" not in text.replace('"tfd_"', "")
