"""Devices: list, show, change, approve, remove."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import typer

from tikfleet.cli import names, units
from tikfleet.cli.client import Document
from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Filters, Listed, Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain
from tikfleet.kernel.clock import utc_now

DeviceArgument = Annotated[str, typer.Argument(help="Id, name, identity or serial number of a device.")]
DeviceArguments = Annotated[Words, typer.Argument(help="Ids, names, identities or serial numbers.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Forget it at once, without telling the router.")]
KindOption = Annotated[Words, typer.Option("--kind", help="Only events of this kind, such as device.offline.")]

COLUMNS: Final[Columns] = {
    "NAME": plain("name"),
    "STATUS": plain("status"),
    "MODEL": plain("model"),
    "VERSION": plain("version"),
    "SITE": plain("site.name"),
    "CPU": lambda row: units.percent(row.get("cpu_load")),
    "MEMORY": lambda row: units.percent(row.get("memory_used_percent")),
    "RX": lambda row: units.rate(row.get("rx_bps")),
    "TX": lambda row: units.rate(row.get("tx_bps")),
    "CLIENTS": plain("clients"),
    "SEEN": lambda row: units.ago(row.get("last_seen_at"), utc_now()),
    "ID": plain("id"),
}
EVENTS: Final[Columns] = {
    "AT": plain("at"),
    "KIND": plain("kind"),
    "DEVICE": plain("device_name"),
    "TEXT": plain("text"),
}

app = typer.Typer(no_args_is_help=True, help="Routers of the organisation.")


@dataclass(frozen=True, slots=True)
class Changes:
    """What `set` changes; what is not named stays."""

    name: Annotated[str | None, typer.Option(help="New name; empty shows the router's own identity again.")] = None
    site: Annotated[str | None, typer.Option(help="Name or id of its site; empty for none.")] = None
    notes: Annotated[str | None, typer.Option(help="Notes.")] = None
    tag: Annotated[Words, typer.Option("--tag", help="Add a tag.")] = field(default_factory=list)
    untag: Annotated[Words, typer.Option("--untag", help="Take a tag away.")] = field(default_factory=list)


@app.command("list")
@command
def list_devices(terminal: Terminal, filters: Filters, listed: Listed) -> None:
    """Devices that match every filter."""
    with terminal.api() as api:
        query = names.selection(api, filters)
        show_collection(terminal, api, "/devices", query, listed, COLUMNS, "No device matches.")


@app.command()
@command
def show(terminal: Terminal, device: DeviceArgument, shown: Shown) -> None:
    """One device in full, with its interfaces."""
    with terminal.api() as api:
        device_id = names.device_id(api, device)
        found = api.get(f"/devices/{device_id}", {"fields": shown.fields})
        if shown.as_json or shown.fields:
            terminal.json(found)
            return
        interfaces = api.get(f"/devices/{device_id}/interfaces").get("items", [])
    terminal.facts(_facts(found))
    terminal.say()
    terminal.table(interfaces, _INTERFACES, "No interfaces have been reported yet.")
    for finding in found.get("findings") or []:
        terminal.say(f"{finding.get('severity')}: {finding.get('text')} {finding.get('remedy', '')}", "yellow")


@app.command("set")
@command
def change(terminal: Terminal, device: DeviceArgument, changes: Changes, shown: Shown) -> None:
    """Change the name, site, notes or tags of a device."""
    with terminal.api() as api:
        device_id = names.device_id(api, device)
        body: Document = {"name": changes.name, "notes": changes.notes}
        body = {name: value for name, value in body.items() if value is not None}
        if changes.site is not None:
            body["site_id"] = names.site_id(api, changes.site) if changes.site else None
        if changes.tag or changes.untag:
            present: list[Any] = api.get(f"/devices/{device_id}").get("tags", [])
            body["tags"] = [tag for tag in dict.fromkeys([*present, *changes.tag]) if tag not in changes.untag]
        if not body:
            raise Failure("nothing to change was named", USAGE, remedy="See `tikfleet devices set --help`.")
        _tell(terminal, api.patch(f"/devices/{device_id}", body), shown, "changed")


@app.command()
@command
def approve(terminal: Terminal, device: DeviceArgument, shown: Shown) -> None:
    """Let a router in that waits for approval."""
    with terminal.api() as api:
        _tell(terminal, api.post(f"/devices/{names.device_id(api, device)}/approve"), shown, "approved")


@app.command()
@command
def remove(terminal: Terminal, devices: DeviceArguments, force: ForceOption = False, yes: YesOption = False) -> None:
    """Take the agent off routers at their next check-in and forget them."""
    with terminal.api() as api:
        ids = [names.device_id(api, text) for text in devices]
        if not yes:
            typer.confirm(f"Remove {len(ids)} device{'s' if len(ids) > 1 else ''}?", abort=True, err=True)
        for device_id in ids:
            api.delete(f"/devices/{device_id}", {"force": "true" if force else None})
            terminal.say(f"{device_id} is forgotten." if force else f"{device_id} is being removed.")


@app.command()
@command
def events(terminal: Terminal, device: DeviceArgument, listed: Listed, kind: KindOption = []) -> None:  # noqa: B006
    """What happened to a device, newest first."""
    with terminal.api() as api:
        query = {"device_id": names.device_id(api, device), "kind": kind}
        show_collection(terminal, api, "/events", query, listed, EVENTS, "Nothing has happened yet.")


@app.command()
@command
def schema(
    terminal: Terminal,
    device: DeviceArgument,
    shown: Shown,
    menu: Annotated[str, typer.Argument(help="A menu or command, such as /ip/address.")] = "/",
) -> None:
    """What a menu or command holds, by the router's own inspection: its menus, commands and their arguments."""
    with terminal.api() as api:
        path = f"/devices/{names.device_id(api, device)}/routeros-schema"
        found = api.get(path, {"menu": menu, "fields": shown.fields})
    if shown.as_json or shown.fields:
        terminal.json(found)
        return
    packages = ", ".join(found.get("packages") or [])
    terminal.say(f"{found.get('path')} ({found.get('kind')}) of RouterOS {found.get('version')}, {packages}", "bold")
    for name in found.get("menus") or []:
        terminal.say(f"  {name}/")
    for one in found.get("commands") or []:
        if found.get("kind") == "command":
            _arguments(terminal, one)
        else:
            terminal.say(f"  {one.get('name')}  {' '.join(one.get('arguments') or [])}".rstrip())


