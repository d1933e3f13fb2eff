"""One question to many routers: rows as they answer, and in the end who did not."""

import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol

import typer

from tikfleet.cli.client import Api, Document
from tikfleet.cli.failures import FAILED, UNAVAILABLE, USAGE, Failure
from tikfleet.cli.jobs import Target
from tikfleet.cli.options import command
from tikfleet.cli.safety import cell, harmless
from tikfleet.cli.terminal import Terminal

_MOST_NAMED: Final = 20
_NARROWEST: Final = 8
_WIDEST: Final = 40
_DEVICE: Final = "device"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the rows, and in which form."""

    fields: Annotated[str, typer.Option(help="Only these properties, separated by commas.")] = ""
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of text for people.")] = False
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document for each row.")] = False
    wait_s: Annotated[float, typer.Option("--wait", help="How many seconds a router that sleeps has.", min=0)] = 30
    rows_each: Annotated[int, typer.Option("--rows", help="How many rows one router may give.", min=1)] = 10_000

    @property
    def columns(self) -> list[str]:
        return [name for name in self.fields.split(",") if name]

    def body(self, question: str) -> Document:
        """The request without its devices."""
        return {"query": question, "fields": self.columns, "wait_s": self.wait_s, "rows_each": self.rows_each}


class Sheet(Protocol):
    """Where rows go."""

    def row(self, line: Document) -> None: ...

    def end(self) -> None: ...


@command
def query(
    terminal: Terminal,
    target: Target,
    wanted: Wanted,
    question: Annotated[str, typer.Argument(help="Such as '/ip/firewall/nat where chain=dstnat'.")],
) -> None:
    """Ask many routers what a menu holds. Rows come as they answer; exit code 1 when some did not."""
    with terminal.api() as api:
        show_rows(terminal, wanted, _asked(api, wanted.body(question) | target.body(api)))


def show_rows(terminal: Terminal, wanted: Wanted, lines: Iterable[Document]) -> None:
    """Rows as they come, and in the end who did not answer. Raises Failure unless every router did."""
    if wanted.as_csv and wanted.as_json:
        raise Failure("--csv and --json exclude each other", USAGE)
    sheet = _sheet(terminal, wanted)
    progress = _Progress()
    missing: dict[str, list[str]] = defaultdict(list)
    ended: Document = {}
    for line in lines:
        match line["kind"]:
            case "row":
                progress.clear()
                sheet.row(line)
            case "progress":
                progress.show(line)
            case "unanswered":
                missing[f"{line['reason']}: {line['detail']}"].append(harmless(str(line["device_name"])))
            case "end":
                ended = line
    progress.clear()
    sheet.end()
    _conclude(terminal, ended, missing)


def _asked(api: Api, body: Document) -> Iterator[Document]:
    """The lines. Raises Failure; a question that can't be read is a mistake of the command line."""
    try:
        yield from api.lines("/queries", body)
    except Failure as failure:
        if failure.code == "query.unreadable":
            failure.exit_code = USAGE
        raise


def _conclude(terminal: Terminal, ended: Document, missing: dict[str, list[str]]) -> None:
    """Say how it went. Raises Failure unless every router answered."""
    if not ended:
        raise Failure("the answer ended before its time", UNAVAILABLE, remedy="Ask again.")
    if not ended["devices"]:
        raise Failure("no device fits", FAILED, remedy="Look at `tikfleet devices list` with the same filters.")
    terminal.warn(f"{ended['answered']} of {ended['devices']} routers answered, with {ended['rows']} rows.")
    notes = []
    for reason, names in missing.items():
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        notes.append(f"{', '.join(names[:_MOST_NAMED])}{more}: {reason}")
    if ended["stopped"]:
        notes.append(str(ended["stopped"]))
    if not ended["complete"]:
        raise Failure(f"{ended['failed']} routers did not answer, or not wholly", FAILED, notes=notes)


def _sheet(terminal: Terminal, wanted: Wanted) -> Sheet:
    if wanted.as_json:
        return _Documents(terminal)
    if wanted.as_csv:
        return _Csv(terminal, wanted.columns)
    return _Table(terminal, wanted.columns) if wanted.columns else _Lines(terminal)


class _Documents:
    """Rows for programs."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def row(self, line: Document) -> None:
        self._terminal.json_line({name: value for name, value in line.items() if name != "kind"})

    def end(self) -> None:
        pass


class _Lines:
    """Rows of any properties for people: `branch-042: chain=dstnat action=dst-nat`."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def row(self, line: Document) -> None:
        values = " ".join(f"{name}={value}" for name, value in line["values"].items())
        self._terminal.say(harmless(f"{line['device_name']}: {values}"))

    def end(self) -> None:
        pass


class _Table:
    """Rows of known properties for people. Columns grow with what comes, since nothing waits for all rows."""

    def __init__(self, terminal: Terminal, columns: list[str]) -> None:
        self._terminal = terminal
        self._columns = columns
        self._widths = [_NARROWEST] * (len(columns) + 1)
        self._headed = False

    def row(self, line: Document) -> None:
        cells = [str(line["device_name"]), *(str(line["values"].get(name, "")) for name in self._columns)]
        if not self._headed:
            self._headed = True
            heads = [name.upper() for name in (_DEVICE, *self._columns)]
            self._widths = [max(map(len, pair)) for pair in zip(heads, cells, strict=True)]
            self._say(heads)
        self._say(cells)

    def end(self) -> None:
        pass

    def _say(self, cells: list[str]) -> None:
        self._widths = [max(width, min(len(text), _WIDEST)) for width, text in zip(self._widths, cells, strict=True)]
        padded = (text.ljust(width) for text, width in zip(cells, self._widths, strict=True))
        self._terminal.say(harmless("  ".join(padded).rstrip()))


class _Csv:
    """RFC 4180 with line feeds. Without named columns the rows wait for the end, which says what columns there are."""

    def __init__(self, terminal: Terminal, columns: list[str]) -> None:
        self._terminal = terminal
        self._columns = columns
        self._kept: list[Document] = []
        if columns:
            self._write([["device_id", _DEVICE, *columns]])

    def row(self, line: Document) -> None:
        if self._columns:
            self._write(self._cells([line]))
        else:
            self._kept.append(line)

    def end(self) -> None:
        if self._kept:
            self._columns = list(dict.fromkeys(name for line in self._kept for name in line["values"]))
            self._write([["device_id", _DEVICE, *self._columns]])
            self._write(self._cells(self._kept))

    def _cells(self, lines: list[Document]) -> Iterator[list[Any]]:
        for line in lines:
            values = [line["values"].get(name, "") for name in self._columns]
            yield [cell(value) for value in (line["device_id"], line["device_name"], *values)]

    def _write(self, rows: Iterable[list[Any]]) -> None:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        self._terminal.raw(out.getvalue())


class _Progress:
    """How far it is, in one line of a terminal that is cleared again; nothing where nobody looks."""

    def __init__(self) -> None:
        self._looked_at = sys.stderr.isatty()
        self._shown = False

    def show(self, line: Document) -> None:
        if self._looked_at:
            done = line["answered"] + line["failed"]
            text = f"\r\x1b[K{done} of {line['devices']} routers, {line['rows']} rows, {line['waiting']} waiting"
            sys.stderr.write(text)
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False
