"""The configuration of a virtual router as `/export` writes it: compact, with the header of its release."""

from tikfleet.routeros.script.quoting import quote
from tikfleet.virtual.light import sections, spelling
from tikfleet.virtual.light.machine import Machine


def export_text(machine: Machine, token: str) -> str:
    """Stable but for its first line, as on a router: the same configuration gives the same text.

    The agent's token is in it, because no menu of RouterOS is durable and left out of exports.
    """
    note = quote(f"# token={token}")
    menus = {
        "/interface bridge": _bridge(machine),
        "/interface bridge port": _bridge_ports(machine),
        "/ip address": [f"add address={sections.wan_address(machine)} interface={machine.links[0].name}"],
        "/ip firewall filter": _firewall(machine),
        "/ip firewall nat": [f"add action=masquerade chain=srcnat out-interface={machine.links[0].name}"],
        "/system clock": ["set time-zone-autodetect=no"],
        "/system identity": [f"set name={quote(machine.identity)}"],
        "/system scheduler": ["add comment=tikfleet interval=1m name=tikfleet on-event=tikfleet-agent"],
        "/system script": [f"add comment=tikfleet dont-require-permissions=no name=tikfleet-token source={note}"],
    }
    body = "".join(f"{menu}\n" + "".join(f"{row}\n" for row in rows) for menu, rows in menus.items() if rows)
    return _header(machine) + body


def _header(machine: Machine) -> str:
    plan = machine.blueprint
    written = spelling.date(plan.release, machine.local_s(machine.at))
    lines = [f"# {written} by RouterOS {plan.release.version}", f"# software id = {plan.software_id}", "#"]
    if plan.serial:
        lines += [f"# model = {plan.board.model}", f"# serial number = {plan.serial}"]
    return "\n".join(lines) + "\n"


def _bridge(machine: Machine) -> list[str]:
    bridges = [link.name for link in machine.links if link.kind == "bridge"]
    address = spelling.mac(machine.blueprint.mac)
    return [f"add admin-mac={address} auto-mac=no comment=defconf name={name}" for name in bridges]


def _bridge_ports(machine: Machine) -> list[str]:
    if not any(link.kind == "bridge" for link in machine.links):
        return []
    ports = [link.name for link in machine.links if link.inward and link.kind in {"ether", "wlan", "wifi"}]
    return [f"add bridge=bridge comment=defconf interface={name}" for name in ports]


def _firewall(machine: Machine) -> list[str]:
    rules = [
        "add action=accept chain=input connection-state=established,related,untracked",
        "add action=drop chain=input connection-state=invalid",
        "add action=accept chain=input protocol=icmp",
    ]
    blocked = machine.blueprint.trait % 24
    rules += [f'add action=drop chain=forward comment="block {n}" src-address=198.51.100.{n}' for n in range(blocked)]
    return [*rules, f"add action=drop chain=input in-interface={machine.links[0].name}"]
