"""`/user/ssh-keys`: the public keys that let users in over SSH."""

from typing import Final

import asyncssh

from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.request import Answer, Refused, Request
from tikfleet.virtual.scripting.files import StoredFiles

MENU: Final = "/user/ssh-keys"


def attach(menus: Menus, files: StoredFiles) -> None:
    """Let a router import keys from its files. [unverified: the words for a file that holds none]."""

    def load(request: Request) -> Answer:
        given = request.arguments
        missing = next((name for name in ("public-key-file", "user") if not given.get(name)), None)
        if missing is not None:
            raise Refused(f"missing value(s) of argument(s) {missing}")
        if menus.store.table("/user").named(given["user"]) is None:
            raise Refused("input does not match any value of user")
        line = files.read(given["public-key-file"]).decode("latin-1").strip()
        try:
            key = asyncssh.import_public_key(line)
        except (asyncssh.KeyImportError, ValueError) as cause:
            raise Refused("unable to load key file (wrong format or bad passphrase)!") from cause
        item = {
            ".id": menus.store.new_id(MENU),
            "user": given["user"],
            "key-type": key.get_algorithm().removeprefix("ssh-"),
            "info": key.get_comment() or "",
            "fingerprint": key.get_fingerprint().partition(":")[2],
            "_key": line,
        }
        menus.store.table(MENU).insert(item)
        files.remove(given["public-key-file"])
        return Answer()

    menus.handle(f"{MENU}/import", load, "policy")


def of(menus: Menus, user: str) -> list[str]:
    """The keys of a user, each as a line in OpenSSH's format."""
    items = menus.store.table(MENU).items
    return [item["_key"] for item in items if item.get("user") == user and "_key" in item]
