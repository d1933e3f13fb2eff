"""Devices as a file for spreadsheets and programs."""

import csv
import io
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from tikfleet.cli import names
from tikfleet.cli.client import Document
from tikfleet.cli.failures import Failure
from tikfleet.cli.options import Filters, command
from tikfleet.cli.safety import cell, json_safe
from tikfleet.cli.terminal import Terminal, chosen

_FIELDS: Final = (
    "id,name,identity,status,serial,board,model,architecture,version,firmware,site.name,tags,wan_address,last_address,"
    "last_seen_at,uptime_s,cpu_load,memory_used_percent,disk_used_percent,temperature_c,clients,rx_bps,tx_bps,"
    "agent_version,agent_tier,warning_count,enrolled_at"
)


class Form(StrEnum):
    """The form of the file."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


@command
def export(
    terminal: Terminal,
    filters: Filters,
    form: Annotated[Form, typer.Option("--format", help="csv, json or ndjson.")] = Form.CSV,
    fields: Annotated[str, typer.Option(help="Fields, separated by commas.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of standard output.")] = None,
) -> None:
    """Write all devices that match. In CSV, text that a spreadsheet would run as a formula is made plain text."""
    with terminal.api() as api:
        devices = list(api.pages("/devices", names.selection(api, filters), 0))
    text = to_csv(devices, fields or _FIELDS) if form is Form.CSV else _to_json(devices, fields, form)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as cause:
        raise Failure(f"{output} cannot be written: {cause}") from cause
    terminal.warn(f"{len(devices)} devices in {output}.")


def to_csv(devices: list[Document], fields: str) -> str:
    """RFC 4180 with line feeds; lists are joined by spaces."""
    columns = chosen(fields)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for device in devices:
        values = [pick(device) for pick in columns.values()]
        writer.writerow([cell(" ".join(map(str, value)) if isinstance(value, list) else value) for value in values])
    return out.getvalue()


def _to_json(devices: list[Document], fields: str, form: Form) -> str:
    columns = chosen(fields)
    rows = [{name: pick(row) for name, pick in columns.items()} for row in devices] if columns else devices
    if form is Form.NDJSON:
        return "".join(json_safe(json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    return json_safe(json.dumps({"items": rows}, ensure_ascii=False, indent=2)) + "\n"
