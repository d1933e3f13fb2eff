"""The API's description (OpenAPI 3.1), finished: who may use a route, problems, and the headers that all share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig

from tikfleet.app.examples import Examples
from tikfleet.httpkit.idempotency import KEY_PATTERN, MAX_KEY
from tikfleet.httpkit.policies import PUBLIC, Policy, all_routes, policy_of
from tikfleet.httpkit.problems import PROBLEM_TYPE, FieldProblem, Problem
from tikfleet.httpkit.queries import FIELDS_PATTERN, MAX_FIELDS, selectable
from tikfleet.httpkit.wire import dependencies

_DESCRIPTION: Final = """
Everything that the dashboard does, any program can do. Send an API token as `Authorization: Bearer tft_…`.

Collections come a page at a time: pass `next_cursor` as `cursor`. `fields=id,name` keeps only those. Every write takes
an `Idempotency-Key`: the same request with the same key is done once. Every GET of one thing answers an `ETag`, which
`If-None-Match` and `If-Match` understand. Errors are problem documents (RFC 9457) with a stable `code` and a `remedy`.
""".strip()
_BODIES: Final = {"post", "put", "patch"}
_UNSAFE: Final = {*_BODIES, "delete"}
# A time that ends before it begins is a conflict.
_TIMES: Final = frozenset({"from", "to", "since", "until"})
_PROBLEM: Final = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_JSON: Final = "application/json"
_ROUTER_REFUSES: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.CONFLICT,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
_ROUTER_ERROR: Final = {
    "type": "object",
    "description": "An error as the router's own REST tells it.",
    "properties": {"error": {"type": "integer"}, "message": {"type": "string"}, "detail": {"type": "string"}},
    "required": ["error", "message"],
    "example": {"error": 400, "message": "Bad Request", "detail": "no such command"},
}


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
    handlers = {(path, method.lower()): handler for path, method, handler in all_routes(app)}
    # The framework's own schemas lose what a list's items must be and that no other fields may be there.
    bodies = [handler.parsed_data_field.annotation for handler in handlers.values() if handler.parsed_data_field]
    exact = [Problem, FieldProblem, *dict.fromkeys(bodies)]
    _, made = msgspec.json.schema_components(exact, ref_template="#/components/schemas/{name}")
    schemas |= made
    schema["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, `tft_…`."},
        "session": {"type": "apiKey", "in": "cookie", "name": "tikfleet_session", "description": "A person's session."},
    }
    examples = Examples(schemas)
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            _finish(operation, method, path, handlers[path, method])
            examples.add_to(operation)
    schema["paths"] = {path: schema["paths"][path] for path in sorted(schema["paths"])}
    schema["tags"] = [{"name": name} for name in sorted({operation["tags"][0] for operation in _operations(schema)})]
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in schema["paths"].values():
        yield from item.values()


def _finish(operation: dict[str, Any], method: str, path: str, handler: HTTPRouteHandler) -> None:
    policy = policy_of(handler) or PUBLIC
    operation["security"] = [] if policy.public else [{"token": []}, {"session": []}]
    if policy.permission:
        operation["description"] = f"{operation.get('description', '')}\n\nNeeds the permission `{policy.permission}`."
    parameters = operation.setdefault("parameters", [])
    named = {parameter["name"] for parameter in parameters}
    for parameter in parameters:
        _exact_query(parameter)
    if selectable(handler) and "fields" not in named:
        parameters.append(_FIELDS)
    if selectable(handler):
        parameters.append(_IF_NONE_MATCH)
    if method in _UNSAFE:
        parameters.append(_IDEMPOTENCY_KEY)
    conditional = method in {"patch", "delete"} and "session" not in path
    if conditional:
        parameters.append(_IF_MATCH)
    responses = operation["responses"]
    kept = {status: answer for status, answer in responses.items() if status[0] == "2"}
    responses.clear()
    responses |= kept
    if selectable(handler):
        kept["200"].setdefault("headers", {})["ETag"] = {"schema": {"type": "string"}, "description": "Of this form."}
        responses["304"] = {"description": "It is still as If-None-Match names it."}
    for status in _refused_with(operation, method, path, policy, conditional):
        responses[str(status)] = _refusal(status)
    if handler.opt.get("conflicts"):
        responses[str(int(HTTPStatus.CONFLICT))] = _refusal(HTTPStatus.CONFLICT)
    if handler.opt.get("router_errors"):
        _say_what_routers_refuse(operation, method, path)


def _say_what_routers_refuse(operation: dict[str, Any], method: str, path: str) -> None:
    """Bodies and errors on a router's own path are those of the router's REST."""
    if method in _BODIES:
        operation["requestBody"] = {
            "description": "As the router's own REST takes it: properties of the record, or a command's arguments.",
            "required": False,
            "content": {_JSON: {"schema": {"type": "object"}, "example": {"comment": "uplink"}}},
        }
    asked = {HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE} if method in _BODIES else set()
    for status in sorted({*_ROUTER_REFUSES, *asked}):
        answer = operation["responses"].setdefault(str(int(status)), _refusal(status))
        answer["content"] = _PROBLEM | {_JSON: {"schema": _ROUTER_ERROR}}


def _refused_with(
    operation: dict[str, Any], method: str, path: str, policy: Policy, conditional: bool
) -> Iterator[int]:
    """The statuses of the problem documents that a route may answer."""
    yield HTTPStatus.BAD_REQUEST
    if not policy.public or "requestBody" in operation:
        yield HTTPStatus.UNAUTHORIZED
    if policy.permission or method in _UNSAFE:
        yield HTTPStatus.FORBIDDEN
    yield HTTPStatus.NOT_FOUND
    if method in _UNSAFE or any(parameter["name"] in _TIMES for parameter in operation["parameters"]):
        yield HTTPStatus.CONFLICT
    if conditional:
        yield HTTPStatus.PRECONDITION_FAILED
    if "requestBody" in operation:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    yield HTTPStatus.TOO_MANY_REQUESTS
    yield HTTPStatus.SERVICE_UNAVAILABLE


def _refusal(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase, "content": _PROBLEM}
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}}
    return answer


def _exact_query(parameter: dict[str, Any]) -> None:
    """No parameter of a query string can be null, and none may be empty (`httpkit.queries`)."""
    if parameter["in"] != "query":
        return
    schema = parameter["schema"]
    if forms := schema.pop("oneOf", None):
        schema |= next(form for form in forms if form.get("type") != "null")
    for form in (schema, schema.get("items", {})):
        if form.get("type") == "string" and "enum" not in form:
            form.setdefault("minLength", 1)
    if schema.get("type") == "array":
        schema.setdefault("minItems", 1)


_FIELDS: Final = {
    "name": "fields",
    "in": "query",
    "required": False,
    "description": "Keep only these fields of the answer, or of each of its items; separated by commas.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_FIELDS, "pattern": FIELDS_PATTERN},
}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "An ETag that was answered before: if nothing has changed since, the answer is 304 without a body.",
    "schema": {"type": "string"},
}
_IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that GET answered: if something has changed since, nothing is done and the answer is 412.",
    "schema": {"type": "string"},
}
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request happen once, however often it is sent within a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": KEY_PATTERN},
}


def openapi_route(path: str, document: Callable[[], dict[str, Any]]) -> HTTPRouteHandler:
    """The route that serves the document, made when it is first asked for."""
    kept: list[bytes] = []

    @get(path, policy=PUBLIC, include_in_schema=False, sync_to_thread=False)
    def openapi() -> Response[bytes]:
        if not kept:
            kept.append(msgspec.json.encode(document()))
        return Response(kept[0], media_type="application/json")

    return openapi
