"""Where a command runs: its environment, what it prints on, and how it reaches the server."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tikfleet.cli import configuration
from tikfleet.cli.client import Api, Document
from tikfleet.cli.failures import Failure
from tikfleet.cli.safety import harmless, json_safe
from tikfleet.kernel.clock import utc_now

Cell: TypeAlias = Callable[[Document], object]
Columns: TypeAlias = Mapping[str, Cell]

_WIDE: Final = 240  # where nobody looks, lines are not cut to a screen
_STYLES: Final = {
    "online": "green", "succeeded": "green", "active": "green", "enrolled": "green",
    "offline": "red", "failed": "red", "timed_out": "red", "rolled_back": "red", "refused": "red", "rejected": "red",
    "pending": "yellow", "queued": "yellow", "running": "yellow", "delivered": "yellow", "unknown": "yellow",
}  # fmt: skip


@dataclass(slots=True)
class Terminal:
    """Passed to every command. Tests give a transport, an environment, and a sleep that does not."""

    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], datetime] = utc_now

    def api(self) -> Api:
        """The server that the user is signed in to. Raises Failure when there is none."""
        known = configuration.read(self.environment)
        return Api(known.url, known.token, known.ca, self.transport)

    def say(self, text: str = "", style: str = "") -> None:
        """A line for people. Text of routers is shown and never obeyed."""
        self._out().print(Text(harmless(text, multiline=True), style=style), soft_wrap=True)

    def warn(self, text: str, style: str = "") -> None:
        """A line on stderr."""
        console = Console(stderr=True, highlight=False)
        console.print(Text(harmless(text, multiline=True), style=style), soft_wrap=True)

    def json(self, document: object) -> None:
        """One document for programs."""
        self.raw(json_safe(json.dumps(document, ensure_ascii=False, indent=2)) + "\n")

    def json_line(self, document: object) -> None:
        """One line of a stream of documents."""
        self.raw(json_safe(json.dumps(document, ensure_ascii=False, separators=(",", ":"))) + "\n")

    def raw(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def table(self, items: Iterable[Document], columns: Columns, empty: str) -> None:
        """Rows for people, or the sentence that says that there are none."""
        rows = list(items)
        if not rows:
            self.say(empty)
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in columns:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(_text(pick(row)) for pick in columns.values()))
        self._print(table)

    def facts(self, pairs: Sequence[tuple[str, object]]) -> None:
        """Names and values, one to a line, without those that have no value."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, value in pairs:
            if value not in (None, "", []):
                table.add_row(name, _text(value))
        self._print(table)

    def fail(self, failure: Failure) -> None:
        """Sentence, what is wrong where, remedy and code, on stderr."""
        code = f" [{failure.code}]" if failure.code else ""
        self.warn(f"{failure.sentence}{code}", "red")
        for note in failure.notes:
            self.warn(f"  {note}")
        if failure.remedy:
            self.warn(failure.remedy)

    def _print(self, table: Table) -> None:
        console = self._out()
        if console.is_terminal:
            console.print(table)
            return
        # Where nobody looks, the cells at the ends of lines are not padded.
        with console.capture() as capture:
            console.print(table)
        self.raw("".join(line.rstrip() + "\n" for line in capture.get().splitlines()))

    @staticmethod
    def _out() -> Console:
        return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def plain(name: str) -> Cell:
    """A column that shows a field as it is; `site.name` looks inside."""

    def pick(row: Document) -> object:
        value: Any = row
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    return pick


def chosen(fields: str) -> Columns:
    """Columns for the fields that the user named."""
    return {name: plain(name) for name in fields.split(",") if name}


def _text(value: object) -> Text:
    if value is None:
        return Text("")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, list):
        return Text(harmless(", ".join(str(item) for item in value)))
    if isinstance(value, dict):
        return Text(harmless(json.dumps(value, ensure_ascii=False)))
    text = harmless(str(value))
    return Text(text, style=_STYLES.get(text, ""))
