"""JSON bodies exactly as the API's description has them.

The framework converts loosely: `"true"` or 1 for a boolean, `"60"` for a number, JSON under any Content-Type. That is
right for query strings and wrong for bodies, and a body of text/plain is one that other sites can send for a visitor.
"""

from typing import Any, Final

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import SerializationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from tikfleet.kernel.errors import Invalid, TikfleetError

_JSON: Final = "application/json"
_EXACT: Final = 2**53


class NotJson(TikfleetError):
    """The body has another media type than JSON; it was not looked at."""

    code = "request.media-type"
    status = 415
    title = "This form of body is not understood"
    remedy = "Send JSON with Content-Type application/json."


async def strict_json(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard, to stand after authentication. Raises NotJson and Invalid."""
    field = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    if field is None or not isinstance(connection, Request):
        return
    if connection.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise NotJson(f"the Content-Type is not {_JSON}")
    try:
        msgspec.convert(_integral(await connection.json()), field.annotation, strict=True)
    except (SerializationException, msgspec.DecodeError, UnicodeDecodeError) as cause:
        # A ValidationError is a DecodeError that says where; JSON that cannot be read has no place.
        text, _, place = str(cause).partition(" - at `$")
        wrong = text if isinstance(cause, msgspec.ValidationError) else "this is not JSON"
        pointer = place.rstrip("`").replace(".", "/").replace("[", "/").replace("]", "")
        raise Invalid("the request does not fit what this address takes", fields={pointer: wrong}) from cause


def _integral(value: Any) -> Any:
    """The same value with 60.0 as 60: to JSON Schema they are one integer."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, list):
        return [_integral(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _integral(inner) for name, inner in value.items()}
    return value
