"""Kinds that change a router: they may be repeated, since each says how things are to be.

Commands and arguments are those of RouterOS's own inspection of 7.9 to 7.22; those of 6.49 are from REFERENCE §6 and
the manual of 6. Not verified on hardware: the wireless menus, which no virtual machine has.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Annotated, Final, Literal

from msgspec import Meta

from tikfleet.domains.jobs.kinds.kind import Fixed, Host, Parameters, Text, given, require, secret
from tikfleet.routeros.script.builder import Command, Expression, find
from tikfleet.routeros.script.quoting import quote

MOST_ADDRESSES: Final = 500
_V6_SERVERS: Final = 2
_ON_6: Final = "D"
_WITH_WIFIWAVE2: Final = "C"

Driver = Annotated[
    Literal["auto", "wifi", "wireless"],
    Meta(
        description="Which of RouterOS's two menus: `wifi` (`wifiwave2` before 7.13) or `wireless`. `auto` is `wifi` "
        "from 7.13 on and `wireless` before."
    ),
]


def wireless_menu(driver: str, tier: str) -> str:
    """`/interface/wifi` and its like. Raises ValueError for what release 6 does not have."""
    if driver == "wireless" or (driver == "auto" and tier in (_WITH_WIFIWAVE2, _ON_6)):
        return "/interface/wireless"
    if tier == _ON_6:
        raise ValueError("RouterOS 6 has no menu wifi: ask for the driver wireless")
    return "/interface/wifiwave2" if tier == _WITH_WIFIWAVE2 else "/interface/wifi"


class Reboot(Parameters, frozen=True, kw_only=True, tag="reboot"):
    """Restart the router."""

    delay_s: Annotated[int, Meta(ge=15, le=3_600, description="How long the router waits first.")] = 15


class Identity(Parameters, frozen=True, kw_only=True, tag="identity"):
    """Set the router's name."""

    name: Annotated[Text, Meta(description="The router's new name.", examples=["branch-12"])]


class UserPassword(Parameters, frozen=True, kw_only=True, tag="user-password"):
    """Give a user of the router a new password; fails where there is no such user."""

    user: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            pattern=r"^[A-Za-z0-9]([A-Za-z0-9_.#@-]*[A-Za-z0-9])?$(?!\n)",
            examples=["admin"],
        ),
    ]
    password: Annotated[str, secret(8, 100, "The new password. It is not shown again.")]

    def script(self, tier: str) -> Sequence[Expression]:
        """`/user set`, not its own `/password`, which asks for the old one."""
        user = find("/user", {"name": self.user})
        return [
            require(user, f"there is no user {self.user}"),
            Command("/user", "set", {"numbers": user, "password": self.password}),
        ]


class AddressList(Parameters, frozen=True, kw_only=True, tag="address-list"):
    """Make a firewall's address list hold these addresses and no others; entries that RouterOS added itself stay."""

    name: Annotated[Text, Meta(description="The list.", examples=["blocked"])]
    addresses: Annotated[
        list[Annotated[str, Meta(max_length=43)]],
        Meta(max_length=MOST_ADDRESSES, description="Addresses and prefixes.", examples=[["192.0.2.0/24"]]),
    ]
    family: Literal["ipv4", "ipv6"] = "ipv4"
    comment: Annotated[
        str, Meta(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)", description="Of entries that are added.")
    ] = ""

    def __post_init__(self) -> None:
        """Raises ValueError for what is no address of the family."""
        self._wanted()

    def script(self, tier: str) -> Sequence[Expression]:
        """The difference is made on the router, entry by entry, so that what stays is never gone for a moment."""
        menu = "/ip firewall address-list" if self.family == "ipv4" else "/ipv6 firewall address-list"
        return [
            Fixed('{\n:local wanted [:toarray ""]'),
            *(Fixed(f":set ($wanted->{quote(address)}) true") for address in self._wanted()),
            Fixed(f":local listed {quote(self.name)}"),
            Fixed(f":local remark {quote(self.comment)}"),
            Fixed(_SYNC.replace("@menu@", menu) + "}"),
        ]

    def _wanted(self) -> list[str]:
        return list(dict.fromkeys(self._as_listed(text) for text in self.addresses))

    def _as_listed(self, text: str) -> str:
        """As RouterOS shows it: an IPv4 address bare, an IPv6 one with its length."""
        network = ip_network(text)
        if network.version != (4 if self.family == "ipv4" else 6):
            raise ValueError(f"{text} is no address of {self.family}")
        alone = network.version == 4 and network.prefixlen == network.max_prefixlen  # noqa: PLR2004 - IPv4
        return str(network.network_address) if alone else str(network)


