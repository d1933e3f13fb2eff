"""Light and whole virtual routers side by side, against one server."""

import asyncio
import dataclasses
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from tikfleet.agent.enrolment import Generation, enrolment_line
from tikfleet.app.settings import own_address
from tikfleet.virtual.full.fleet import FullFleet, FullFleetOptions
from tikfleet.virtual.full.router import Surroundings
from tikfleet.virtual.light.fleet import FleetOptions, run_fleet
from tikfleet.virtual.light.tally import FleetSummary
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.scripting.fetcher import Reach, loopback


async def run_fleets(options: FleetOptions, full: int, report: Callable[[FleetSummary], None]) -> FleetSummary:
    """Run until the duration has passed or a signal comes; `full` whole routers beside those of the options.

    The figures are those of the light ones. Raises what `run_fleet` raises, and OSError when the server does not tell
    its authority to the whole ones.
    """
    if not full:
        return await run_fleet(options, report)
    fleet = await _full_fleet(options, full)
    living = asyncio.create_task(fleet.run())

    def counted(summary: FleetSummary) -> FleetSummary:
        return dataclasses.replace(summary, full=full, full_enrolled=fleet.enrolled)

    try:
        return counted(await run_fleet(options, lambda summary: report(counted(summary))))
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


async def _full_fleet(options: FleetOptions, full: int) -> FullFleet:
    keys = [key.strip() for key in options.key.split(",") if key.strip()]
    authority = await _authority(options)

    def line(profile: Profile, site: int) -> str:
        generation: Generation = "v6" if profile.version.major == 6 else "v7"  # noqa: PLR2004 - v6
        return enrolment_line(generation, options.url, keys[site % len(keys)] if keys else "", authority)

    directory = options.state_file.with_suffix(".routers") if options.state_file else None
    around = Surroundings(reach=_reach(options.url))
    return FullFleet(FullFleetOptions(full, options.seed, directory), line, around)


async def _authority(options: FleetOptions) -> str | None:
    """The server's own authority, which a line brings along; `None` for a server with a public certificate."""
    context = ssl.create_default_context(cafile=str(options.ca_file) if options.ca_file else None)
    if options.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        async with httpx.AsyncClient(verify=context, trust_env=False, timeout=20) as client:
            answer = await client.get(f"{options.url}/agent/v1/ca.pem")
    except httpx.HTTPError as cause:
        raise OSError(f"{options.url} does not answer: {cause}") from cause
    return answer.text if answer.status_code == httpx.codes.OK else None


def _reach(url: str) -> Reach:
    """Fetches stay with the server, on this machine or by the name that was given."""
    servers = {urlsplit(url).hostname, own_address()}

    def reach(host: str, port: int) -> bool:
        return host in servers or loopback(host, port)

    return reach
