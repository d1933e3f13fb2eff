"""Routes of the audit trail. Service: `audit_trail`."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from tikfleet.domains.audit.model import Filter
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.audit.schemas import AuditEntry, audit_entry
from tikfleet.httpkit.moments import MOMENT_DESCRIPTION, MOMENT_PATTERN, moment_of
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.wire import CursorText, Items, Limit, page_request
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import OrgScope

_TEXT: Final = r"^[^\x00-\x1f\x7f]+$(?!\n)"
_WORD: Final = r"^[a-z0-9_.-]+$(?!\n)"

ActorId = Annotated[
    str | None, QueryParameter(max_length=60, pattern=_WORD, description="Done by this person or token.")
]
Action = Annotated[str | None, QueryParameter(max_length=60, pattern=_WORD, description="Such as `device.approved`.")]
TargetId = Annotated[str | None, QueryParameter(max_length=60, pattern=_WORD, description="Done to this.")]
From = Annotated[
    str | None,
    QueryParameter(name="from", max_length=40, pattern=MOMENT_PATTERN, description=f"Not before. {MOMENT_DESCRIPTION}"),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", max_length=40, pattern=MOMENT_PATTERN, description=f"Before. {MOMENT_DESCRIPTION}"),
]
Text = Annotated[
    str | None,
    QueryParameter(name="q", max_length=100, pattern=_TEXT, description="Text in action, actor or target."),
]


Sort = Annotated[Literal["at", "-at"], QueryParameter(description="Oldest first, or newest first.")]


def wanted(
    actor_id: ActorId = None,
    action: Action = None,
    target_id: TargetId = None,
    since: From = None,
    until: To = None,
    text: Text = None,
) -> Filter:
    """The filter that the query parameters describe."""
    return Filter(
        actor_id=actor_id or "",
        action=action or "",
        target_id=target_id or "",
        since=to_text(moment_of(since)) if since else "",
        until=to_text(moment_of(until)) if until else "",
        text=text or "",
    )


def page(limit: Limit = 50, cursor: CursorText = None, sort: Sort = "-at") -> PageRequest:
    """The page that the query parameters ask for."""
    return page_request(limit, cursor, sort)


@get(
    "/audit",
    policy=permits("audit:read"),
    operation_id="listAudit",
    summary="List what was done",
    tags=["Audit"],
    dependencies={
        "wanted": Provide(wanted, sync_to_thread=False),
        "page": Provide(page, sync_to_thread=False),
    },
)
async def list_audit(
    org: NamedDependency[OrgScope],
    audit_trail: NamedDependency[AuditTrail],
    wanted: NamedDependency[Filter],
    page: NamedDependency[PageRequest],
) -> Items[AuditEntry]:
    """Who did what, when, from where, and what changed, in the active organisation and those below it."""
    found = await audit_trail.page(org, wanted, page)
    return Items([audit_entry(entry) for entry in found.items], found.next_cursor, found.total)


def routes() -> Sequence[HTTPRouteHandler]:
    """The handlers, to be mounted under /api/v1."""
    return [list_audit]
