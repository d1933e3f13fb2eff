"""Routes of jobs. Service: `jobs`."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter

from tikfleet.domains.jobs.callbacks import Aims
from tikfleet.domains.jobs.checks import ScriptChecks
from tikfleet.domains.jobs.library import JobLibrary
from tikfleet.domains.jobs.model import Kind, Status
from tikfleet.domains.jobs.repository import JobFilters
from tikfleet.domains.jobs.schemas import (
    BatchView,
    JobCreate,
    JobKinds,
    JobView,
    ScriptCheck,
    ScriptChecked,
    kind_views,
)
from tikfleet.domains.jobs.service import Jobs
from tikfleet.httpkit.authentication import Principal
from tikfleet.httpkit.listed import Short
from tikfleet.httpkit.moments import MOMENT_DESCRIPTION, MOMENT_PATTERN, moment_of
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.wire import CursorText, Fields, Items, Limit, items_of, page_request
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope

JobIdPath = Annotated[str, PathParameter(description="The job's id, such as job_01m3k5x0v7q2a9bc.")]
DeviceIds = Annotated[list[Short] | None, QueryParameter(max_items=50, description="Of any of these devices.")]
BatchIds = Annotated[list[Short] | None, QueryParameter(max_items=50, description="Of any of these batches.")]
Statuses = Annotated[list[Status] | None, QueryParameter(max_items=20, description="In any of these states.")]
Kinds = Annotated[list[Kind] | None, QueryParameter(max_items=20, description="Of any of these kinds.")]
CreatedBy = Annotated[
    list[Short] | None, QueryParameter(max_items=50, description="Asked by any of these people or tokens.")
]
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
    QueryParameter(
        name="q",
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)",
        description="Text in the description, in the device's name or in the name of who asked.",
    ),
]
Sort = Annotated[Literal["created_at", "-created_at"], QueryParameter(description="Oldest or newest first.")]


def filters(
    device_id: DeviceIds = None, status: Statuses = None, kind: Kinds = None, batch_id: BatchIds = None
) -> JobFilters:
    """The filters of the query string that name what jobs are of."""
    return JobFilters(device_id or (), status or (), kind or (), batch_id or ())


def asked(
    filters: NamedDependency[JobFilters],
    created_by: CreatedBy = None,
    since: From = None,
    until: To = None,
    text: Text = None,
) -> JobFilters:
    """Those filters with who asked, when, and a text."""
    return msgspec.structs.replace(
        filters,
        created_by=created_by or (),
        since=to_text(moment_of(since)) if since else "",
        until=to_text(moment_of(until)) if until else "",
        text=text or "",
    )


def page(limit: Limit = 50, cursor: CursorText = None, sort: Sort = "-created_at") -> PageRequest:
    """The page that the query string asks for."""
    return page_request(limit, cursor, sort)


class JobRoutes(Controller):
    """What is asked of devices."""

    path = "/jobs"
    tags = ["Jobs"]

    @post("/", policy=permits("jobs:write"), operation_id="createJobs", summary="Ask something of devices")
    async def create(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        jobs: NamedDependency[Jobs],
        principal: NamedDependency[Principal],
        library: NamedDependency[JobLibrary],
        callbacks: NamedDependency[Aims],
        data: JSONBody[JobCreate],
    ) -> BatchView:
        """Make one job for each device that is named or selected: all of them, or none.

        A device takes its jobs in the order in which they were made, one at a time, when it next reports; one that is
        away takes them when it is back, until they expire. A large batch is followed with
        `GET /jobs?batch_id=…&status=…`.

        A script is checked first for the version that each device runs: what RouterOS would refuse makes no job
        (`script.invalid`, with line, column and reason in `errors`), and `checks` holds the warnings. `unchecked`
        leaves the decision to RouterOS. With `library_id` the script is a version of one in the library, filled with
        `values`; that needs the permission `library:read`, too. `notify_url` is told of each job's end.
        """
        may_read = "library:read" in principal.permissions
        whole = await library.for_job(org, actor, data, may_read=may_read)
        return await jobs.create(org, actor, whole, await callbacks.aim(org, data.notify_url))

    @get(
        "/",
        policy=permits("jobs:read"),
        operation_id="listJobs",
        summary="List jobs",
        dependencies={
            "filters": Provide(filters, sync_to_thread=False),
            "wanted": Provide(asked, sync_to_thread=False),
            "page": Provide(page, sync_to_thread=False),
        },
    )
    async def list_jobs(
        self,
        org: NamedDependency[OrgScope],
        jobs: NamedDependency[Jobs],
        wanted: NamedDependency[JobFilters],
        page: NamedDependency[PageRequest],
        fields: Fields = None,
    ) -> Items[JobView]:
        """The jobs that match every filter, by the time they were made. The values of one filter are alternatives."""
        return items_of(await jobs.page(org, wanted, page))

    @get("/{job_id:str}", policy=permits("jobs:read"), operation_id="getJob", summary="Read a job")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        jobs: NamedDependency[Jobs],
        job_id: JobIdPath,
        fields: Fields = None,
    ) -> JobView:
        """One job with its script, its history and its output."""
        return await jobs.get(org, job_id)

    @get(
        "/{job_id:str}/output",
        policy=permits("jobs:read"),
        operation_id="getJobOutput",
        summary="Read a job's output",
        media_type="text/plain",
    )
    async def output(
        self, org: NamedDependency[OrgScope], jobs: NamedDependency[Jobs], job_id: JobIdPath
    ) -> Response[str]:
        """What the device sent back, as plain text of at most 10 MiB; empty when it sent nothing (yet)."""
        return Response(await jobs.output(org, job_id), media_type="text/plain")

    @post(
        "/{job_id:str}/cancel",
        status_code=200,
        policy=permits("jobs:write"),
        operation_id="cancelJob",
        summary="Cancel a job",
    )
    async def cancel(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        jobs: NamedDependency[Jobs],
        job_id: JobIdPath,
    ) -> JobView:
        """Call a job back before its device begins it.

        A job of class `once` that the device has begun can't be called back, and one that has ended stays as it ended.
        """
        return await jobs.cancel(org, actor, job_id)


class JobKindRoutes(Controller):
    """What can be asked of devices."""

    path = "/job-kinds"
    tags = ["Jobs"]

    @get("/", policy=permits("jobs:read"), operation_id="listJobKinds", summary="List the kinds of jobs")
    async def list_kinds(self) -> JobKinds:
        """Every kind of job with its classes and the JSON Schema of its parameters."""
        return JobKinds(kind_views())


class ScriptRoutes(Controller):
    """Scripts, before they are sent."""

    path = "/scripts"
    tags = ["Jobs"]

    @post(
        "/check",
        status_code=200,
        policy=permits("jobs:write"),
        operation_id="checkScript",
        summary="Check a script before it is sent",
    )
    async def check(
        self,
        org: NamedDependency[OrgScope],
        script_checks: NamedDependency[ScriptChecks],
        data: JSONBody[ScriptCheck],
    ) -> ScriptChecked:
        """Say what RouterOS would refuse, and what may be regretted, for each version that runs the script.

        The versions are those of `versions` and of the devices that are named or selected; without any, the newest
        that is known. Nothing is sent or kept. `POST /jobs` checks the same way, and refuses what has errors.
        """
        return await script_checks.check(org, data)


def routes() -> list[Any]:
    """What is mounted under /api/v1."""
    return [JobRoutes, JobKindRoutes, ScriptRoutes]
