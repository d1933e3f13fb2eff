"""Signing in and out."""

import platform
import sys
from typing import Annotated

import typer

from tikfleet.cli import configuration
from tikfleet.cli.client import Api, Document
from tikfleet.cli.configuration import Credentials
from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.options import Shown, command
from tikfleet.cli.terminal import Terminal

UrlArgument = Annotated[str, typer.Argument(help="Where the server is, such as https://fleet.example.net.")]
EmailOption = Annotated[str, typer.Option(help="Sign in with this address and make an API token for this machine.")]
StdinOption = Annotated[bool, typer.Option("--stdin", help="Read the password or token from standard input.")]
CaOption = Annotated[str, typer.Option(help="PEM file with the server's own CA, when its certificate is not public.")]


@command
def login(
    terminal: Terminal, url: UrlArgument, email: EmailOption = "", stdin: StdinOption = False, ca: CaOption = ""
) -> None:
    """Sign in, with an e-mail address and password or with an API token made in the dashboard."""
    if email:
        secret = _secret("Password", from_stdin=stdin)
        credentials = _by_password(terminal, Credentials(url.rstrip("/"), "", ca), email, secret)
    else:
        credentials = Credentials(url.rstrip("/"), _secret("API token", from_stdin=stdin), ca)
    with Api(credentials.url, credentials.token, credentials.ca, terminal.transport) as api:
        server = api.get("/server")
    path = configuration.path_of(terminal.environment)
    configuration.write(path, credentials)
    terminal.say(f"Signed in to {credentials.url} (Tikfleet {server.get('version', '')}); stored in {path}.")


@command
def logout(terminal: Terminal) -> None:
    """Forget the stored token, and revoke it when `login` made it."""
    path = configuration.path_of(terminal.environment)
    stored = configuration.stored_at(path)
    if stored is None:
        terminal.say("You were not signed in.")
        return
    configuration.forget(path)
    if stored.token_id:
        with Api(stored.url, stored.token, stored.ca, terminal.transport) as api:
            api.delete(f"/tokens/{stored.token_id}")
        terminal.say(f"Signed out of {stored.url}; the token is revoked.")
    else:
        terminal.say(f"Signed out of {stored.url}; the token itself still works until it is revoked.")


@command
def whoami(terminal: Terminal, shown: Shown) -> None:
    """Which server and organisation commands go to."""
    known = configuration.read(terminal.environment)
    with terminal.api() as api:
        server = api.get("/server")
        organisations = api.get("/organisations", {"limit": 1}).get("items") or [{}]
        token = api.get(f"/tokens/{known.token_id}") if known.token_id else {}
    document = {
        "url": known.url,
        "version": server.get("version"),
        "organisation": organisations[0].get("name"),
        "token": token.get("name"),
        "created_by": (token.get("created_by") or {}).get("name"),
        "scopes": token.get("scopes"),
    }
    if shown.as_json:
        terminal.json(document)
    else:
        terminal.facts(list(document.items()))


def _secret(what: str, *, from_stdin: bool) -> str:
    found = sys.stdin.readline().rstrip("\r\n") if from_stdin else str(typer.prompt(what, hide_input=True))
    if not found:
        raise Failure(f"no {what.lower()} was given", USAGE)
    return found


def _by_password(terminal: Terminal, target: Credentials, email: str, password: str) -> Credentials:
    """An API token of this person's own, made by a session that ends at once."""
    with Api(target.url, "", target.ca, terminal.transport) as api:
        session = api.post("/session", {"email": email, "password": password})
        csrf = {"X-CSRF-Token": str(session.get("csrf_token", ""))}
        wanted: Document = {"name": f"tikfleet on {platform.node() or 'a terminal'}"[:100]}
        token = api.post("/tokens", {**wanted, "scopes": session.get("permissions", [])}, csrf)
        api.delete("/session", headers=csrf)
    return Credentials(target.url, str(token["secret"]), target.ca, str(token["id"]))
