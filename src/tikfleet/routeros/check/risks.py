"""Commands that do harm when they are not meant: what each may cost, in a sentence."""

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from tikfleet.routeros.check.walk import constant, constants
from tikfleet.routeros.script.tree import Command, Condition, Substitution

Test = Callable[[Command], bool]

_OFF: Final = frozenset({"yes", "true"})
_HIDDEN: Final = re.compile(r"password|passphrase|secret|.*-key(-\d)?|private-.*|pin|token")
_WITH_HIDDEN: Final = (
    r"/(ppp/secret|radius|ip/ipsec/(identity|key/psk)|ip/hotspot/user|interface/wireless/(security-profiles|access-list)"
    r"|interface/wifi/security(/multi-passphrase)?|caps-man/security|interface/wireguard(/peers)?|snmp/community|tool/e-mail"
    r"|container/envs|interface/(l2tp|ovpn|ppp|pppoe|pptp|sstp)-client|user-manager/user)"
)


@dataclass(frozen=True, slots=True)
class Risk:
    """A pattern of full command paths, a further test if any, and why it is a risk."""

    code: str
    paths: re.Pattern[str]
    sentence: str
    applies: Test | None = None


def risks(command: Command, protected: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    """Codes and sentences. `protected` are names of schedulers and scripts that keep the router managed."""
    for risk in _RISKS:
        if risk.paths.fullmatch(command.path) and (risk.applies is None or risk.applies(command)):
            yield risk.code, risk.sentence
    if re.fullmatch(r"/system/(scheduler|script)/(remove|disable|set)", command.path) and protected & constants(
        command
    ):
        yield "risk.agent", "this stops or changes what keeps the router managed: it may not report again"


def _turns_off(command: Command) -> bool:
    return constant(command.arguments.get("disabled")) in _OFF


def _takes_all(command: Command) -> bool:
    """`remove [find]`: every item."""
    numbers = command.arguments.get("numbers")
    if not isinstance(numbers, Substitution) or len(numbers.statements) != 1:
        return False
    (inner,) = numbers.statements
    if not isinstance(inner, Command) or not inner.path.endswith("/find"):
        return False
    where = inner.arguments.get("where")
    return where is None or (isinstance(where, Condition) and where.expression is None)


def _closes_input(command: Command) -> bool:
    given = {name: constant(node) for name, node in command.arguments.items()}
    passing = {"chain", "action", "comment", "log", "log-prefix", "place-before", "disabled"}
    return (
        given.get("chain") == "input" and given.get("action") in {"drop", "reject", "tarpit"} and set(given) <= passing
    )


def _shows_sensitive(command: Command) -> bool:
    return "show-sensitive" in command.arguments


def _reads_secret(command: Command) -> bool:
    name = constant(command.arguments.get("value-name"))
    return name is not None and _HIDDEN.fullmatch(name) is not None


def _trusts_anybody(command: Command) -> bool:
    address = constant(command.arguments.get("url")) or constant(command.arguments.get("address")) or ""
    return constant(command.arguments.get("check-certificate")) == "no" and address.startswith("https")


def _names_password(command: Command) -> bool:
    return constant(command.arguments.get("password")) not in (None, "")


def _risk(code: str, paths: str, sentence: str, applies: Test | None = None) -> Risk:
    return Risk(f"risk.{code}", re.compile(paths), sentence, applies)


_RISKS: Final = (
    _risk("reset", "/system/reset-configuration", "this removes the whole configuration and restarts the router"),
    _risk("restore", "/system/backup/load", "this replaces the whole configuration and restarts the router"),
    _risk("shutdown", "/system/shutdown", "the router stays off until somebody turns it on where it stands"),
    _risk("reboot", "/system/reboot", "the router restarts: what passes through it stops meanwhile"),
    _risk(
        "upgrade",
        "/system/(package/(update/install|downgrade|uninstall|apply-changes)|check-installation)|/system/upgrade/.*",
        "the router restarts with other software",
    ),
    _risk(
        "firmware", "/system/routerboard/upgrade", "a boot loader written halfway leaves a router that does not start"
    ),
    _risk("device-mode", "/system/device-mode/update", "this waits for somebody to press a button or cut the power"),
    _risk("format", "/disk/(format.*|erase.*|blkdiscard.*)", "this destroys what the disk holds"),
    _risk(
        "files", "/file/remove", "files do not come back; the router's own scripts and certificates may be among them"
    ),
    _risk(
        "user", "/user/remove", "a removed user cannot sign in, and the last one with full rights locks everybody out"
    ),
    _risk("user", "/user/disable", "a disabled user cannot sign in, and the last one locks everybody out"),
    _risk("user", "/user/set", "this changes who may sign in and what they may do"),
    _risk("user", "/user/group/(remove|set)", "this changes what the users of the group may do"),
    _risk("service", "/ip/service/disable", "this may be the service by which the router is managed"),
    _risk("service", "/ip/service/set", "this may be the service by which the router is managed", _turns_off),
    _risk(
        "management", r"/interface(/[a-z0-9-]+)?/(disable|remove)", "the router may be reached through this interface"
    ),
    _risk(
        "management", r"/interface(/[a-z0-9-]+)?/set", "the router may be reached through this interface", _turns_off
    ),
    _risk("management", r"/(ip|ipv6)/address/(remove|disable)", "the router may be reached at this address"),
    _risk(
        "management", r"/(ip|ipv6)/(address|dhcp-client|route)/set", "the router may be reached this way", _turns_off
    ),
    _risk(
        "management", r"/(ip|ipv6)/dhcp-client/(remove|disable|release)", "the router may have its address from here"
    ),
    _risk("management", r"/(ip|ipv6)/route/(remove|disable)", "the router may answer through this route"),
    _risk(
        "management",
        "/(ip|ipv6)/firewall/filter/add",
        "this rule has no condition: it also stops those who manage the router",
        _closes_input,
    ),
    _risk(
        "management",
        "/interface/bridge/set",
        "VLAN filtering may cut off those who manage the router",
        lambda command: constant(command.arguments.get("vlan-filtering")) in _OFF,
    ),
    _risk("scheduler", "/system/scheduler/(remove|disable)", "what the router did by itself stops, also its own agent"),
    _risk("scheduler", "/system/scheduler/set", "what the router did by itself stops, also its own agent", _turns_off),
    _risk("script", "/system/script/remove", "schedulers and other scripts may run this script"),
    _risk("certificate", "/certificate/remove", "services and tunnels that use the certificate stop"),
    _risk("all", r"/.*/(remove|disable)", "`find` without a condition: this takes every item of the menu", _takes_all),
    _risk("secret", "/export", "secrets are written out, and stay in logs and outputs", _shows_sensitive),
    _risk("secret", r"/.*/export", "secrets are written out, and stay in logs and outputs", _shows_sensitive),
    _risk("secret", _WITH_HIDDEN + "/print", "passwords and keys are printed, and stay in logs and outputs"),
    _risk("secret", r"/.*/get", "a password or key is read: it stays wherever it is written to", _reads_secret),
    _risk(
        "password",
        "/user/(add|set)",
        "the password stands in the script for everybody who can read it",
        _names_password,
    ),
    _risk("import", "/import", "the file is run as it is when this runs, whatever it holds then"),
    _risk("fetch", "/tool/fetch", "without a check of the certificate anybody on the way can answer", _trusts_anybody),
    _risk(
        "license",
        "/system/license/.*",
        "a licence that moves does not come back by itself",
        lambda command: not command.path.endswith(("/print", "/get")),
    ),
)
