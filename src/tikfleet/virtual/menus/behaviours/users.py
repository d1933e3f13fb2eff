"""Users, their groups and rights, and who is logged in.

The three groups of a reset router are those of REFERENCE of policies; lines of the log are those of the manual's page
on syslog.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from tikfleet.virtual.menus.behaviours.moments import stamp
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import GENERAL, POLICIES, Caller, Refused
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

USER: Final = "/user"
GROUP: Final = "/user/group"
_ORDER: Final = (
    "local", "telnet", "ssh", "ftp", "reboot", "read", "write", "policy", "test", "winbox", "password", "web",
    "sniff", "sensitive", "api", "romon", "rest-api",
)  # fmt: skip
_LACKING: Final = {"read": {"ftp", "write", "policy"}, "write": {"ftp", "policy"}, "full": set[str]()}
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.#@-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in."""

    number: int
    since_s: float
    caller: Caller
    group: str


def attach(behaviours: Behaviours) -> None:
    hooks = behaviours.on(USER)
    hooks.initial.append(lambda _: [{"name": "admin", "group": "full", "_password": ""}])
    hooks.before_add.append(_new_user)
    hooks.before_set.append(_changed_user)
    hooks.before_remove.append(_keep_one)
    groups = behaviours.on(GROUP)
    groups.initial.append(_groups)
    groups.before_add.append(_spell)
    groups.before_set.append(lambda store, _, changes: _spell(store, changes))
    groups.before_remove.append(_unused)
    behaviours.on("/user/active").rows.append(_active)


def _groups(store: Store) -> Iterable[Item]:
    for name, lacking in _LACKING.items():
        yield {"name": name, "policy": policy_text(store, POLICIES - lacking), "skin": "default"}


def policy_text(store: Store, policies: frozenset[str]) -> str:
    """Policies as RouterOS lists them: those that are held, then the others with `!`."""
    known = _ORDER
    if not store.profile.at_least("7.9"):
        known = (*_ORDER[:-1], "dude", "tikapp", *(_ORDER[-1:] if store.profile.at_least("7.1beta1") else ()))
    held = [policy for policy in known if policy in policies]
    return ",".join([*held, *(f"!{policy}" for policy in known if policy not in policies)])


def policies_of(text: str) -> frozenset[str]:
    """The policies that a list of them holds."""
    return frozenset(word for word in text.split(",") if word and not word.startswith("!"))


def _spell(store: Store, values: Item) -> None:
    if "policy" in values:
        values["policy"] = policy_text(store, policies_of(values["policy"]))


def _new_user(store: Store, item: Item) -> None:
    if _NAME.fullmatch(item.get("name", "")) is None:
        raise Refused("failure: invalid user name", GENERAL)
    item["_password"] = item.pop("password", "")
    _known_group(store, item)


def _changed_user(store: Store, item: Item, changes: Item) -> None:
    if "password" in changes:
        changes["_password"] = changes.pop("password")
    _known_group(store, changes)


def _known_group(store: Store, values: Item) -> None:
    if "group" in values and store.table(GROUP).named(values["group"]) is None:
        raise Refused("input does not match any value of group", 1)


def _keep_one(store: Store, item: Item) -> None:
    full = [user for user in store.table(USER).items if user.get("group") == "full" and user is not item]
    if not full:
        raise Refused("failure: last full user can not be removed", GENERAL)


def _unused(store: Store, item: Item) -> None:
    if any(user.get("group") == item["name"] for user in store.table(USER).items):
        raise Refused("failure: group is in use", GENERAL)


def authenticate(store: Store, name: str, password: str, via: str, address: str) -> Caller | None:
    """The caller that a name and a password make; `None` if they do not fit, or not from there."""
    user = store.table(USER).named(name)
    allowed = user is not None and user.get("disabled") != "true" and user.get("_password", "") == password
    if user is None or not allowed or not _from_allowed(user.get("address", ""), address):
        store.log("system,error,critical", f"login failure for user {name} from {address} via {via}")
        return None
    group = store.table(GROUP).named(user.get("group", ""))
    policies = policies_of("" if group is None else group.get("policy", ""))
    user["last-logged-in"] = stamp(store, store.now_s())
    return Caller(name, policies, via, address)


def _from_allowed(networks: str, address: str) -> bool:
    try:
        found = ip_address(address)
        listed = [ip_network(word, strict=False) for word in networks.split(",") if word]
    except ValueError:
        return True
    return not listed or any(found in network for network in listed)


def sign_in(store: Store, caller: Caller) -> int:
    """Note a session; its number comes back for `sign_out`."""
    sessions: dict[int, Session] = store.state.setdefault("sessions", {})
    number = store.state["last-session"] = store.state.get("last-session", 0) + 1
    user = store.table(USER).named(caller.user) or {}
    sessions[number] = Session(number, store.now_s(), caller, user.get("group", ""))
    store.log("system,info,account", f"user {caller.user} logged in from {caller.address} via {caller.via}")
    return int(number)


def sign_out(store: Store, number: int) -> None:
    session: Session | None = store.state.get("sessions", {}).pop(number, None)
    if session is not None:
        caller = session.caller
        store.log("system,info,account", f"user {caller.user} logged out from {caller.address} via {caller.via}")


def _active(store: Store) -> Iterable[Item]:
    sessions: dict[int, Session] = store.state.get("sessions", {})
    for session in sessions.values():
        yield {
            ".id": f"*{session.number:X}", "when": stamp(store, session.since_s), "name": session.caller.user,
            "address": session.caller.address, "via": session.caller.via, "group": session.group, "radius": "false",
        }  # fmt: skip
