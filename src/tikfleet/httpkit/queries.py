"""Query strings and paths exactly as the API's description has them.

The framework ignores a parameter that it does not know and takes the last of several, so a misspelt filter would
answer with everything. Here both are refused.
"""

import re
from enum import Enum
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from tikfleet.kernel.errors import Invalid, NotFound

FIELDS_PATTERN: Final = "^[a-z0-9_]+(,[a-z0-9_]+)*$"
MAX_FIELDS: Final = 500
_FIELDS: Final = re.compile(FIELDS_PATTERN)
_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_JSON: Final = "application/json"


class Expected(msgspec.Struct, frozen=True):
    """The parameters of one route: those that may come once, and those that may come again."""

    once: frozenset[str]
    many: frozenset[str]


class StrictQuery:
    """A guard. Raises Invalid for parameters that the route does not take, NotFound for what can't be an id."""

    def __init__(self) -> None:
        self._expected: dict[tuple[str, str], Expected] = {}

    def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if not isinstance(handler, HTTPRouteHandler):
            return
        foreign = str(handler.opt.get("foreign_path", ""))
        if any(_ID.fullmatch(str(value)) is None for name, value in connection.path_params.items() if name != foreign):
            raise NotFound("there is nothing of that id")
        if foreign:
            # What lies behind this path has a query string of its own.
            return
        given = parse_qsl(connection.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        if not given:
            return
        expected = self._of(handler, connection)
        wrong: dict[str, str] = {}
        seen: set[str] = set()
        for name, value in given:
            if name not in expected.once | expected.many:
                wrong[_pointer(name)] = "this address does not take this parameter"
            elif name in seen and name in expected.once:
                wrong[_pointer(name)] = "this may be given once"
            elif not value:
                wrong[_pointer(name)] = "this has no value"
            elif name == "fields" and (len(value) > MAX_FIELDS or _FIELDS.fullmatch(value) is None):
                wrong[_pointer(name)] = "these are not names of fields, separated by commas"
            seen.add(name)
        if wrong:
            raise Invalid("the request does not fit what this address takes", fields=wrong)

    def _of(self, handler: HTTPRouteHandler, connection: ASGIConnection[Any, Any, Any, Any]) -> Expected:
        key = (connection.scope["path_template"], str(connection.scope.get("method")))
        found = self._expected.get(key)
        if found is None:
            paths: dict[str, Any] = dict.fromkeys(connection.path_params)
            taken = handler.create_kwargs_model(paths).expected_query_params
            many = frozenset(one.field_alias for one in taken if one.is_sequence)
            once = frozenset(one.field_alias for one in taken) - many
            found = self._expected[key] = Expected(once | selectable(handler), many)
        return found


def selectable(handler: HTTPRouteHandler) -> frozenset[str]:
    """`fields`, where a route's answer is JSON that it can select from."""
    shown = handler.media_type.value if isinstance(handler.media_type, Enum) else handler.media_type
    is_json = "GET" in handler.http_methods and (shown or _JSON).startswith(_JSON)
    return frozenset({"fields"} if is_json else ())


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")[:100]
