"""When and how often jobs are done: windows, attempts, a backup before; of whatever command asks for jobs."""

from dataclasses import dataclass
from typing import Annotated

import typer

from tikfleet.cli.client import Document

Notify = Annotated[str, typer.Option(help="https:// address that is told of the end (`tikfleet callbacks`).")]


@dataclass(frozen=True, slots=True)
class Conditions:
    """When it may be done, how often, and what comes before and after."""

    window: Annotated[str, typer.Option(help="Maintenance window, such as 22:00-05:00.")] = ""
    timezone: Annotated[str, typer.Option(help="Of the window.")] = "UTC"
    attempts: Annotated[int, typer.Option(help="Do it again when it fails, so often in all; not of class once.")] = 1
    pause_s: Annotated[int, typer.Option(help="Seconds before it is done again.")] = 60
    backup_first: Annotated[
        bool, typer.Option("--backup-first", help="Export the configuration first; without that it is not done.")
    ] = False
    notify: Notify = ""

    def body(self) -> Document:
        """Their part of the request."""
        body: Document = {"notify_url": self.notify} if self.notify else {}
        body |= {"backup_first": True} if self.backup_first else {}
        body |= {"retry": {"attempts": self.attempts, "pause_s": self.pause_s}} if self.attempts > 1 else {}
        if self.window:
            start, _, end = self.window.partition("-")
            body["window"] = {"start": start.strip(), "end": end.strip(), "timezone": self.timezone}
        return body
