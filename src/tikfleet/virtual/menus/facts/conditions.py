"""Properties that count, and are shown with their defaults, only where another one has a certain value.

From what routers of 7.x were seen to print: a bridge without VLAN filtering shows no `pvid`, an action of logging shows
what belongs to its target. Menus that are not here show every property that has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Condition:
    """`names` count only where `decider` holds one of `values`."""

    decider: str
    values: frozenset[str]
    names: frozenset[str]


def _when(decider: str, values: str, names: str) -> Condition:
    return Condition(decider, frozenset(values.split()), frozenset(names.split()))


CONDITIONS: Final[dict[str, tuple[Condition, ...]]] = {
    "/interface/bonding": (
        _when("mode", "802.3ad", "lacp-rate"),
        _when("mode", "active-backup balance-tlb balance-alb", "primary"),
        _when("mode", "802.3ad balance-xor", "transmit-hash-policy"),
        _when("link-monitoring", "arp", "arp-interval arp-ip-targets"),
        _when("link-monitoring", "mii", "mii-interval"),
    ),
    "/interface/bridge": (
        _when("vlan-filtering", "true", "ether-type frame-types ingress-filtering pvid"),
        _when("protocol-mode", "mstp", "max-hops region-name region-revision"),
        _when(
            "igmp-snooping",
            "true",
            "igmp-version mld-version multicast-querier multicast-router last-member-interval last-member-query-count "
            "membership-interval querier-interval query-interval query-response-interval startup-query-count "
            "startup-query-interval",
        ),
        _when("dhcp-snooping", "true", "add-dhcp-option82"),
    ),
    "/queue/type": (
        _when("kind", "bfifo", "bfifo-limit"),
        _when(
            "kind",
            "cake",
            "cake-ack-filter cake-atm cake-autorate-ingress cake-bandwidth cake-diffserv cake-flowmode cake-memlimit "
            "cake-mpu cake-nat cake-overhead cake-overhead-scheme cake-rtt cake-rtt-scheme cake-wash",
        ),
        _when("kind", "codel", "codel-ce-threshold codel-ecn codel-interval codel-limit codel-target"),
        _when(
            "kind",
            "fq-codel",
            "fq-codel-ce-threshold fq-codel-ecn fq-codel-flows fq-codel-interval fq-codel-limit fq-codel-memlimit "
            "fq-codel-quantum fq-codel-target",
        ),
        _when("kind", "mq-pfifo", "mq-pfifo-limit"),
        _when(
            "kind",
            "pcq",
            "pcq-burst-rate pcq-burst-threshold pcq-burst-time pcq-classifier pcq-dst-address-mask "
            "pcq-dst-address6-mask pcq-limit pcq-rate pcq-src-address-mask pcq-src-address6-mask pcq-total-limit",
        ),
        _when("kind", "pfifo", "pfifo-limit"),
        _when("kind", "red", "red-avg-packet red-burst red-limit red-max-threshold red-min-threshold"),
        _when("kind", "sfq", "sfq-allot sfq-perturb"),
    ),
    "/system/logging/action": (
        _when("target", "disk", "disk-file-count disk-file-name disk-lines-per-file disk-stop-on-full"),
        _when("target", "echo", "remember"),
        _when("target", "email", "email-start-tls email-to"),
        _when("target", "memory", "memory-lines memory-stop-on-full"),
        _when(
            "target",
            "remote",
            "bsd-syslog remote remote-log-format remote-port remote-protocol src-address syslog-facility "
            "syslog-severity syslog-time-format vrf",
        ),
    ),
    "/tool/netwatch": (
        _when("type", "icmp", "accept-icmp-time-exceeded ttl"),
        _when("type", "http-get https-get tcp-conn", "port"),
    ),
}


def counts(menu: str, name: str, item: Mapping[str, str]) -> bool:
    """Whether a property means anything for an item; `item` holds its values, defaults included."""
    conditions = [condition for condition in CONDITIONS.get(menu, ()) if name in condition.names]
    return not conditions or any(item.get(condition.decider) in condition.values for condition in conditions)
