"""Errors are part of the interface: a stable code, one true sentence, and the remedy.

Each class that reaches a user has a `code` and a `status` (HTTP). `docs/reference/errors.md` lists them all.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class TikfleetError(Exception):
    """What went wrong, in words for the one who asked."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong inside Tikfleet"
    remedy: ClassVar[str] = "Try again; if it stays, look for the request's id in the server's log."

    def __init__(
        self,
        detail: str,
        *,
        remedy: str | None = None,
        retry_after_s: float | None = None,
        fields: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    ) -> None:
        """`fields` are JSON pointers of the request with what is wrong there; one may come several times."""
        super().__init__(detail)
        self.detail = detail
        self.advice = remedy or self.remedy
        self.retry_after_s = retry_after_s
        self.fields = list(fields.items() if isinstance(fields, Mapping) else fields)


class NotFound(TikfleetError):
    """There is no such thing in the caller's organisation. Whether it exists elsewhere is not told."""

    code = "not-found"
    status = 404
    title = "Not found"
    remedy = "Check the id, and that you act in the right organisation."


class Invalid(TikfleetError):
    """The request can't be understood or breaks a rule; nothing was changed."""

    code = "request.invalid"
    status = 400
    title = "The request is not valid"
    remedy = "Correct what is named in `errors` and send it again."


class Conflict(TikfleetError):
    """The request contradicts the present state; nothing was changed."""

    code = "conflict"
    status = 409
    title = "The request contradicts the present state"
    remedy = "Read the present state and decide again."


class Forbidden(TikfleetError):
    """The credential is known but does not permit this."""

    code = "forbidden"
    status = 403
    title = "Not permitted"
    remedy = "Ask an owner or admin of the organisation for a role or token that permits it."


class Unauthenticated(TikfleetError):
    """No valid credential came with the request."""

    code = "session.required"
    status = 401
    title = "Sign in first"
    remedy = "Sign in, or send an API token in the Authorization header."


class TooManyRequests(TikfleetError):
    """The caller is over its rate; nothing was done."""

    code = "rate.limited"
    status = 429
    title = "Too many requests"
    remedy = "Wait for the time in Retry-After and send it again."


class Unavailable(TikfleetError):
    """Something that Tikfleet depends on does not answer; nothing was stored."""

    code = "unavailable"
    status = 503
    title = "Unavailable for the moment"
    remedy = "Try again after the time in Retry-After; nothing was lost."
