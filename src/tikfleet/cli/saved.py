"""Queries that are kept: asked now, or by themselves again and again, and what they came to."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import typer

from tikfleet.cli.client import Document
from tikfleet.cli.jobs import Target
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, command
from tikfleet.cli.queries import Wanted, show_rows
from tikfleet.cli.safety import harmless
from tikfleet.cli.terminal import Columns, Terminal, plain

QueryArgument = Annotated[str, typer.Argument(help="Id of a saved query.")]
ResultOption = Annotated[str, typer.Option("--result", help="Id of a result; the newest when none is given.")]

_COLUMNS: Final[Columns] = {
    "NAME": plain("name"),
    "QUERY": lambda item: str(item.get("ask", {}).get("query", "")),
    "EVERY": lambda item: f"{item['interval_s']} s" if item.get("interval_s") else "",
    "NEXT": plain("next_at"),
    "ID": plain("id"),
}
_RESULTS: Final[Columns] = {
    "STARTED": plain("started_at"),
    "STATE": plain("state"),
    "ROWS": lambda item: str((item.get("tally") or {}).get("rows", "")),
    "SILENT": lambda item: str((item.get("tally") or {}).get("failed", "")),
    "ERROR": plain("error"),
    "ID": plain("id"),
}

app = typer.Typer(no_args_is_help=True, help="Queries that are kept, and their results.")


@dataclass(frozen=True, slots=True)
class Keeping:
    """For whom a query is kept, and how often it is asked by itself."""

    every_s: Annotated[int, typer.Option("--every", help="Ask it by itself every so many seconds.", min=0)] = 0
    keep: Annotated[int, typer.Option(help="How many results of those are kept.", min=1)] = 10
    private: Annotated[bool, typer.Option("--private", help="Only for oneself.")] = False

    def body(self) -> Document:
        """Their part of the request."""
        return {"shared": not self.private, "interval_s": self.every_s, "keep": self.keep}


@app.command("list")
@command
def list_queries(terminal: Terminal, listed: Listed) -> None:
    """Shared queries, and one's own."""
    with terminal.api() as api:
        show_collection(terminal, api, "/queries", {}, listed, _COLUMNS, "No query is kept.")


@app.command()
@command
def save(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="What people call it.")],
    question: Annotated[str, typer.Argument(help="Such as '/ip/firewall/nat where chain=dstnat'.")],
    target: Target,
    wanted: Wanted,
    keeping: Keeping,
) -> None:
    """Keep a query under a name; with --every it is asked by itself from then on."""
    with terminal.api() as api:
        ask = wanted.body(question) | target.body(api)
        made = api.post("/queries/saved", {"name": name, "ask": ask} | keeping.body())
    terminal.say(f"Kept as {made['id']}.")


@app.command()
@command
def ask(terminal: Terminal, query: QueryArgument, wanted: Wanted) -> None:
    """Ask it now; nothing is kept. Exit code 1 when some routers did not answer."""
    with terminal.api() as api:
        show_rows(terminal, wanted, api.lines(f"/queries/{query}/ask", {}))


@app.command()
@command
def begin(terminal: Terminal, query: QueryArgument) -> None:
    """Ask it in the background and keep what comes."""
    with terminal.api() as api:
        made = api.post(f"/queries/{query}/results")
    terminal.say(f"{made['id']} is {made['state']}.")


@app.command()
@command
def results(terminal: Terminal, query: QueryArgument, listed: Listed) -> None:
    """What is kept of it, the newest first."""
    with terminal.api() as api:
        show_collection(terminal, api, f"/queries/{query}/results", {}, listed, _RESULTS, "Nothing is kept yet.")


@app.command()
@command
def rows(terminal: Terminal, query: QueryArgument, result: ResultOption = "") -> None:
    """The rows of a result as CSV."""
    with terminal.api() as api:
        text = api.text(f"/queries/{query}/rows.csv" + (f"?{urlencode({'result_id': result})}" if result else ""))
    terminal.raw(harmless(text, multiline=True))


@app.command()
@command
def sql(
    terminal: Terminal,
    query: QueryArgument,
    select: Annotated[str, typer.Argument(help="One SELECT over the table `rows`.")],
    result: ResultOption = "",
) -> None:
    """Ask the rows of a result with SQL."""
    body: dict[str, Any] = {"sql": select} | ({"result_id": result} if result else {})
    with terminal.api() as api:
        terminal.json(api.post(f"/queries/{query}/sql", body))


@app.command()
@command
def forget(terminal: Terminal, query: QueryArgument) -> None:
    """Delete a query and all its results."""
    with terminal.api() as api:
        api.delete(f"/queries/{query}")
    terminal.say(f"{query} is deleted.")
