"""Routes of runs. Services: `runs`, `run_look`."""

from typing import Annotated, Any, Literal

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter

from tikfleet.domains.jobs.public import Aims
from tikfleet.domains.runs.library import RunLibrary
from tikfleet.domains.runs.looking import RunLook
from tikfleet.domains.runs.model import RunState, TargetState
from tikfleet.domains.runs.repository import RunFilters, TargetFilters
from tikfleet.domains.runs.schemas import (
    RunCreate,
    RunPreview,
    RunReason,
    RunReport,
    RunRetry,
    RunTargetView,
    RunView,
)
from tikfleet.domains.runs.service import Runs
from tikfleet.httpkit.authentication import Principal
from tikfleet.httpkit.listed import Short
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.wire import CursorText, Fields, Items, Limit, items_of, page_request
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope

RunIdPath = Annotated[str, PathParameter(description="The run's id, such as run_01m3k5x0v7q2a9bc.")]
States = Annotated[
    list[RunState] | None, QueryParameter(name="state", max_items=10, description="In any of these states.")
]
TargetStates = Annotated[
    list[TargetState] | None, QueryParameter(name="state", max_items=10, description="In any of these states.")
]
WaveNumber = Annotated[int | None, QueryParameter(ge=1, le=51, description="Of this wave, counted from 1.")]
DeviceIds = Annotated[list[Short] | None, QueryParameter(max_items=50, description="Any of these devices.")]
Sort = Annotated[Literal["created_at", "-created_at"], QueryParameter(description="Oldest or newest first.")]


def filters(states: States = None) -> RunFilters:
    """The filters of the query string."""
    return RunFilters(states or ())


def page(limit: Limit = 50, cursor: CursorText = None, sort: Sort = "-created_at") -> PageRequest:
    """The page that the query string asks for."""
    return page_request(limit, cursor, sort)


def target_filters(states: TargetStates = None, wave: WaveNumber = None, device_id: DeviceIds = None) -> TargetFilters:
    """The filters over targets."""
    return TargetFilters(states or (), None if wave is None else wave - 1, device_id or ())


def target_page(limit: Limit = 50, cursor: CursorText = None) -> PageRequest:
    """A page of targets, in the order in which they are asked."""
    return page_request(limit, cursor, kind=int)


_TARGETS = {
    "filters": Provide(target_filters, sync_to_thread=False),
    "page": Provide(target_page, sync_to_thread=False),
}


class RunRoutes(Controller):
    """Changes for many devices, in waves."""

    path = "/runs"
    tags = ["Runs"]

    @post("/", policy=permits("runs:write"), operation_id="createRun", summary="Make a run")
    async def create(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        runs: NamedDependency[Runs],
        principal: NamedDependency[Principal],
        library: NamedDependency[RunLibrary],
        callbacks: NamedDependency[Aims],
        data: JSONBody[RunCreate],
    ) -> RunView:
        """Make a run and plan it: who takes part is frozen, in waves; nothing is sent before it is started.

        A script is written with the values of each device and checked for its version; one that cannot be written, or
        that RouterOS would refuse, makes no run (`run.not-writable`, with devices and reasons in `errors`).
        With `library_id` it is a version of a script in the library, with `values` for its parameters; that needs the
        permission `library:read`, too. `notify_url` is told when the run is halted, finished or cancelled; with
        `notify_like` it is the address of an earlier run, which nobody can read.
        """
        may_read = "library:read" in principal.permissions
        whole = await library.for_run(org, actor, data, may_read=may_read)
        known = await runs.notify_like(org, data)
        return await runs.create(org, actor, whole, known or await callbacks.aim(org, data.notify_url))

    @get(
        "/",
        policy=permits("runs:read"),
        operation_id="listRuns",
        summary="List runs",
        dependencies={
            "filters": Provide(filters, sync_to_thread=False),
            "page": Provide(page, sync_to_thread=False),
        },
    )
    async def list_runs(
        self,
        org: NamedDependency[OrgScope],
        runs: NamedDependency[Runs],
        filters: NamedDependency[RunFilters],
        page: NamedDependency[PageRequest],
        fields: Fields = None,
    ) -> Items[RunView]:
        """The runs of the organisation and those below it, by the time they were made, without their histories."""
        return items_of(await runs.page(org, filters, page))

    @get("/{run_id:str}", policy=permits("runs:read"), operation_id="getRun", summary="Read a run")
    async def read(
        self, org: NamedDependency[OrgScope], runs: NamedDependency[Runs], run_id: RunIdPath, fields: Fields = None
    ) -> RunView:
        """One run with its waves, its counts by state and its history."""
        return await runs.get(org, run_id)

    @get(
        "/{run_id:str}/targets",
        policy=permits("runs:read"),
        operation_id="listRunTargets",
        summary="List a run's devices",
        dependencies=_TARGETS,
    )
    async def targets(
        self,
        org: NamedDependency[OrgScope],
        run_look: NamedDependency[RunLook],
        run_id: RunIdPath,
        filters: NamedDependency[TargetFilters],
        page: NamedDependency[PageRequest],
        fields: Fields = None,
    ) -> Items[RunTargetView]:
        """The devices of a run in the order in which they are asked, each with its state and its job."""
        return items_of(await run_look.targets(org, run_id, filters, page))

    @get(
        "/{run_id:str}/preview",
        policy=permits("runs:read"),
        operation_id="previewRun",
        summary="Preview a run",
        dependencies=_TARGETS,
    )
    async def preview(
        self,
        org: NamedDependency[OrgScope],
        run_look: NamedDependency[RunLook],
        run_id: RunIdPath,
        filters: NamedDependency[TargetFilters],
        page: NamedDependency[PageRequest],
        fields: Fields = None,
    ) -> Items[RunPreview]:
        """The exact script for each device, and what the version that it runs would say of it. Nothing is sent."""
        return items_of(await run_look.preview(org, run_id, filters, page))

    @get("/{run_id:str}/report", policy=permits("runs:read"), operation_id="reportRun", summary="Report a run")
    async def report(
        self,
        org: NamedDependency[OrgScope],
        run_look: NamedDependency[RunLook],
        run_id: RunIdPath,
        fields: Fields = None,
    ) -> RunReport:
        """The run with all its devices and what came of it there."""
        return await run_look.report(org, run_id)

    @get(
        "/{run_id:str}/report.csv",
        policy=permits("runs:read"),
        operation_id="reportRunCsv",
        summary="Report a run as CSV",
        media_type="text/csv",
    )
    async def report_csv(
        self, org: NamedDependency[OrgScope], run_look: NamedDependency[RunLook], run_id: RunIdPath
    ) -> Response[str]:
        """All devices of the run, for a spreadsheet."""
        return Response(await run_look.report_csv(org, run_id), media_type="text/csv")


