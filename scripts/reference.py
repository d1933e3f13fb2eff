"""Write the generated part of docs/reference, and web/openapi.json for the client. `--check` only compares.

Run by `make docs`; `tests/architecture/test_documents.py` fails when a page is not what this would write.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import click
import msgspec
import typer

import tikfleet
from tikfleet.app.compose import api_routes, service_names
from tikfleet.app.observability.names import METRICS
from tikfleet.app.openapi import describe
from tikfleet.app.settings import Settings
from tikfleet.app.version import VERSION
from tikfleet.kernel.errors import TikfleetError

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
_HEAD = "<!-- Written by `make docs`. Change the code, not this page. -->\n\n"


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {
        "settings.md": _HEAD + settings_page(),
        "errors.md": _HEAD + errors_page(),
        "metrics.md": _HEAD + metrics_page(),
        "api.md": _HEAD + api_page(),
        "cli.md": _HEAD + cli_page(),
    }


def settings_page() -> str:
    """All settings with their variable, default and description."""
    lines = [
        "# Settings",
        "",
        "Each is an environment variable; `tikfleet serve --help` names those that are options too.",
        "",
    ]
    lines += ["| variable | default | what it is |", "| --- | --- | --- |"]
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        default = "" if field.default in ("", msgspec.NODEFAULT) else f"`{field.default}`"
        lines.append(f"| `TIKFLEET_{field.name.upper()}` | {default} | {_description(hints[field.name])} |")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """All error codes that a user may see."""
    lines = [
        "# Errors", "",
        "Errors of the API are problem documents (RFC 9457): `code` is stable, `detail` one true",
        "sentence, `remedy` says what to do, `errors` points at what is wrong in the request.", "",
    ]  # fmt: skip
    for error in sorted(all_errors(), key=lambda error: error.code):
        meaning = " ".join((error.__doc__ or "").split())
        lines += [
            f"### `{error.code}`",
            "",
            f"{error.status} · {error.title}. {meaning}",
            "",
            f"*Remedy:* {error.remedy}",
            "",
        ]
    return "\n".join(lines)


def metrics_page() -> str:
    """All metrics of `/metrics`."""
    lines = [
        "# Metrics",
        "",
        "`GET /metrics`, in Prometheus's text form. A counter's name ends in `_total` there, a histogram's in",
        "`_bucket`, `_sum` and `_count`. Alerts and a dashboard made of them are in `deploy/`; each alert has a page",
        "in [the runbooks](../runbooks/README.md).",
        "",
        "| metric | kind | labels | what it says |",
        "| --- | --- | --- | --- |",
    ]
    for name, metric in sorted(METRICS.items()):
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        lines.append(f"| `{name}` | {metric.kind} | {labels} | {metric.text} |")
    return "\n".join(lines) + "\n"


def api_description() -> dict[str, Any]:
    """The OpenAPI document, as the product serves it."""
    return describe(api_routes(), dict.fromkeys(service_names()), VERSION)


def client_source() -> str:
    """The same as the dashboard's client is made from it (`npm run client` in web/)."""
    plain = msgspec.json.decode(msgspec.json.encode(api_description()))
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def api_page() -> str:
    """Every operation in a line, by group."""
    document = api_description()
    groups: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            first = str(operation.get("description", "")).split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
            line = f"| `{method.upper()} {path}` | {operation['operationId']} | {first} |"
            groups.setdefault(operation["tags"][0], []).append(line)
    lines = [
        "# API",
        "",
        "The whole description is `GET /api/v1/openapi.json`; the product shows it at `/reference`.",
        "",
    ]
    for group in sorted(groups):
        lines += [
            f"## {group}",
            "",
            "| request | operation | what it does |",
            "| --- | --- | --- |",
            *groups[group],
            "",
        ]
    return "\n".join(lines)


def cli_page() -> str:
    """Every command with its options."""
    command = importlib.import_module("tikfleet.app.command")
    root = typer.main.get_command(command.application())
    lines = ["# Command line", "", "`tikfleet COMMAND --help` says the same.", ""]
    for name, found in _commands(root, "tikfleet"):
        about = " ".join((found.help or found.short_help or "").split())
        lines += [f"### `{name}`", "", about, ""]
        rows = [_option(parameter) for parameter in found.params if parameter.name != "help"]
        if rows:
            lines += ["| option | what it is |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def all_errors() -> list[type[TikfleetError]]:
    """Every error class that has a code of its own."""
    for module in pkgutil.walk_packages(tikfleet.__path__, "tikfleet."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    found: dict[str, type[TikfleetError]] = {}
    waiting = [TikfleetError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if "code" in vars(error):
            found.setdefault(error.code, error)
    return list(found.values())


def _commands(command: Any, name: str) -> Iterator[tuple[str, click.Command]]:
    children = getattr(command, "commands", None)
    if children:
        for child in sorted(children):
            yield from _commands(children[child], f"{name} {child}")
    else:
        yield name, command


def _option(parameter: Any) -> str:
    names = (
        ", ".join(f"`{item}`" for item in parameter.opts)
        if parameter.param_type_name == "option"
        else f"`{parameter.name}`"
    )
    return f"| {names} | {' '.join((getattr(parameter, 'help', '') or '').split())} |"


def _description(hint: Any) -> str:
    if get_origin(hint) is None and not get_args(hint):
        return ""
    for meta in getattr(hint, "__metadata__", ()):
        if getattr(meta, "description", None):
            return str(meta.description)
    return ""


def main() -> None:
    """Write the pages, or say which differ."""
    different = []
    for name, text in {**pages(), "../../web/openapi.json": client_source()}.items():
        path = (REFERENCE / name).resolve()
        if "--check" in sys.argv:
            if not path.exists() or path.read_text() != text:
                different.append(name)
        else:
            path.write_text(text)
            print(path.relative_to(REFERENCE.parents[1]))
    if different:
        sys.exit(f"not as the code says: {', '.join(different)}; run make docs")


if __name__ == "__main__":
    main()
