"""Who may run which command, and what a router's device mode forbids.

Policies: REFERENCE of the scheduler's policies; device mode: its table of features by mode (7.17 and later).
"""

from typing import Final

from tikfleet.virtual.menus.commands import READING
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import GENERAL, Refused, Request

# Changes here grant rights, so they need `policy` besides `write`.
_GRANTING: Final = frozenset({"/user", "/user/group", "/user/ssh-keys", "/user/aaa", "/user/settings"})
# Policies that scripts, scheduler entries and the history's actions can hold.
SCRIPT_POLICIES: Final = frozenset(
    {"ftp", "reboot", "read", "write", "policy", "test", "password", "sniff", "sensitive", "romon"}
)
_CHANGING: Final = frozenset({"add", "set", "enable"})
# Beginnings of menus and commands by the feature of device mode that they are.
_FEATURES: Final = {
    "/container": "container",
    "/ip/hotspot": "hotspot",
    "/ip/proxy": "proxy",
    "/ip/socks": "socks",
    "/partitions": "partitions",
    "/system/routerboard/settings": "routerboard",
    "/system/scheduler": "scheduler",
    "/tool/bandwidth-test": "bandwidth-test",
    "/tool/e-mail/send": "email",
    "/tool/fetch": "fetch",
    "/tool/romon": "romon",
    "/tool/sniffer": "sniffer",
    "/tool/traffic-generator/inject": "traffic-gen",
    "/tool/traffic-generator/quick": "traffic-gen",
    "/tool/traffic-generator/start": "traffic-gen",
    "/zerotier": "zerotier",
}
FORBIDDEN: Final = {
    "home": frozenset(
        {"fetch", "scheduler", "email", "sniffer", "romon", "bandwidth-test", "hotspot", "proxy", "socks", "zerotier"}
        | {"container", "traffic-gen", "partitions", "routerboard", "install-any-version"}
    ),
    "basic": frozenset(
        {"bandwidth-test", "hotspot", "proxy", "socks", "zerotier", "container"}
        | {"traffic-gen", "partitions", "routerboard", "install-any-version"}
    ),
    "advanced": frozenset({"container", "traffic-gen", "partitions", "routerboard", "install-any-version"}),
    "rose": frozenset({"traffic-gen", "partitions", "routerboard", "install-any-version"}),
}
FEATURES: Final = tuple(sorted({*FORBIDDEN["home"], "ipsec", "l2tp", "pptp", "smb"}))


def demand(request: Request, policy: str) -> None:
    """Raise `Refused` where the caller lacks a policy."""
    if policy and policy not in request.caller.policies:
        raise Refused("not enough permissions (9)", GENERAL)


def demand_for_item_command(request: Request) -> None:
    """What the commands that menus share need: `read` to see, `write` to change, `policy` where rights are given."""
    if request.command in READING:
        demand(request, "read")
        return
    demand(request, "write")
    if request.menu in _GRANTING:
        demand(request, "policy")


def refuse_by_device_mode(profile: Profile, request: Request) -> None:
    """Raise `Refused` for what the router's mode forbids: running a tool, and adding or enabling its items."""
    if request.command in READING or not profile.at_least("7.17"):
        return
    feature = feature_of(request.path)
    if feature is None or feature not in FORBIDDEN.get(profile.device_mode, ()):
        return
    is_command = request.path in _FEATURES
    switches_off = request.arguments.get("enabled") in ("no", "false") or request.arguments.get("disabled") in (
        "yes",
        "true",
    )
    if is_command or (request.command in _CHANGING and not switches_off):
        raise Refused("failure: not allowed by device-mode", GENERAL)


def feature_of(path: str) -> str | None:
    """The feature of device mode that a menu or command belongs to."""
    while path:
        if path in _FEATURES:
            return _FEATURES[path]
        path = path.rpartition("/")[0]
    return None