class RunDecisions(Controller):
    """What people decide about a run."""

    path = "/runs"
    tags = ["Runs"]

    @post(
        "/{run_id:str}/plan",
        status_code=200,
        policy=permits("runs:write"),
        operation_id="planRun",
        summary="Plan a run",
    )
    async def plan(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        runs: NamedDependency[Runs],
        run_id: RunIdPath,
    ) -> RunView:
        """Freeze who takes part, as the inventory is now. A planned run may be planned again until it is started."""
        return await runs.plan(org, actor, run_id)

    @post(
        "/{run_id:str}/start",
        status_code=200,
        policy=permits("runs:write"),
        operation_id="startRun",
        summary="Start a run",
    )
    async def start(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        runs: NamedDependency[Runs],
        run_id: RunIdPath,
    ) -> RunView:
        """Let it begin at its time, which may be now; where approval is needed, ask for that first."""
        return await runs.start(org, actor, run_id)

    @post(
        "/{run_id:str}/approve",
        status_code=200,
        policy=permits("runs:approve"),
        operation_id="approveRun",
        summary="Approve a run",
    )
    async def approve(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        runs: NamedDependency[Runs],
        run_id: RunIdPath,
    ) -> RunView:
        """Agree as a second person: not who made or started it, and not with a token of theirs (`run.approval-own`)."""
        return await runs.approve(org, actor, run_id)

    @post(
        "/{run_id:str}/pause",
        status_code=200,
        policy=permits("runs:write"),
        operation_id="pauseRun",
        summary="Pause a run",
    )
    async def pause(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        runs: NamedDependency[Runs],
        run_id: RunIdPath,
        data: JSONBody[RunReason],
    ) -> RunView:
        """Ask nobody else for now. What devices have not begun is called back, and asked again after `resume`."""
        return await runs.pause(org, actor, run_id, data.reason)

    @post(
        "/{run_id:str}/resume",
        status_code=200,
        policy=permits("runs:write"),
        operation_id="resumeRun",
        summary="Resume a run",
    )
    async def resume(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        runs: NamedDependency[Runs],
        run_id: RunIdPath,
        data: JSONBody[RunReason],
    ) -> RunView:
        """Go on: after a pause, through a gate, or in spite of a halt. What failed until now counts no more."""
        return await runs.resume(org, actor, run_id, data.reason)

    @post(
        "/{run_id:str}/cancel",
        status_code=200,
        policy=permits("runs:write"),
        operation_id="cancelRun",
        summary="Cancel a run",
    )
    async def cancel(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        runs: NamedDependency[Runs],
        run_id: RunIdPath,
        data: JSONBody[RunReason],
    ) -> RunView:
        """End it. What devices have not begun is called back; what they have begun they finish."""
        return await runs.cancel(org, actor, run_id, data.reason)

    @post(
        "/{run_id:str}/retry",
        status_code=200,
        policy=permits("runs:write"),
        operation_id="retryRun",
        summary="Retry the failed",
    )
    async def retry(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        runs: NamedDependency[Runs],
        run_id: RunIdPath,
        data: JSONBody[RunRetry],
    ) -> RunView:
        """Ask those again that failed or expired, from the first of their waves on, gates and pauses included.

        A run does not go back behind a wave that is under way: there those asked again join it.
        """
        return await runs.retry(org, actor, run_id, data)


def routes() -> list[Any]:
    """What is mounted under /api/v1."""
    return [RunRoutes, RunDecisions]
