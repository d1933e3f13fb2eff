"""The scripts that a router runs for us: the agent, its installer, its successor and its removal."""

from typing import Final

from tikfleet.agent.settings import AgentSettings, InstallerSettings, RemovalSettings
from tikfleet.agent.template import folded, render
from tikfleet.agent.tiers import Tier
from tikfleet.routeros.script.quoting import quote

# What jobs may do: change the configuration with its secrets and users, write files, ping, reboot.
POLICIES: Final = "ftp,reboot,read,write,policy,test,password,sniff,sensitive"
_JITTER_S: Final = 4
# Where a script is told why something failed (`:onerror`, 7.13), and where it is not.
GUARDS: Final = {
    True: {"try": ":onerror failure in={", "catch": "} do={", "unspoken": ""},
    False: {
        "try": ":do {",
        "catch": "} on-error={",
        "unspoken": ':local failure "this RouterOS gives scripts no error text"',
    },
}
_JSON: Final = {"media": "application/json", "yes": "true", "closing": "}"}
_LINES: Final = {"media": "text/plain", "yes": "1", "closing": ""}


def render_agent(tier: Tier, settings: AgentSettings) -> str:
    """The source of the script `tikfleet-agent`. It holds no credential."""
    return render("agent", tier, _values(tier, settings))


def render_upgrade(tier: Tier, settings: AgentSettings) -> str:
    """What `GET /agent/v1/agent` serves: a script to import, which gives `tikfleet-agent` its new source."""
    source = folded(quote(render_agent(tier, settings)))
    return (
        f"# Tikfleet agent {settings.agent_version}: replaces the one here.\n"
        '/system script set [/system script find where name="tikfleet-agent"] \\\n'
        f"    source={source}\n"
    )


def render_installer(tier: Tier, settings: InstallerSettings) -> str:
    """What `GET /agent/v1/install` serves. It holds the enrolment key that asked for it."""
    values = _values(tier, settings.agent) | {
        "key": folded(quote(settings.enrolment_key)),
        "pause": str(settings.pause_s),
        "interval": str(settings.agent.interval_s),
        "agent": _adding(tier, settings.agent),
    }
    return render("installer", tier, values)


def render_removal(tier: Tier, settings: RemovalSettings) -> str:
    """What `GET /agent/v1/remove` serves: takes away what enrolment added, and nothing else."""
    return render("removal", tier, {"pause": str(settings.pause_s)})


def hold_s(tier: Tier) -> int:
    """How long a router of this tier lets a request be held open, within what its fetch waits for."""
    return 25 if tier is Tier.A else 8


def _adding(tier: Tier, settings: AgentSettings) -> str:
    return (
        '/system script remove [/system script find where name="tikfleet-agent"]\n'
        f'/system script add name="tikfleet-agent" comment="tikfleet: the agent" \\\n'
        f"    policy={POLICIES} \\\n    source={folded(quote(render_agent(tier, settings)))}"
    )


def _values(tier: Tier, settings: AgentSettings) -> dict[str, str]:
    """Every mark of the agent's fragments, as RouterOS source."""
    form = _JSON if tier is Tier.A else _LINES
    return {
        **form,
        **GUARDS[tier in {Tier.A, Tier.B}],
        "server": folded(quote(settings.server_url)),
        "version": settings.agent_version,
        "tier": tier.value,
        "policies": POLICIES,
        "check": settings.check_certificate.value,
        # RouterOS 6 takes the scheme from its own argument.
        "mode": f" mode={settings.server_url.partition(':')[0]}" if tier is Tier.D else "",
        # How long a connection may say nothing: named since 7.15, ten seconds before.
        "patience": " idle-timeout=30s" if tier is Tier.A else "",
        "hold": str(hold_s(tier)),
        "spread": str(settings.startup_spread_s),
        "jitter": str(min(_JITTER_S, settings.startup_spread_s)),
    }
