"""Telemetry: leaders, and lines over time."""

from typing import Annotated, Final

import typer

from tikfleet.cli import names, units
from tikfleet.cli.client import Api, Document
from tikfleet.cli.options import Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain

MetricArgument = Annotated[
    str,
    typer.Argument(
        help="A metric, such as cpu_load or rx_bps; or what traffic is by: talkers, services, conversations, remotes, "
        "countries, networks, interfaces, sites, devices or organisations."
    ),
]
LastOption = Annotated[str, typer.Option(help="15m, 1h, 6h, 24h, 7d, 30d, 90d or 365d.")]

_BAR_COUNT: Final = 60
_TRAFFIC: Final = {
    "talkers": "talker",
    "services": "service",
    "conversations": "conversation",
    "remotes": "remote",
    "countries": "country",
    "networks": "network",
    "interfaces": "remote_interface",
    "sites": "site",
    "devices": "device",
    "organisations": "organisation",
}
_HEADINGS: Final = {"network": "asn"}
_PLACES: Final = {"country": "countries", "asn": "networks"}


@command
def top(
    terminal: Terminal,
    shown: Shown,
    metric: MetricArgument = "rx_bps",
    by: Annotated[str, typer.Option(help="device, interface or site; country or asn for traffic.")] = "device",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=200)] = 10,
    last: LastOption = "1h",
) -> None:
    """The devices, interfaces or sites with the most of something, or who and what makes the most traffic."""
    with terminal.api() as api:
        if by in _PLACES:
            metric = _PLACES[by]
        if metric in _TRAFFIC:
            _tell_traffic(terminal, shown, api, {"by": _TRAFFIC[metric], "limit": limit, "last": last})
            return
        found = api.get("/telemetry/top", {"metric": metric, "by": by, "limit": limit, "last": last})
    if shown.as_json:
        terminal.json(found)
        return
    unit = str(found.get("unit", ""))
    columns: Columns = {
        by.upper(): plain("label"),
        metric.upper(): lambda row: units.amount(row.get("value"), unit),
        f"LAST {last}".upper(): lambda row: units.bars(row.get("sparkline") or []),
    }
    terminal.table(found.get("items") or [], columns, "Nothing was measured in that time.")


def _tell_traffic(terminal: Terminal, shown: Shown, api: Api, query: dict[str, object]) -> None:
    found = api.get("/traffic/top", query)
    if shown.as_json:
        terminal.json(found)
        return
    columns: Columns = {
        _HEADINGS.get(str(query["by"]), str(query["by"])).upper().replace("_", " "): plain("label"),
        "UP": lambda row: units.size(row["volume"]["up_bytes"]),
        "DOWN": lambda row: units.size(row["volume"]["down_bytes"]),
        "SHARE": lambda row: units.percent(row.get("share_percent")),
    }
    terminal.table(found.get("items") or [], columns, "No traffic was told of in that time.")


@command
def series(
    terminal: Terminal,
    metric: Annotated[Words, typer.Argument(help="Metrics, such as cpu_load.")],
    shown: Shown,
    device: Annotated[Words, typer.Option("--device", "-d", help="A device; none for the whole fleet.")] = [],  # noqa: B006
    interface: Annotated[str, typer.Option(help="An interface of the device.")] = "",
    last: LastOption = "6h",
    aggregate: Annotated[str, typer.Option(help="avg, max, min or sum.")] = "avg",
) -> None:
    """Metrics over time: a line of bars each, or all points with --json."""
    with terminal.api() as api:
        query = {
            "metric": metric,
            "device_id": [names.device_id(api, text) for text in device],
            "interface": interface,
            "last": last,
            "aggregate": aggregate,
            "points": 300 if shown.as_json else _BAR_COUNT,
        }
        found = api.get("/telemetry/series", query)
    if shown.as_json:
        terminal.json(found)
        return
    columns: Columns = {
        "METRIC": plain("metric"),
        "OF": lambda row: " ".join(str(row[name]) for name in ("device_id", "interface") if row.get(name)) or "fleet",
        "MIN": lambda row: _extreme(row, least=True),
        "MAX": lambda row: _extreme(row, least=False),
        f"LAST {last}".upper(): lambda row: units.bars([point[1] for point in row.get("points") or []]),
    }
    terminal.table(found.get("series") or [], columns, "Nothing was measured in that time.")


def _extreme(row: Document, *, least: bool) -> str:
    values = [point[1] for point in row.get("points") or [] if point[1] is not None]
    return units.amount((min if least else max)(values), str(row.get("unit", ""))) if values else ""
