"""Where the server is and how to sign in there: a file that only its owner can read, or the environment."""

import contextlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tikfleet.cli.failures import FORBIDDEN, Failure

_OWNER_ONLY: Final = 0o600
_FOLDER_MODE: Final = 0o700


@dataclass(frozen=True, slots=True)
class Credentials:
    """`ca` names a PEM file with the certificates to trust; empty for those of the system."""

    url: str
    token: str
    ca: str = ""
    token_id: str = ""


def path_of(environment: Mapping[str, str]) -> Path:
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".config")
    return Path(home) / "tikfleet" / "config.toml"


def read(environment: Mapping[str, str]) -> Credentials:
    """TIKFLEET_URL, TIKFLEET_TOKEN and TIKFLEET_CA, or the file. Raises Failure when neither says enough."""
    stored = stored_at(path_of(environment))
    url = environment.get("TIKFLEET_URL") or (stored.url if stored else "")
    token = environment.get("TIKFLEET_TOKEN", "")
    # A stored token belongs to its own server and is never shown to another one.
    if not token and stored and stored.url == url:
        token = stored.token
    if not url or not token:
        raise Failure("you are not signed in", FORBIDDEN, remedy="Run `tikfleet login`.", code="session.required")
    ca = environment.get("TIKFLEET_CA") or (stored.ca if stored else "")
    return Credentials(url, token, ca, stored.token_id if stored and stored.token == token else "")


def stored_at(path: Path) -> Credentials | None:
    """What the file holds; None when there is no file. Raises Failure when it cannot be read."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, tomllib.TOMLDecodeError) as cause:
        raise Failure(f"{path} cannot be read: {cause}", remedy="Mend or remove it and sign in again.") from cause
    known = {name: str(found.get(name, "")) for name in ("url", "token", "ca", "token_id")}
    return Credentials(**known)


def write(path: Path, credentials: Credentials) -> None:
    """Store them so that nobody else can read them, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
    fresh = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    # A JSON string of ASCII is a TOML string as well.
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in asdict(credentials).items() if value]
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)
    fresh.replace(path)


def forget(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
