"""Errors as problem documents (RFC 9457): `application/problem+json` with a code, a sentence and a remedy."""

from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, ValidationException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from tikfleet.kernel.errors import TikfleetError

PROBLEM_TYPE: Final = "application/problem+json"
_log = structlog.get_logger("tikfleet.http")


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong at one place of the request."""

    pointer: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """A problem document. `code` is stable; `detail` is one sentence; `remedy` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    instance: str
    errors: list[FieldProblem] = []


_CODES: Final = {
    400: ("request.invalid", "The request is not valid", "Correct what is named in `errors` and send it again."),
    401: ("session.required", "Sign in first", "Sign in, or send an API token in the Authorization header."),
    403: ("forbidden", "Not permitted", "Ask for a role or token that permits it."),
    404: ("not-found", "Not found", "Check the address against the API's documentation."),
    405: ("method.not-allowed", "This address does not take that method", "Use a method that the Allow header names."),
    413: ("request.too-large", "The request is too large", "Send less at a time."),
    415: ("request.media-type", "This form of body is not understood", "Send JSON with Content-Type application/json."),
}


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    """The HTTP answer that carries a problem document."""
    return Response(
        msgspec.json.encode(problem), status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers or {}
    )


def problem_of(error: TikfleetError, instance: str) -> Problem:
    """The document of one of our own errors."""
    return Problem(
        type=f"/docs/errors#{error.code}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        remedy=error.advice,
        instance=instance,
        errors=[FieldProblem(pointer, message) for pointer, message in error.fields],
    )


def handle_tikfleet_error(request: Request[Any, Any, Any], error: TikfleetError) -> Response[bytes]:
    """Our own errors, which know their code and status."""
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if error.status == 401:  # noqa: PLR2004 - RFC 9110: a 401 names the scheme
        headers["WWW-Authenticate"] = 'Bearer realm="tikfleet"'
    if error.status >= HTTP_500_INTERNAL_SERVER_ERROR:
        _log.warning("request failed", code=error.code, path=request.url.path, exc_info=error)
    return problem_response(problem_of(error, request.url.path), headers)


def handle_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """The framework's errors: unknown path, wrong method, a body or parameter that does not fit."""
    code, title, remedy = _CODES.get(error.status_code, ("internal", "Something went wrong", TikfleetError.remedy))
    problem = Problem(
        type=f"/docs/errors#{code}",
        title=title,
        status=error.status_code,
        detail=_sentence(error),
        code=code,
        remedy=remedy,
        instance=request.url.path,
        errors=_fields(error),
    )
    headers = dict(error.headers or {}) if isinstance(error, MethodNotAllowedException) else {}
    return problem_response(problem, headers)


def handle_anything_else(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: logged whole, told without its insides."""
    _log.error("unexpected error", path=request.url.path, method=request.method, exc_info=error)
    return problem_response(problem_of(TikfleetError("the request failed inside Tikfleet"), request.url.path))


def _sentence(error: HTTPException) -> str:
    if isinstance(error, ValidationException):
        return "the request does not fit what this address takes"
    return (error.detail or "the request failed").lower() if error.status_code < 500 else "the request failed"  # noqa: PLR2004


def _fields(error: HTTPException) -> list[FieldProblem]:
    extra = error.extra if isinstance(error, ValidationException) else None
    if not isinstance(extra, list):
        return [FieldProblem("", error.detail)] if isinstance(error, ValidationException) else []
    return [
        FieldProblem("/" + str(item.get("key", "")).replace(".", "/"), str(item.get("message", "")))
        for item in extra
        if isinstance(item, dict)
    ]


HANDLERS: Final[dict[Any, Any]] = {
    TikfleetError: handle_tikfleet_error,
    HTTPException: handle_http_exception,
    HTTP_500_INTERNAL_SERVER_ERROR: handle_anything_else,
}
