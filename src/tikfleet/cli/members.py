"""People and API tokens of the organisation."""

from typing import Annotated, Final

import typer

from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain

TokenArgument = Annotated[str, typer.Argument(help="Id of a token.")]
PersonArgument = Annotated[str, typer.Argument(help="Id of a person.")]
RoleOption = Annotated[str, typer.Option(help="owner, admin, operator or viewer.")]
ExpiresOption = Annotated[str, typer.Option("--expires-at", help="When it ends, such as 2027-01-01T00:00:00Z.")]
ScopeOption = Annotated[Words, typer.Option("--scope", help="A permission, such as devices:read; repeat for several.")]

_TOKENS: Final[Columns] = {
    "NAME": plain("name"),
    "BEGINS": plain("prefix"),
    "SCOPES": plain("scopes"),
    "LAST USED": plain("last_used_at"),
    "EXPIRES": plain("expires_at"),
    "BY": plain("created_by.name"),
    "ID": plain("id"),
}
_PEOPLE: Final[Columns] = {
    "NAME": plain("name"),
    "E-MAIL": plain("email"),
    "ROLE": plain("role"),
    "PENDING": plain("pending"),
    "DISABLED": plain("disabled"),
    "LAST SIGNED IN": plain("last_signed_in_at"),
    "ID": plain("id"),
}

tokens = typer.Typer(no_args_is_help=True, help="API tokens.")
people = typer.Typer(no_args_is_help=True, help="People of the organisation.")


@tokens.command("list")
@command
def list_tokens(terminal: Terminal, listed: Listed) -> None:
    """API tokens, without their secrets."""
    with terminal.api() as api:
        show_collection(terminal, api, "/tokens", {}, listed, _TOKENS, "There are no tokens.")


@tokens.command("create")
@command
def create_token(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: ScopeOption,
    shown: Shown,
    expires_at: ExpiresOption = "",
) -> None:
    """Make a token. Its secret is printed now and never again."""
    with terminal.api() as api:
        made = api.post("/tokens", {"name": name, "scopes": scope, "expires_at": expires_at or None})
    if shown.as_json:
        terminal.json(made)
    else:
        terminal.warn("Keep it: it is not shown again.")
        terminal.say(str(made["secret"]))


@tokens.command("revoke")
@command
def revoke_token(terminal: Terminal, token: TokenArgument) -> None:
    """End a token at once."""
    with terminal.api() as api:
        api.delete(f"/tokens/{token}")
    terminal.say(f"{token} is revoked.")


@people.command("list")
@command
def list_people(terminal: Terminal, listed: Listed) -> None:
    """People and their roles."""
    with terminal.api() as api:
        show_collection(terminal, api, "/people", {}, listed, _PEOPLE, "There is nobody.")


@people.command()
@command
def invite(
    terminal: Terminal,
    email: Annotated[str, typer.Argument(help="Where the person can be reached.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    shown: Shown,
    role: RoleOption = "viewer",
) -> None:
    """Invite somebody. The link to give them is printed now and never again."""
    with terminal.api() as api:
        made = api.post("/people", {"email": email, "name": name, "role": role})
        link = f"{api.url}/join#token={made['invitation_token']}"
    if shown.as_json:
        terminal.json({**made, "link": link})
    else:
        terminal.warn("Give this link to them: it is not shown again.")
        terminal.say(link)


@people.command("set")
@command
def change_person(
    terminal: Terminal,
    person: PersonArgument,
    shown: Shown,
    role: Annotated[str | None, typer.Option(help="owner, admin, operator or viewer.")] = None,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    disabled: Annotated[bool | None, typer.Option("--disable/--enable", help="Whether they may sign in.")] = None,
) -> None:
    """Change a person's role or name, or keep them out."""
    given = {"role": role, "name": name, "disabled": disabled}
    with terminal.api() as api:
        found = api.patch(f"/people/{person}", {key: value for key, value in given.items() if value is not None})
    if shown.as_json:
        terminal.json(found)
    else:
        terminal.say(f"{found.get('name')} ({found.get('id')}) is changed.")


@people.command("remove")
@command
def remove_person(terminal: Terminal, person: PersonArgument) -> None:
    """Take somebody out of the organisation."""
    with terminal.api() as api:
        api.delete(f"/people/{person}")
    terminal.say(f"{person} is removed.")