def _arguments(terminal: Terminal, one: Document) -> None:
    """The arguments of a command, each with what the console says of its value."""
    values, unasked = one.get("values") or {}, one.get("unasked") or []
    for name in one.get("arguments") or []:
        terminal.say(f"  {name}  {'(not asked in time)' if name in unasked else values.get(name, '')}".rstrip())


def _tell(terminal: Terminal, device: Document, shown: Shown, done: str) -> None:
    if shown.as_json:
        terminal.json(device)
    else:
        terminal.say(f"{device.get('name')} ({device.get('id')}) is {done}.")


def _facts(device: Document) -> list[tuple[str, object]]:
    now = utc_now()
    memory, disk = device.get("memory_total_bytes"), device.get("disk_total_bytes")
    return [
        ("Name", device.get("name")),
        ("Id", device.get("id")),
        ("Status", device.get("status")),
        ("Last seen", units.ago(device.get("last_seen_at"), now) + " ago" if device.get("last_seen_at") else ""),
        ("Identity", device.get("identity")),
        ("Site", plain("site.name")(device)),
        ("Tags", device.get("tags")),
        ("Board", f"{device.get('board', '')} ({device.get('architecture', '')}, {device.get('model', '')})"),
        ("Serial", device.get("serial")),
        ("RouterOS", device.get("version")),
        ("Firmware", device.get("firmware")),
        ("Uptime", units.duration(device.get("uptime_s"))),
        ("CPU", f"{units.percent(device.get('cpu_load'))} of {device.get('cpu_count') or '?'}"),
        ("Memory", f"{units.percent(device.get('memory_used_percent'))} of {units.size(memory)}"),
        ("Disk", f"{units.percent(device.get('disk_used_percent'))} of {units.size(disk)}"),
        ("Temperature", units.amount(device.get("temperature_c"), "°C")),
        ("Traffic", f"{units.rate(device.get('rx_bps'))} in, {units.rate(device.get('tx_bps'))} out"),
        ("Clients", device.get("clients")),
        ("WAN address", device.get("wan_address")),
        ("Seen from", device.get("last_address")),
        ("Agent", f"{device.get('agent_version', '')} tier {device.get('agent_tier', '')}"),
        ("Notes", device.get("notes")),
    ]


_INTERFACES: Final[Columns] = {
    "INTERFACE": plain("name"),
    "TYPE": plain("type"),
    "RUNNING": plain("running"),
    "RX": lambda row: units.rate(row.get("rx_bps")),
    "TX": lambda row: units.rate(row.get("tx_bps")),
    "ERRORS": lambda row: (row.get("rx_errors") or 0) + (row.get("tx_errors") or 0),
    "LINK DOWNS": plain("link_downs"),
    "COMMENT": plain("comment"),
}
