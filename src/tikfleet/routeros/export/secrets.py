"""Which values of a configuration are secrets, and how to tell that an export already hides them.

The names are those of the manual's lists of sensitive parameters and the arguments of the console's trees (7.9 to
7.24) that hold passwords, keys and tokens. An export without `show-sensitive` (v7) or with `hide-sensitive` (v6)
leaves such properties out.
"""

import re
from dataclasses import replace
from typing import Final

from tikfleet.routeros.export.model import Configuration, Item, Value

HIDDEN: Final = "<redacted>"

_NAMES: Final = frozenset(
    (  # noqa: SIM905 - read as a paragraph
        "api-key auth-key authentication-password cak challenge-password client-secret connection-request-password "
        "dh-key eap-password encryption-key encryption-password hkdf-secret ipsec-secret key-val l2tp-secret "
        "mac-auth-password management-protection-key mschapv2-password mtik-key nv2-preshared-key nv2-sync-secret "
        "nvme-tcp-password nvme-tcp-server-password otp-secret passphrase password paypal-password pin ppk-secret "
        "preshared-key private-key private-passphrase private-pre-shared-key psk radius-password remote-key secret "
        "secrets self-encryption-password shared-secret sim-pin smb-password smb-server-password socks5-password "
        "sshfs-password static-key-0 static-key-1 static-key-2 static-key-3 static-sta-private-key supplicant-password "
        "tcp-md5-key token totp-secret upgrade-password web-private-password wpa-pre-shared-key wpa2-pre-shared-key"
    ).split()
)
# Secrets only in these menus: elsewhere the same word is harmless.
_BY_MENU: Final = {
    "/container/envs": frozenset({"value"}),
    "/ip/ipsec/key/psk": frozenset({"key"}),
    "/routing/rip/keys": frozenset({"key"}),
    "/snmp/community": frozenset({"name"}),
    "/zerotier": frozenset({"identity", "identity.private"}),
}
# Properties whose text is a script or an address, which may hold secrets inside.
_TEXTS: Final = frozenset({"source", "on-event", "on-up", "on-down", "up-script", "down-script", "script", "url"})
_INSIDE: Final = re.compile(
    r"""(?P<head>\b(?:[a-z0-9-]*(?:password|passphrase|secret|token|psk|private-key|preshared-key))["']?\s*"""
    r"""(?:=|\s)\s*)(?P<value>\\?"(?:[^"\\]++|\\.)*+"|[^\s;"$\[\](){}]++)|(?P<user>://[^/\s:@"]++:)[^/\s@"]++(?=@)""",
    re.IGNORECASE,
)
_REDACTED: Final = re.compile(
    r"<[a-z ]*(?:redacted|hidden|removed)[a-z ]*>|\[?redacted\]?|[*]{3,}|x{6,}", re.IGNORECASE
)


def is_sensitive(menu: str, name: str) -> bool:
    """Whether a property holds a secret: `password`, and `security.passphrase` of a profile inside another."""
    return name.rpartition(".")[2] in _NAMES or name in _BY_MENU.get(menu, ())


def is_redacted(value: Value) -> bool:
    """Whether a value stands in for one that somebody has hidden."""
    return value is not None and _REDACTED.fullmatch(value) is not None


def shows_secrets(configuration: Configuration) -> bool:
    """Whether any secret can be read: none means that there is none, or that the export hides them."""
    return any(
        is_sensitive(menu, name) and value and not is_redacted(value)
        for menu, items in configuration.menus.items()
        for item in items
        for name, value in item.values.items()
    )


def redacted(configuration: Configuration) -> Configuration:
    """A copy without secrets: each is `<redacted>`, also inside scripts and addresses. Names and order stay."""
    menus = {menu: [_without(menu, item) for item in items] for menu, items in configuration.menus.items()}
    return replace(configuration, menus=menus, unread=[])


def redacted_text(text: str) -> str:
    """A script or an address with what is given to `password=`, `token=` and the like replaced."""
    return _INSIDE.sub(_hide, text)


def _hide(match: re.Match[str]) -> str:
    if match["user"]:
        return match["user"] + HIDDEN
    return f"{match['head']}{HIDDEN}"


def _without(menu: str, item: Item) -> Item:
    values = {name: without_secret(menu, name, value) for name, value in item.values.items()}
    return replace(item, values=values) if values != item.values else item


def without_secret(menu: str, name: str, value: Value) -> Value:
    """The value of a property as whoever may not see secrets sees it."""
    if not value:
        return value
    if is_sensitive(menu, name):
        return HIDDEN
    return redacted_text(value) if name in _TEXTS else value
