"""The only wiring: which adapter stands behind each port, and which object gets which. By hand, in plain sight."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Litestar, Router

from tikfleet.agent.names import AGENT_NAMES
from tikfleet.app.bridges import AGENT_VERSION, InventoryLabels, InventoryTargets, RenderedScripts, SettingsPaces
from tikfleet.app.callback_parts import callback_post, callback_services
from tikfleet.app.edge import Edge
from tikfleet.app.fact_tables import retention_of
from tikfleet.app.flow_parts import traffic_services
from tikfleet.app.idempotency import SealedAnswers
from tikfleet.app.identity_parts import Identity, identity_of
from tikfleet.app.infra import Infra, open_infra
from tikfleet.app.job_parts import SettingsLimits, job_desk, job_issuer, job_ledger
from tikfleet.app.late_api import LateApi
from tikfleet.app.letters import dead_letters_of
from tikfleet.app.log_parts import LogParts, log_services
from tikfleet.app.observability.arrivals import Arrivals
from tikfleet.app.observability.collector import PlatformCollector
from tikfleet.app.observability.health import Health, Readiness
from tikfleet.app.observability.state import State
from tikfleet.app.observability.tracing import traced
from tikfleet.app.observability.traffic import Timed
from tikfleet.app.openapi import describe, openapi_route
from tikfleet.app.pages import Pages
from tikfleet.app.platform_routes import PLATFORM_ROUTES
from tikfleet.app.processes.elsewhere import Elsewhere
from tikfleet.app.processes.place import ALONE, Place, Role
from tikfleet.app.query_parts import query_services
from tikfleet.app.run_parts import run_services, run_steerer
from tikfleet.app.server_info import ServerInfo
from tikfleet.app.settings import Settings
from tikfleet.app.source_parts import Attribution, source_services
from tikfleet.app.version import VERSION
from tikfleet.domains.audit import http as audit_http
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.callbacks import http as callbacks_http
from tikfleet.domains.callbacks.public import CallbackPost
from tikfleet.domains.checkin.http import AgentApi
from tikfleet.domains.checkin.public import (
    Admission,
    AdmissionLimits,
    CheckIns,
    Consumer,
    Counts,
    LiveRequests,
    OfflineWatch,
    Places,
    Removals,
    Rules,
    Sessions,
    SessionWatch,
)
from tikfleet.domains.configs import http as configs_http
from tikfleet.domains.configs.public import ConfigComparisons
from tikfleet.domains.enrolment import http as enrolment_http
from tikfleet.domains.enrolment.public import Enrolment, EnrolmentKeys
from tikfleet.domains.flows import http as flows_http
from tikfleet.domains.identity import http as identity_http
from tikfleet.domains.inventory import http as inventory_http
from tikfleet.domains.inventory.public import Devices, DeviceStates, Events, Sites
from tikfleet.domains.jobs import http as jobs_http
from tikfleet.domains.jobs.public import JobDesk, JobIssuer, JobParts, Jobs, JobSweep, Ledger, ScriptChecks, WorkWatch
from tikfleet.domains.library import http as library_http
from tikfleet.domains.library.public import Library
from tikfleet.domains.live.public import LiveHub, LiveWatch, Telling
from tikfleet.domains.logs import http as logs_http
from tikfleet.domains.queries.public import QueryKeeper
from tikfleet.domains.queries.routes import routes as query_routes
from tikfleet.domains.routeros import http as routeros_http
from tikfleet.domains.routeros.public import RouterRest
from tikfleet.domains.runs import http as runs_http
from tikfleet.domains.runs.public import RunSteerer
from tikfleet.domains.sources import http as sources_http
from tikfleet.domains.telemetry import http as telemetry_http
from tikfleet.domains.telemetry.public import Rankings, Telemetry
from tikfleet.httpkit.asgi import App
from tikfleet.httpkit.authentication import Guard
from tikfleet.httpkit.bodies import strict_json
from tikfleet.httpkit.gateway import Gateway, GatewayLimits, credential_of
from tikfleet.httpkit.idempotency import Idempotency
from tikfleet.httpkit.overload import Load, Overload, Shedding
from tikfleet.httpkit.policies import routes_without_policy
from tikfleet.httpkit.problems import HANDLERS
from tikfleet.httpkit.queries import StrictQuery
from tikfleet.httpkit.representation import Representation
from tikfleet.httpkit.wire import dependencies
from tikfleet.kernel.clock import to_text, utc_now

_MAX_API_BODY: Final = 1 << 20


class Platform(msgspec.Struct, frozen=True):
    """The assembled platform: what listeners serve, and what runs beside them."""

    settings: Settings
    infra: Infra
    http: App
    api: LateApi
    consumer: Consumer
    watch: OfflineWatch
    session_watch: SessionWatch
    live: LiveHub
    live_watch: LiveWatch
    removals: Removals
    job_sweep: JobSweep
    run_steerer: RunSteerer
    query_keeper: QueryKeeper
    callback_post: CallbackPost
    answers: SealedAnswers
    identity: Identity
    sites: Sites
    keys: EnrolmentKeys
    server_info: ServerInfo
    counts: Counts
    work_watch: WorkWatch
    place: Place
    attribution: Attribution
    logs: LogParts | None


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The domains' objects that more than one other needs."""

    counts: Counts
    audit: AuditTrail
    sites: Sites
    devices: Devices
    states: DeviceStates
    labels: InventoryLabels
    identity: Identity
    scripts: RenderedScripts
    enrolment: Enrolment
    keys: EnrolmentKeys
    ledger: Ledger
    targets: InventoryTargets
    desk: JobDesk
    paces: SettingsPaces
    sessions: Sessions
    removals: Removals
    live: LiveHub
    attribution: Attribution
    logs: LogParts | None

    def issuer(self, settings: Settings, infra: Infra) -> JobIssuer:
        """What makes jobs. Raises RuntimeError in a process that must not."""
        limits = SettingsLimits(settings, self.identity.services["organisation_settings"])
        return job_issuer(infra, self.ledger, limits)


