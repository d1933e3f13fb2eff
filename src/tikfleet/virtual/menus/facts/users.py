"""Users of the router, their groups and keys."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    boolean,
    choice,
    duration,
    fixed,
    listing,
    moment,
    number,
    reference,
    secret,
    shown,
    since,
    single,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/user",
        text("name!+"),
        reference("group!", "/user/group"),
        boolean("disabled=false"),
        listing("address="),
        secret(text("password!")),
        since("7.16", choice("inactivity-policy=none", "lockscreen logout none"), duration("inactivity-timeout=10m")),
        shown(boolean("expired"), moment("last-logged-in")),
        items=('name=admin group=full comment="system default user"',),
    ),
    table(
        "/user/group",
        text("name!+ skin=default"),
        listing(
            "policy",
            words="api ftp local password policy read reboot rest-api romon sensitive sniff ssh telnet test web "
            "winbox write",
        ),
        items=(
            (
                "name=read policy=local,telnet,ssh,reboot,read,test,winbox,password,web,sniff,sensitive,api,"
                "romon,rest-api,!ftp,!write,!policy skin=default"
            ),
            (
                "name=write "
                "policy=local,telnet,ssh,reboot,read,write,test,winbox,password,web,sniff,sensitive,"
                "api,romon,rest-api,!ftp,!policy skin=default"
            ),
            (
                "name=full "
                "policy=local,telnet,ssh,ftp,reboot,read,write,policy,test,winbox,password,web,sniff,"
                "sensitive,api,romon,rest-api skin=default"
            ),
        ),
        refusal="failure: invalid group name",
    ),
    fixed("/user/active", shown(text("address by-romon group name via"), boolean("radius"), moment("when"))),
    single(
        "/user/aaa",
        text("exclude-groups="),
        reference("default-group=read", "/user/group"),
        boolean("accounting=true use-radius=false"),
        duration("interim-update=0s"),
    ),
    single("/user/settings", number("minimum-categories=0 minimum-password-length=0"), since="7.0"),
    table("/user/ssh-keys", reference("user", "/user"), shown(text("fingerprint info key-type"), number("bits"))),
    table("/user/ssh-keys/private", shown(text("comment info key-type user"), number("bits"))),
)
