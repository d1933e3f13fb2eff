"""`/rest` at the root, for clients that know a router's host, user and password only: the user is the device's id.

They reach what `/api/v1/devices/{id}/routeros` serves; the password is an API token, and is checked there.
"""

import re
from base64 import b64decode
from typing import Final

from tikfleet.httpkit.asgi import App, Receive, Scope, Send, has_header, header, respond

_PREFIX: Final = "/rest"
_DEVICE: Final = re.compile(r"dev_[a-z0-9]{1,32}")
_UNNAMED: Final = (
    b'{"detail":"the user is the id of a device (dev_...), the password an API token",'
    b'"error":401,"message":"Unauthorized"}'
)
_CHALLENGE: Final = [(b"content-type", b"application/json"), (b"www-authenticate", b'Basic realm="Tikfleet"')]


class RestDoor:
    """Leads a request to the routeros path of the device that its credentials name."""

    def __init__(self, api: App) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        device_id = _user_of(header(scope, b"authorization"))
        if not _DEVICE.fullmatch(device_id):
            await respond(send, 401, _CHALLENGE, _UNNAMED)
            return
        place = f"/api/v1/devices/{device_id}/routeros"
        rest = scope["path"][len(_PREFIX) :]
        raw = bytes(scope.get("raw_path") or scope["path"].encode())[len(_PREFIX) :]
        headers = list(scope["headers"])
        if not has_header(scope, b"prefer"):
            # Such a client knows no 202, and a router's own REST may take so long too.
            headers.append((b"prefer", b"wait=60"))
        await self._api(
            dict(scope) | {"headers": headers} | {"path": place + rest, "raw_path": place.encode() + raw}, receive, send
        )


def leads_there(path: str) -> bool:
    """Whether this door takes the path."""
    return path == _PREFIX or path.startswith(_PREFIX + "/")


def _user_of(authorization: str) -> str:
    kind, _, secret = authorization.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return b64decode(secret.strip(), validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
