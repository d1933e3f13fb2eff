"""The sections of a report, read off a machine. Every value is text, as the agent on a router sends it."""

from typing import Final, TypeAlias

from tikfleet.virtual.light import spelling
from tikfleet.virtual.light.hardware import MIB
from tikfleet.virtual.light.machine import COUNTERS, Machine

Row: TypeAlias = dict[str, str]

_OPERATORS: Final = ("LMT", "Tele2", "Orange", "Telia", "T-Mobile", "MTN <4G>")
_BANDS: Final = ("B3@20Mhz earfcn: 1300 phy-cellid: 480", "B7@20Mhz earfcn: 3350 phy-cellid: 12", "B20@10Mhz")
_RATES_WIRELESS: Final = ("72.2Mbps-20MHz/1S/SGI", "144.4Mbps-20MHz/2S/SGI", "866.6Mbps-80MHz/2S/SGI", "24Mbps")
_RATES_WIFI: Final = ("573500000", "1201000000", "286800000", "6000000")


def inventory(machine: Machine) -> Row:
    plan, board = machine.blueprint, machine.blueprint.board
    row = {
        "identity": machine.identity,
        "serial-number": plan.serial,
        "software-id": plan.software_id,
        "board-name": board.board_name,
        "model": board.model,
        "architecture-name": board.chip.architecture,
        "version": machine.version,
        "cpu": board.chip.cpu,
        "cpu-count": str(board.chip.count),
        "cpu-frequency": str(board.chip.mhz),
        "total-memory": str(board.ram_mib * MIB),
        "total-hdd-space": str(board.disk_mib * MIB),
        "license-level": "p1" if board.is_cloud_hosted else str(board.licence),
    }
    if not board.is_cloud_hosted:
        row["factory-firmware"] = "6.47.10" if board.oldest_major == 6 else "7.8"  # noqa: PLR2004 - RouterOS 6
        row["current-firmware"] = machine.firmware
        row["upgrade-firmware"] = plan.release.version
    if plan.release.tier == "A":
        row["device-mode"] = "home" if board.radios else "advanced"
    return row


def interfaces(machine: Machine) -> list[Row]:
    plan, counters = machine.blueprint, machine.counters
    rows = []
    for place, link in enumerate(machine.links):
        running = "true" if machine.runs(place) else "false"
        rx, tx, rx_packets, tx_packets, rx_error, tx_error, rx_drop, tx_drop = counters[
            place * COUNTERS : (place + 1) * COUNTERS
        ]
        row = {
            "name": link.name,
            "type": link.kind,
            "mac-address": spelling.mac(plan.mac + place),
            "actual-mtu": link.mtu,
            "running": running,
            "disabled": "false",
            "link-downs": str(machine.link_downs[place]),
            "rx-byte": str(rx),
            "tx-byte": str(tx),
            "rx-packet": str(rx_packets),
            "tx-packet": str(tx_packets),
            "rx-error": str(rx_error),
            "tx-error": str(tx_error),
            "rx-drop": str(rx_drop),
            "tx-drop": str(tx_drop),
        }
        if running == "true":
            row["last-link-up-time"] = machine.last_up[place]
        if not place:
            row["comment"] = "WAN" if plan.index % 9 else "WAN; do not unplug <em>ever</em>"
        rows.append(row)
    return rows


def health(machine: Machine) -> list[Row] | None:
    """Sensors; `None` where the board has no such menu."""
    board = machine.blueprint.board
    if board.is_cloud_hosted or board.model == "RB941-2nD":
        return None
    old = machine.blueprint.release.tier == "D"
    celsius = machine.temperature_c()
    name = "cpu-temperature" if board.chip.count > 1 else "temperature"
    # RouterOS 6 gives scripts the voltage and the temperature in tenths.
    rows = [
        _sensor(name, str(round(celsius * 10)) if old else str(round(celsius)), "C"),
        _sensor("voltage", str(round(machine.voltage_v() * 10)) if old else f"{machine.voltage_v():.1f}", "V"),
    ]
    if machine.blueprint.role in {"core", "switch"}:
        rows.append(_sensor("fan1-speed", str(3_000 + round(celsius) * 25), "RPM"))
        rows.append(_sensor("psu2-state", "ok" if machine.blueprint.index % 5 else "fail", ""))
    if old:
        for row in rows:
            row.pop("type", None)
    return rows


def wireless(machine: Machine) -> list[Row] | None:
    """Clients; `None` where the router has no radios, which is not the same as nobody there."""
    board = machine.blueprint.board
    if not board.radios:
        return None
    modern = board.wifi == "wifi"
    radio = "wifi" if modern else "wlan"
    rates = _RATES_WIFI if modern else _RATES_WIRELESS
    ssid = f"{machine.blueprint.site.town}-guest" if machine.blueprint.site.number % 3 else 'cafe "<b>free</b>"'
    rows = []
    for number, since, signal in machine.clients:
        strength = signal + number % 5 - 2
        row = {
            "interface": f"{radio}{number % board.radios + 1}",
            "mac-address": spelling.mac(0x020000000000 | number),
            "signal": str(strength) if modern else f"{strength}@6Mbps",
            "tx-rate": rates[number % 4],
            "rx-rate": rates[(number >> 2) % 4],
            "uptime": spelling.duration(machine.at - since),
            "source": "wifi" if modern else "wireless",
        }
        if modern:
            row["ssid"] = ssid
        rows.append(row)
    return rows


def counts(machine: Machine) -> Row:
    leases = machine.leases + len(machine.clients)
    ppp = round(machine.down_bps / 4e6) if machine.blueprint.role == "core" else 0
    return {"dhcp-leases": str(leases), "ppp-active": str(min(900, ppp))}


def lte(machine: Machine) -> Row | None:
    if not machine.blueprint.board.lte:
        return None
    rsrp = -112 + (machine.blueprint.trait >> 1 & 31) + round(6 * machine.busy)
    return {
        "interface": "lte1",
        "registration-status": "registered",
        "current-operator": _OPERATORS[machine.blueprint.site.number % len(_OPERATORS)],
        "access-technology": "Evolved 3G (LTE)",
        "rssi": str(rsrp + 28),
        "rsrp": str(rsrp),
        "rsrq": str(-9 - round(3 * machine.busy)),
        "sinr": str(6 + (machine.blueprint.trait >> 6 & 7)),
        "primary-band": _BANDS[machine.blueprint.index % len(_BANDS)],
    }


def wan_address(machine: Machine) -> str:
    index = machine.blueprint.index + 1
    if machine.blueprint.role in {"switch", "access-point"}:
        return f"192.168.88.{2 + index % 250}/24"
    return f"100.{64 + (index >> 16) % 64}.{index >> 8 & 255}.{index & 255}/24"


def neighbors(machine: Machine) -> list[Row]:
    """The other routers of the site, as discovery shows them."""
    seen_on = machine.links[1].name if len(machine.links) > 1 else machine.links[0].name
    return [
        {
            "interface": seen_on,
            "address": wan_address(other).partition("/")[0],
            "mac-address": spelling.mac(other.blueprint.mac),
            "identity": other.identity,
            "platform": "MikroTik",
            "version": other.version,
            "board": other.blueprint.board.model or "CHR",
            "discovered-by": "mndp",
        }
        for other in machine.blueprint.site.machines
        if other is not machine
    ]


def _sensor(name: str, value: str, kind: str) -> Row:
    return {"name": name, "value": value, "type": kind}