@asynccontextmanager
async def build(settings: Settings, ca_pem: str = "", place: Place = ALONE) -> AsyncIterator[Platform]:
    """The whole platform on the adapters that the settings name. `ca_pem`: its own authority, where it is one."""
    async with open_infra(settings, place) as infra:
        yield await assemble(settings, infra, ca_pem, place)


async def assemble(settings: Settings, infra: Infra, ca_pem: str, place: Place = ALONE) -> Platform:
    """Every object gets what it needs, once."""
    parts = parts_of(settings, infra, ca_pem)
    await parts.desk.load()
    clock, counts = utc_now, parts.counts
    server_info = ServerInfo(settings, infra.database, infra.warehouse, infra.inbox, counts, shared=place.shares)
    services = _services(settings, infra, parts) | {"server_info": server_info}
    api = LateApi(lambda: build_api(parts.identity.guard, services))
    if place.role is not Role.FUNCTION:
        api.made()
    answers = SealedAnswers(infra.database, infra.vault, clock)
    represented = Representation(api)
    layered = Idempotency(represented, answers, credential_of, _MAX_API_BODY, parts.identity.guard.knows)
    return Platform(
        settings=settings,
        infra=infra,
        http=_front(settings, infra, parts, layered, ca_pem),
        api=api,
        consumer=Consumer(infra.inbox, infra.warehouse, parts.states, infra.bus, parts.paces, counts, clock),
        watch=OfflineWatch(parts.states, infra.inbox, infra.bus, clock),
        session_watch=session_watch_of(parts, infra),
        live=parts.live,
        live_watch=LiveWatch(parts.live, infra.bus),
        removals=parts.removals,
        job_sweep=JobSweep(parts.ledger),
        query_keeper=services["query_keeper"],
        callback_post=callback_post(settings, infra),
        run_steerer=run_steerer(infra, parts.audit, parts.issuer(settings, infra), parts.scripts),
        answers=answers,
        identity=parts.identity,
        sites=parts.sites,
        keys=parts.keys,
        server_info=server_info,
        counts=counts,
        work_watch=WorkWatch(parts.desk, parts.ledger, infra.bus),
        place=place,
        attribution=parts.attribution,
        logs=parts.logs,
    )


def session_watch_of(parts: "Parts", infra: Infra) -> SessionWatch:
    """What keeps device sessions at what people decide."""
    return SessionWatch(parts.sessions, infra.bus, parts.identity.services["organisation_settings"].forget)


