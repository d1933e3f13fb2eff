"""WireGuard: keys that the router makes itself, and peers that answer. Public keys are real X25519."""

import base64
import binascii
from contextlib import suppress
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tikfleet.routeros.values import format_duration
from tikfleet.virtual.menus.behaviours.chance import dice
from tikfleet.virtual.menus.checking import invalid
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

INTERFACE: Final = "/interface/wireguard"
PEER: Final = "/interface/wireguard/peers"
_KEY_BYTES: Final = 32
_FIRST_PORT: Final = 13_231
_HANDSHAKE_S: Final = 120


def attach(behaviours: Behaviours) -> None:
    hooks = behaviours.on(INTERFACE)
    hooks.before_add.append(_complete)
    hooks.before_set.append(lambda store, item, changes: _check_key(changes, "private-key"))
    hooks.show.append(_show)
    behaviours.on(PEER).before_add.append(_new_peer)
    behaviours.on(PEER).before_set.append(lambda store, item, changes: _check_keys(changes))
    behaviours.on(PEER).show.append(_show_peer)


def public_key(private_key: str) -> str:
    """The public key that belongs to a private one, both in base64. Raises `ValueError` for what is no key."""
    try:
        data = base64.b64decode(private_key, validate=True)
        key = X25519PrivateKey.from_private_bytes(data)
    except (binascii.Error, ValueError) as cause:
        raise ValueError("not a key of 32 bytes in base64") from cause
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _check_key(values: Item, name: str) -> None:
    if values.get(name):
        with suppress(binascii.Error, ValueError):
            if len(base64.b64decode(values[name], validate=True)) == _KEY_BYTES:
                return
        raise invalid(name)


def _check_keys(values: Item) -> None:
    for name in ("public-key", "preshared-key"):
        _check_key(values, name)
    if values.get("private-key") not in (None, "none", "auto"):
        _check_key(values, "private-key")


def _complete(store: Store, item: Item) -> None:
    """Without a key the router makes one; the port is the first free one."""
    _check_key(item, "private-key")
    if not item.get("private-key"):
        seed = f"{store.profile.software_id}/{store.profile.serial}/{item.get('name', '')}/{store.now_s()}"
        item["private-key"] = base64.b64encode(sha256(seed.encode("utf-8", "surrogateescape")).digest()).decode()
    if "listen-port" not in item:
        taken = {other.get("listen-port") for other in store.table(INTERFACE).items}
        item["listen-port"] = next(str(port) for port in range(_FIRST_PORT, 65_536) if str(port) not in taken)


def _show(store: Store, row: Item) -> None:
    with suppress(ValueError):
        row["public-key"] = public_key(row.get("private-key", ""))


def _new_peer(store: Store, item: Item) -> None:
    _check_keys(item)


def _show_peer(store: Store, row: Item) -> None:
    """A peer that has an address to reach is one that answers."""
    endpoint = row.get("endpoint-address", "")
    answers = bool(endpoint) and row.get("disabled") != "true"
    seconds_s = store.uptime_s() if answers else 0.0
    rate = dice(store, "wireguard", row[".id"]) % 60_000
    row |= {"rx": str(int(rate * seconds_s)), "tx": str(int(rate * seconds_s / 3)), "dynamic": "false"}
    row["current-endpoint-address"] = endpoint if answers else ""
    row["current-endpoint-port"] = row.get("endpoint-port", "0") if answers else "0"
    if answers and seconds_s > 1:
        row["last-handshake"] = format_duration(int(seconds_s) % _HANDSHAKE_S)
