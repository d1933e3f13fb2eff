"""A process that answers routers and nobody else; what it is asked besides, it passes on."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.app.compose import agent_api, parts_of, session_watch_of
from tikfleet.app.edge import Edge
from tikfleet.app.infra import Infra, open_infra
from tikfleet.app.observability.collector import PlatformCollector
from tikfleet.app.observability.health import Health, Readiness
from tikfleet.app.observability.state import State
from tikfleet.app.observability.tracing import traced
from tikfleet.app.observability.traffic import Timed
from tikfleet.app.processes.elsewhere import LiveElsewhere, ToApi
from tikfleet.app.processes.passing import Passing
from tikfleet.app.processes.place import Place, socket_of
from tikfleet.app.settings import Settings
from tikfleet.domains.checkin.public import SessionWatch, SharedPlaces
from tikfleet.domains.jobs.public import WorkWatch
from tikfleet.domains.live.public import LiveHub, LiveWatch
from tikfleet.httpkit.asgi import App

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


class EdgeProcess(msgspec.Struct, frozen=True):
    """What an edge serves, and what runs beside it."""

    settings: Settings
    infra: Infra
    http: App
    place: Place
    session_watch: SessionWatch
    work_watch: WorkWatch
    live: LiveHub
    live_watch: LiveWatch


@asynccontextmanager
async def build_edge(settings: Settings, ca_pem: str, place: Place) -> AsyncIterator[EdgeProcess]:
    """The path of check-ins on the adapters that the settings name."""
    async with open_infra(settings, place) as infra:
        places = SharedPlaces(_places_file(settings, place))
        try:
            yield await _assemble(settings, infra, ca_pem, place, places)
        finally:
            places.close()


async def _assemble(settings: Settings, infra: Infra, ca_pem: str, place: Place, places: SharedPlaces) -> EdgeProcess:
    parts = parts_of(settings, infra, ca_pem)
    await parts.desk.load()
    measures = infra.watch.measures
    routers = traced(
        agent_api(settings, infra, parts, places), infra.watch.tracer, "agent", settings.trace_checkins_one_in
    )
    readiness = Readiness(settings, infra.database, None, infra.inbox)
    state = State(settings, infra.database, _nothing, _nothing)
    collector = PlatformCollector(parts.counts, measures, infra.inbox, parts.sessions, parts.desk.vetting.refused)
    api = Passing(socket_of(settings, "api"))
    health = ToApi(Health(readiness, state, collector, settings.metrics_readers), api)
    return EdgeProcess(
        settings=settings,
        infra=infra,
        http=Timed(Edge(LiveElsewhere(routers, api), api, health, api, ca_pem, settings.proxies), measures),
        place=place,
        session_watch=session_watch_of(parts, infra),
        work_watch=WorkWatch(parts.desk, parts.ledger, infra.bus),
        live=parts.live,
        live_watch=LiveWatch(parts.live, infra.bus),
    )


async def _nothing() -> Mapping[str, int]:
    """Devices and jobs are counted once, by the process that works."""
    return {}


def _places_file(settings: Settings, place: Place) -> Path:
    """Booked places are moments of a clock that begins anew when the machine does: so does their file."""
    boot = uuid.UUID(int=0)
    with suppress(OSError, ValueError):
        boot = uuid.UUID(_BOOT.read_text().strip())
    control = socket_of(settings, place.name).parent
    current = control / f"places-{boot.hex[:12]}"
    for file in control.glob("places-*"):
        if file != current:
            file.unlink(missing_ok=True)
    return current