def parts_of(settings: Settings, infra: Infra, ca_pem: str) -> "Parts":
    """The domains' objects, each given what stands below it."""
    clock = utc_now
    audit = AuditTrail(infra.database, clock)
    sites = Sites(infra.database, audit, clock)
    devices = Devices(infra.database, audit, infra.bus, clock)
    states = DeviceStates(infra.database, clock)
    labels = InventoryLabels(devices, sites)
    identity = identity_of(settings, infra, audit, labels)
    scripts = RenderedScripts(settings.agent_url, "" if settings.has_public_certificate else ca_pem)
    enrolment = Enrolment(infra.database, audit, devices, scripts, _now_text)
    ledger = job_ledger(infra)
    targets = InventoryTargets(devices)
    desk = job_desk(infra, ledger, targets, scripts, audit)
    paces = SettingsPaces(identity.services["organisation_settings"], lambda: 1)
    sessions = Sessions(enrolment, states, paces)
    attribution = Attribution.of(settings, infra, states)
    return Parts(
        counts=Counts(),
        audit=audit,
        sites=sites,
        devices=devices,
        states=states,
        labels=labels,
        identity=identity,
        scripts=scripts,
        enrolment=enrolment,
        keys=EnrolmentKeys(infra.database, audit, sites, scripts, _now_text),
        ledger=ledger,
        targets=targets,
        desk=desk,
        paces=paces,
        sessions=sessions,
        removals=Removals(devices, enrolment, desk, sessions),
        live=LiveHub(tell=Telling(infra.bus) if infra.feed else None),
        attribution=attribution,
        logs=LogParts.of(settings, infra, states, attribution),
    )


def _services(settings: Settings, infra: Infra, parts: "Parts") -> dict[str, Any]:
    """What routes may name as dependencies."""
    retention, clock = retention_of(settings), utc_now
    telemetry = Telemetry(infra.warehouse, retention, clock)
    checks = ScriptChecks(parts.targets, AGENT_NAMES)
    jobs = Jobs(parts.issuer(settings, infra), infra.blobs, parts.targets, parts.scripts, parts.audit, clock, checks)
    return {
        **parts.identity.services,
        **run_services(infra, parts.audit, parts.scripts, parts.identity.services),
        "audit_trail": parts.audit,
        **callback_services(settings, infra, parts.audit),
        "sites": parts.sites,
        "devices": parts.devices,
        "events": Events(infra.database),
        "keys": parts.keys,
        "enrolment": parts.enrolment,
        "jobs": jobs,
        "library": Library(infra.database, parts.audit, clock),
        "router_rest": RouterRest(parts.live, jobs, parts.targets, parts.scripts),
        **query_services(infra, parts.audit, parts.targets, parts.live, parts.scripts),
        **source_services(settings, infra, parts.audit, parts.devices, parts.states),
        **traffic_services(settings, infra, parts.labels, parts.devices, parts.audit),
        **log_services(settings, infra, parts.audit, parts.identity.services["organisation_settings"]),
        "script_checks": checks,
        "config_comparisons": ConfigComparisons(),
        "dead_letters": dead_letters_of(settings, infra, parts.audit),
        "telemetry": telemetry,
        "rankings": Rankings(infra.warehouse, telemetry, parts.labels, retention, clock),
        "clock": clock,
        "bus": infra.bus,
    }


def _front(settings: Settings, infra: Infra, parts: "Parts", api: App, ca_pem: str) -> App:
    """What listeners serve: routers, programs, people and balancers, each by its own way."""
    agent = agent_api(settings, infra, parts)
    measures, tracer = infra.watch.measures, infra.watch.tracer
    collector = PlatformCollector(
        parts.counts,
        measures,
        infra.inbox,
        parts.sessions,
        parts.desk.vetting.refused,
        _arrivals(settings, infra, parts),
    )
    limits = GatewayLimits(settings.requests_per_minute, settings.proxies)
    gateway = traced(Gateway(Shedding(api, overload_of(settings, infra)), infra.cache, limits), tracer, "api")
    pages = Gateway(Pages(dashboard_directory()), infra.cache, limits)
    readiness = Readiness(settings, infra.database, infra.warehouse, infra.inbox)
    state = State(settings, infra.database, parts.states.by_status, parts.ledger.unended)
    health = Elsewhere(Health(readiness, state, collector, settings.metrics_readers), settings)
    routers = traced(agent, tracer, "agent", settings.trace_checkins_one_in)
    ingest = parts.logs.ingest if parts.logs else None
    return Timed(Edge(routers, gateway, health, pages, ca_pem, settings.proxies, ingest), measures)


