"""Services as people write them: `tcp/443`, `udp/53`, `gre`. Names of protocols: IANA's registry of numbers."""

from collections.abc import Mapping
from typing import Final

_WITH_PORTS: Final[Mapping[int, str]] = {6: "tcp", 17: "udp", 33: "dccp", 132: "sctp", 136: "udp-lite"}
_WITHOUT: Final[Mapping[int, str]] = {
    1: "icmp", 2: "igmp", 4: "ipip", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah", 58: "icmpv6", 89: "ospf",
    103: "pim", 112: "vrrp", 115: "l2tp",
}  # fmt: skip
# Ports that clients take for themselves begin here on common systems; a service has one above only when it is known.
_HIGH: Final = 32_768
_KNOWN_HIGH: Final = frozenset({51_413, 51_820, 51_821})

# What people call some services; the key stays the same in every answer.
LABELS: Final[Mapping[str, str]] = {
    "tcp/20": "FTP data", "tcp/21": "FTP", "tcp/22": "SSH", "tcp/23": "Telnet", "tcp/25": "SMTP", "udp/53": "DNS",
    "tcp/53": "DNS (TCP)", "udp/67": "DHCP", "udp/69": "TFTP", "tcp/80": "HTTP", "tcp/110": "POP3", "udp/123": "NTP",
    "tcp/143": "IMAP", "udp/161": "SNMP", "tcp/179": "BGP", "tcp/443": "HTTPS", "udp/443": "QUIC",
    "tcp/445": "SMB", "udp/500": "IKE", "udp/514": "Syslog", "tcp/587": "Submission", "tcp/853": "DNS over TLS",
    "tcp/993": "IMAPS", "tcp/995": "POP3S", "udp/1194": "OpenVPN", "tcp/1194": "OpenVPN", "udp/1701": "L2TP",
    "tcp/1723": "PPTP", "udp/1900": "SSDP", "udp/2055": "NetFlow", "tcp/3306": "MySQL", "tcp/3389": "RDP",
    "udp/3389": "RDP", "udp/3478": "STUN", "udp/4500": "IPsec NAT-T", "udp/5060": "SIP", "tcp/5060": "SIP",
    "tcp/5222": "XMPP", "udp/5353": "mDNS", "tcp/5432": "PostgreSQL", "udp/5678": "MNDP", "tcp/8080": "HTTP (8080)",
    "tcp/8291": "WinBox", "tcp/8443": "HTTPS (8443)", "tcp/8728": "RouterOS API", "tcp/8729": "RouterOS API (TLS)",
    "udp/13231": "WireGuard", "udp/51820": "WireGuard", "icmp": "ICMP", "icmpv6": "ICMPv6", "gre": "GRE",
    "esp": "IPsec ESP",
}  # fmt: skip


def service_of(protocol: int, port: int) -> str:
    """The key of a service: its protocol and port, or `tcp/high` where both ends have ports that clients take."""
    name = _WITH_PORTS.get(protocol)
    if name is None:
        return _WITHOUT.get(protocol, f"ip/{protocol}")
    if port >= _HIGH and port not in _KNOWN_HIGH:
        return f"{name}/high"
    return f"{name}/{port}"


def label_of(service: str) -> str:
    """What people call a service."""
    return LABELS.get(service, service)
