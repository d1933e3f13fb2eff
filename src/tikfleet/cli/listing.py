"""How every collection is shown: a table for people, one document for programs."""

from tikfleet.cli.client import Api, Query
from tikfleet.cli.options import Listed
from tikfleet.cli.terminal import Columns, Terminal, chosen


def show_collection(
    terminal: Terminal, api: Api, path: str, query: Query, listed: Listed, columns: Columns, empty: str
) -> None:
    """Print the items that `path` answers to `query`, as many as `listed` allows; pages are followed."""
    asked = {**query, "sort": listed.sort, "fields": listed.fields}
    items = list(api.pages(path, asked, listed.limit))
    if listed.as_json:
        terminal.json({"items": items})
        return
    terminal.table(items, chosen(listed.fields) or columns, empty)
    if listed.limit and len(items) == listed.limit:
        terminal.warn(f"Stopped after {listed.limit} rows: --limit 0 shows all.")