def _arrivals(settings: Settings, infra: Infra, parts: "Parts") -> Arrivals:
    consumer = parts.logs.consumer if parts.logs else None
    counted = parts.attribution
    most = settings.log_buffer_mb << 20, settings.flow_buffer_mb << 20
    return Arrivals(counted.tally, counted.flows, consumer, infra.lines, *most)


def agent_api(settings: Settings, infra: Infra, parts: "Parts", places: Places | None = None) -> AgentApi:
    """What routers ask. Each of several edges takes its share of the check-ins; `places` they have in common."""
    limits = AdmissionLimits(
        max(1, settings.checkins_per_second // max(1, settings.edges)), settings.checkins_per_device_minute
    )
    copies, overload = parts.sessions if infra.feed else None, overload_of(settings, infra)
    checkins = CheckIns(
        infra.inbox,
        parts.desk,
        Admission(limits, time.monotonic, places),
        parts.counts,
        utc_now,
        copies,
        Rules(AGENT_VERSION, lambda: overload.sheds(Load.TELEMETRY)),
    )
    checkins.live = LiveRequests(parts.live, parts.desk)
    outputs = JobParts(parts.desk, parts.ledger, infra.blobs, infra.vault)
    return AgentApi(parts.sessions, checkins, parts.enrolment, outputs, parts.removals, parts.scripts, parts.counts)


def overload_of(settings: Settings, infra: Infra) -> Overload:
    """How near this process is to its end."""
    return Overload(
        lambda: infra.watch.measures.mean_lateness_s, lambda: infra.inbox.depth() / settings.inbox_high_water
    )


def build_api(guard: Guard, services: dict[str, Any]) -> Litestar:
    """The API as an application. Raises RuntimeError when a route declares no policy."""
    handlers = api_routes()
    description = openapi_route("/openapi.json", lambda: describe(handlers, services, VERSION))
    api = Litestar(
        [Router("/api/v1", route_handlers=[*handlers, description])],
        guards=[guard, StrictQuery(), strict_json],
        dependencies=dependencies(services),
        exception_handlers=HANDLERS,
        openapi_config=None,
        # Ours are set up once, for the whole process.
        logging_config=None,
        request_max_body_size=_MAX_API_BODY,
    )
    if open_routes := routes_without_policy(api):
        raise RuntimeError(f"routes without a policy: {', '.join(open_routes)}")
    return api


def service_names() -> tuple[str, ...]:
    """What routes may name as dependencies, for whoever describes the API without running it."""
    return (
        "organisations", "people", "tokens", "organisation_settings", "sessions", "setup", "invitations", "server_info",
        "session_cookie", "audit_trail", "sites", "devices", "events", "keys", "enrolment", "jobs", "subscriptions",
        "router_rest", "router_schemas", "fleet_queries", "saved_queries", "query_keeper", "script_checks",
        "config_comparisons", "runs", "run_look", "library", "callbacks", "sources", "log_buffer", "log_searches",
        "saved_searches", "telemetry", "traffic", "interface_names", "rankings", "clock", "bus", "dead_letters",
    )  # fmt: skip


def api_routes() -> list[Any]:
    """Every route of the API."""
    return [
        *identity_http.routes(),
        *audit_http.routes(),
        *inventory_http.routes(),
        *enrolment_http.routes(),
        *jobs_http.routes(),
        *configs_http.routes(),
        *runs_http.routes(),
        *library_http.routes(),
        *callbacks_http.routes(),
        *routeros_http.routes(),
        *query_routes(),
        *sources_http.routes(),
        *logs_http.routes(),
        *telemetry_http.routes(),
        *flows_http.routes(),
        *PLATFORM_ROUTES,
    ]


def dashboard_directory() -> Path:
    """Where the built dashboard is, if it is."""
    return Path(str(files("tikfleet.app"))) / "dashboard"


def _now_text() -> str:
    return to_text(utc_now())