class WirelessKey(Parameters, frozen=True, kw_only=True, tag="wireless-key"):
    """Set the pre-shared key of a security profile."""

    profile: Annotated[Text, Meta(description="The security profile (`wireless`) or configuration (`wifi`).")]
    key: Annotated[str, secret(8, 63, "The pre-shared key. It is not shown again.")]
    driver: Driver = "auto"

    def script(self, tier: str) -> Sequence[Expression]:
        """WPA and WPA2 of a security profile have a key each; the newer menu has one passphrase."""
        menu = wireless_menu(self.driver, tier)
        if menu == "/interface/wireless":
            menu += "/security-profiles"
            keys = {"wpa-pre-shared-key": self.key, "wpa2-pre-shared-key": self.key}
        else:
            menu += "/security"
            keys = {"passphrase": self.key}
        profile = find(menu, {"name": self.profile})
        return [
            require(profile, f"there is no security profile {self.profile}"),
            Command(menu, "set", {"numbers": profile, **keys}),
        ]


class Dns(Parameters, frozen=True, kw_only=True, tag="dns"):
    """Set the resolvers that the router asks."""

    servers: Annotated[list[Host], Meta(max_length=8, description="Addresses.", examples=[["192.0.2.53"]])]
    allow_remote_requests: Annotated[bool | None, Meta(description="Whether others may ask the router.")] = None

    def __post_init__(self) -> None:
        """Raises ValueError for what is no address."""
        for server in self.servers:
            ip_address(server)

    def script(self, tier: str) -> Sequence[Expression]:
        """`/ip dns set`."""
        wanted = given(servers=self.servers, allow_remote_requests=self.allow_remote_requests)
        return [Command("/ip/dns", "set", wanted)]


class Ntp(Parameters, frozen=True, kw_only=True, tag="ntp"):
    """Set the time servers, and ask them."""

    servers: Annotated[list[Host], Meta(min_length=1, max_length=4, examples=[["time.example.net"]])]

    def script(self, tier: str) -> Sequence[Expression]:
        """Release 6 has room for two addresses, and for names apart from them."""
        if tier != _ON_6:
            return [Command("/system/ntp/client", "set", {"enabled": True, "servers": self.servers})]
        addresses = [server for server in self.servers if _is_v4(server)]
        names = [server for server in self.servers if not _is_v4(server)]
        if len(addresses) > _V6_SERVERS:
            raise ValueError("RouterOS 6 takes two addresses of time servers, and names besides them")
        first, second = [*addresses, "0.0.0.0", "0.0.0.0"][:2]  # noqa: S104 - RouterOS's word for none
        return [
            Command(
                "/system/ntp/client",
                "set",
                {"enabled": True, "primary-ntp": first, "secondary-ntp": second, "server-dns-names": names},
            )
        ]


def _is_v4(text: str) -> bool:
    try:
        return isinstance(ip_address(text), IPv4Address)
    except ValueError:
        return False


# An absent entry of an array has no text; entries that a rule or a name made are dynamic and not ours to remove.
_SYNC: Final = """\
:local added 0
:local removed 0
:foreach entry in=[@menu@ find where list=$listed and dynamic=no] do={
  :local there [:tostr [@menu@ get $entry address]]
  :if ([:len [:tostr ($wanted->$there)]] = 0) do={
    @menu@ remove $entry
    :set removed ($removed + 1)
  } else={ :set ($wanted->$there) "kept" }
}
:foreach there,state in=$wanted do={
  :if ([:tostr $state] != "kept") do={
    @menu@ add list=$listed address=$there comment=$remark
    :set added ($added + 1)
  }
}
:put ("added " . $added . ", removed " . $removed)
"""
