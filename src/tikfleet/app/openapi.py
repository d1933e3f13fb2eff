"""The API's description (OpenAPI 3.1), finished: who may use a route, problems, and the headers that all share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig

from tikfleet.httpkit.policies import PUBLIC, all_routes, policy_of
from tikfleet.httpkit.problems import PROBLEM_TYPE, FieldProblem, Problem
from tikfleet.httpkit.wire import dependencies

_DESCRIPTION: Final = """
Everything that the dashboard does, any program can do. Send an API token as `Authorization: Bearer tft_…`.

Collections come a page at a time: pass `next_cursor` as `cursor`. `fields=id,name` keeps only those. Every write takes
an `Idempotency-Key`: the same request with the same key is done once. Every GET of one thing answers an `ETag`, which
`If-None-Match` and `If-Match` understand. Errors are problem documents (RFC 9457) with a stable `code` and a `remedy`.
""".strip()
_UNSAFE: Final = {"post", "put", "patch", "delete"}


def describe(route_handlers: Sequence[Any], services: Mapping[str, object], version: str) -> dict[str, Any]:
    """The finished document of these routes. The application made here is never served: it only describes."""
    config = OpenAPIConfig(
        title="Tikfleet API", version=version, description=_DESCRIPTION, use_handler_docstrings=True, render_plugins=[]
    )
    app = Litestar(
        [Router("/api/v1", route_handlers=route_handlers)], dependencies=dependencies(services), openapi_config=config
    )
    schema = app.openapi_schema.to_schema()
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    _, made = msgspec.json.schema_components([Problem, FieldProblem], ref_template="#/components/schemas/{name}")
    schemas |= made
    schema["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, `tft_…`."},
        "session": {"type": "apiKey", "in": "cookie", "name": "tikfleet_session", "description": "A person's session."},
    }
    policies = {(path, method.lower()): policy_of(handler) for path, method, handler in all_routes(app)}
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            policy = policies.get((path, method))
            _finish(operation, method, policy is not None and policy.public, policy.permission if policy else "")
    schema["paths"] = {path: schema["paths"][path] for path in sorted(schema["paths"])}
    return schema


def _finish(operation: dict[str, Any], method: str, public: bool, permission: str) -> None:
    operation["security"] = [] if public else [{"token": []}, {"session": []}]
    if permission:
        operation["description"] = f"{operation.get('description', '')}\n\nNeeds the permission `{permission}`.".strip()
    responses = operation["responses"]
    responses.pop("400", None)
    responses["default"] = {
        "description": "A problem document: what went wrong, and the remedy.",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if method in _UNSAFE:
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "Makes the request happen once, however often it is sent within a day.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[A-Za-z0-9._~-]+$"},
            }
        )


def openapi_route(path: str, document: Callable[[], dict[str, Any]]) -> HTTPRouteHandler:
    """The route that serves the document, made when it is first asked for."""
    kept: list[bytes] = []

    @get(path, policy=PUBLIC, include_in_schema=False, sync_to_thread=False)
    def openapi() -> Response[bytes]:
        if not kept:
            kept.append(msgspec.json.encode(document()))
        return Response(kept[0], media_type="application/json")

    return openapi
