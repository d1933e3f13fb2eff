"""Which addresses are of the public internet (RFC 6890 and the registries that it began)."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64: Final = IPv6Network("64:ff9b::/96")
# What `is_global` of some versions of Python takes for public, and is not.
_NEVER: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        "::/8", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
        "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


def may_be_reached(text: str, allowed: Sequence[Network]) -> bool:
    """Whether a literal address is public, or in a network that was allowed. An address inside another counts too.

    Raises ValueError for text that is no address.
    """
    address = ip_address(text.partition("%")[0])
    return all(_is_public(one) or any(_within(one, network) for network in allowed) for one in _faces(address))


def _faces(address: Address) -> Iterator[Address]:
    """The IPv4 address that an IPv6 one leads to, or else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            yield address.ipv4_mapped
            return
        if address in _NAT64:
            yield IPv4Address(int(address) & 0xFFFFFFFF)
            return
    yield address


def _is_public(address: Address) -> bool:
    never = any(_within(address, network) for network in _NEVER)
    return address.is_global and not address.is_multicast and not never


def _within(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network
