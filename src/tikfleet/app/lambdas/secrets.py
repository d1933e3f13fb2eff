"""Settings and keys that functions take from AWS Secrets Manager when they start: never from what can be read of them.

Each secret is a JSON object. `username` and `password` (as Aurora keeps them) go into `database_url`; `job_key` is the
private key that signs jobs, in PEM; every other name is a setting.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from tikfleet.adapters.aws.clients import AwsPlace, Clients, Service
from tikfleet.app.settings import SettingsWrong

NAMES: Final = "TIKFLEET_AWS_SECRETS"
_KEY: Final = "job_key"
# What Aurora writes beside the two.
_OTHERS: Final = frozenset(
    {"engine", "host", "port", "dbname", "dbInstanceIdentifier", "dbClusterIdentifier", "masterarn"}
)


async def environment_with_secrets(environment: Mapping[str, str], directory: Path) -> dict[str, str]:
    """The environment with what the secrets named in it hold; a key of jobs is put into a file of `directory`.

    Raises CloudUnavailable, and SettingsWrong for a secret of another form.
    """
    found = dict(environment)
    names = [name.strip() for name in found.get(NAMES, "").split(",") if name.strip()]
    if not names:
        return found
    region = found.get("TIKFLEET_AWS_REGION") or found.get("AWS_REGION", "")
    clients = Clients(AwsPlace(region, found.get("TIKFLEET_AWS_ENDPOINT", "")))
    try:
        manager = Service(clients, "secretsmanager")
        for name in names:
            answer = await manager.call("get_secret_value", SecretId=name)
            _take(found, _content(name, answer), directory)
    finally:
        await clients.close()
    return found


def _content(name: str, answer: Mapping[str, Any]) -> dict[str, str]:
    try:
        content = json.loads(answer["SecretString"])
        return {str(key): str(value) for key, value in content.items()}
    except (KeyError, ValueError, AttributeError) as cause:
        raise SettingsWrong(f"the secret {name} is no JSON object") from cause


def _take(found: dict[str, str], content: dict[str, str], directory: Path) -> None:
    if "username" in content and "password" in content:
        address = found.get("TIKFLEET_DATABASE_URL", "")
        found["TIKFLEET_DATABASE_URL"] = _with_user(address, content.pop("username"), content.pop("password"))
        content = {name: value for name, value in content.items() if name not in _OTHERS}
    if _KEY in content:
        found["TIKFLEET_JOB_KEY"] = str(_kept(directory / "keys" / "job-signing.pem", content.pop(_KEY)))
    found |= {f"TIKFLEET_{name.upper()}": value for name, value in content.items()}


def _with_user(address: str, user: str, password: str) -> str:
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))


def _kept(path: Path, pem: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(pem)
    return path
