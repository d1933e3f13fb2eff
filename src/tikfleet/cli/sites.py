"""Sites: the places that routers serve."""

from dataclasses import dataclass
from typing import Annotated, Final

import typer

from tikfleet.cli import names
from tikfleet.cli.client import Api, Document
from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain

SiteArgument = Annotated[str, typer.Argument(help="Name or id of a site.")]
NameArgument = Annotated[str, typer.Argument(help="Name of the new site.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_COLUMNS: Final[Columns] = {
    "NAME": plain("name"),
    "DEVICES": plain("device_count"),
    "ONLINE": plain("online_count"),
    "ADDRESS": plain("address"),
    "TAGS": plain("tags"),
    "ID": plain("id"),
}

app = typer.Typer(no_args_is_help=True, help="Places that routers serve.")


@dataclass(frozen=True, slots=True)
class Place:
    """What a site has beside its name."""

    group: Annotated[str | None, typer.Option(help="Name or id of its group; empty for none.")] = None
    address: Annotated[str | None, typer.Option(help="Postal address.")] = None
    latitude: Annotated[float | None, typer.Option(help="Degrees north.")] = None
    longitude: Annotated[float | None, typer.Option(help="Degrees east.")] = None
    tag: Annotated[Words | None, typer.Option(help="Its tags; repeat for several.")] = None
    notes: Annotated[str | None, typer.Option(help="Notes.")] = None

    def body(self, api: Api) -> Document:
        """The fields that were named, as the API takes them."""
        given: Document = {
            "address": self.address,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "tags": self.tag or None,
            "notes": self.notes,
        }
        body = {name: value for name, value in given.items() if value is not None}
        if self.group is not None:
            body["site_group_id"] = names.site_group_id(api, self.group) if self.group else None
        return body


@app.command("list")
@command
def list_sites(terminal: Terminal, listed: Listed) -> None:
    """Sites, with how many of their devices are online."""
    with terminal.api() as api:
        show_collection(terminal, api, "/sites", {}, listed, _COLUMNS, "There are no sites yet.")


@app.command()
@command
def add(terminal: Terminal, name: NameArgument, place: Place, shown: Shown) -> None:
    """Make a site."""
    with terminal.api() as api:
        _tell(terminal, api.post("/sites", {"name": name, **place.body(api)}), shown, "made")


@app.command("set")
@command
def change(
    terminal: Terminal,
    site: SiteArgument,
    place: Place,
    shown: Shown,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
) -> None:
    """Change a site."""
    with terminal.api() as api:
        body = place.body(api) | ({"name": name} if name is not None else {})
        if not body:
            raise Failure("nothing to change was named", USAGE, remedy="See `tikfleet sites set --help`.")
        _tell(terminal, api.patch(f"/sites/{names.site_id(api, site)}", body), shown, "changed")


@app.command()
@command
def remove(terminal: Terminal, site: SiteArgument, yes: YesOption = False) -> None:
    """Remove a site. Its devices stay and have no site then."""
    with terminal.api() as api:
        site_id = names.site_id(api, site)
        if not yes:
            typer.confirm(f"Remove the site {site_id}?", abort=True, err=True)
        api.delete(f"/sites/{site_id}")
        terminal.say(f"{site_id} is removed.")


def _tell(terminal: Terminal, site: Document, shown: Shown, done: str) -> None:
    if shown.as_json:
        terminal.json(site)
    else:
        terminal.say(f"The site {site.get('name')} ({site.get('id')}) is {done}.")
