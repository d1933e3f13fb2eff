"""`tikfleet router`: one virtual router on this machine, until a signal comes."""

import asyncio
import contextlib
import secrets
import signal
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tikfleet.agent.enrolment import enrolment_line
from tikfleet.cli.router import RouterArguments
from tikfleet.cli.terminal import Terminal
from tikfleet.routeros.export.model import Configuration
from tikfleet.routeros.export.reader import read
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.full.fleet import is_enrolled
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.loading import Problem, load, profile_of
from tikfleet.virtual.menus.profile import Profile, numbered
from tikfleet.virtual.menus.rights import FORBIDDEN
from tikfleet.virtual.scripting.fetcher import Reach, loopback

_MODES: Final = ("advanced", *sorted(set(FORBIDDEN) - {"advanced"}))
_OLDEST: Final = RouterOSVersion(6, 45)
_MOST_TOLD: Final = 10
_SHOWN: Final = (
    ("api", "API", "{host}:{port}"),
    ("api-ssl", "API, TLS", "{host}:{port}"),
    ("www", "REST", "http://{host}:{port}/rest"),
    ("www-ssl", "REST, TLS", "https://{host}:{port}/rest"),
    ("ssh", "SSH", "ssh -p {port} admin@{host}"),
)


class RouterUnusable(ValueError):
    """An option, an export or a state file that makes no router."""


def run_router(terminal: Terminal, arguments: RouterArguments) -> int:
    """Run until SIGINT or SIGTERM. 0 at the end, 2 for what makes no router."""
    try:
        asyncio.run(_run(terminal, arguments))
    except (RouterUnusable, OSError) as failure:
        terminal.warn(str(failure))
        return 2
    return 0


async def _run(terminal: Terminal, arguments: RouterArguments) -> None:
    router, problems = made(arguments)
    for problem in problems[:_MOST_TOLD]:
        terminal.warn(f"{arguments.export}:{problem.line}: {problem.menu}: {problem.text}")
    if len(problems) > _MOST_TOLD:
        terminal.warn(f"… and {len(problems) - _MOST_TOLD} more lines that this router does not take.")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await router.start()
    enrolling = asyncio.create_task(_enrol(terminal, router, arguments)) if arguments.url else None
    try:
        _greet(terminal, router, arguments)
        await stop.wait()
    finally:
        if enrolling is not None:
            enrolling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await enrolling
        if arguments.state is not None:
            _keep(router, arguments.state)
        await router.stop()


def made(arguments: RouterArguments) -> tuple[VirtualRouter, list[Problem]]:
    """The router that the options describe, off, and the lines of the export that it does not take.

    Raises `RouterUnusable`, and OSError for a file that cannot be read.
    """
    kept = arguments.state is not None and arguments.state.exists()
    configuration = read(arguments.export.read_bytes()) if arguments.export is not None else Configuration()
    profile = replace(_profile(arguments, configuration), device_mode=_mode(arguments.device_mode))
    surroundings = Surroundings(doors=_doors(arguments), reach=_reach(arguments.url))
    router = VirtualRouter(profile, surroundings)
    if kept and arguments.state is not None:
        _restore(router, arguments.state)
        return router, []
    problems = load(router.menus.store, configuration)
    if arguments.password:
        admin = router.menus.store.table("/user").named("admin")
        if admin is not None:
            admin["_password"] = arguments.password
    return router, problems


def _profile(arguments: RouterArguments, configuration: Configuration) -> Profile:
    profile = profile_of(configuration)
    if arguments.version:
        try:
            profile = replace(profile, version=RouterOSVersion.parse(arguments.version))
        except ValueError as cause:
            raise RouterUnusable(f"{arguments.version!r} is no RouterOS version such as 7.16.2") from cause
    if profile.version < _OLDEST:
        raise RouterUnusable(f"RouterOS {profile.version} is older than 6.45, the oldest that is known here")
    return numbered(profile, _seed(arguments))


def _seed(arguments: RouterArguments) -> str:
    """What tells this router from others: given, or where it is kept; without both it is a new one in each run."""
    kept_at = "" if arguments.state is None else str(arguments.state.absolute())
    return arguments.seed or kept_at or secrets.token_hex()


def _mode(name: str) -> str:
    if name not in _MODES:
        raise RouterUnusable(f"{name!r} is no device mode: {', '.join(_MODES)}")
    return name


def _doors(arguments: RouterArguments) -> Doors:
    def port(number: int) -> int | None:
        return None if number < 0 else number

    return Doors(
        arguments.host, port(arguments.api_port), port(arguments.api_ssl_port), port(arguments.www_port),
        port(arguments.www_ssl_port), port(arguments.ssh_port),
    )  # fmt: skip


def _reach(url: str) -> Reach:
    """Fetches of a virtual router stay on this machine, but for the server that it is to enrol at."""
    server = urlsplit(url).hostname

    def reach(host: str, port: int) -> bool:
        return host == server or loopback(host, port)

    return reach


async def _enrol(terminal: Terminal, router: VirtualRouter, arguments: RouterArguments) -> None:
    if is_enrolled(router):
        return
    ca = arguments.ca.read_text() if arguments.ca is not None else None
    generation = router.profile.version.major
    line = enrolment_line("v6" if generation == 6 else "v7", arguments.url, arguments.key, ca)  # noqa: PLR2004 - v6
    outcome = await router.run(line)
    terminal.say(outcome.shown.strip())


def _greet(terminal: Terminal, router: VirtualRouter, arguments: RouterArguments) -> None:
    profile, ports = router.profile, router.services.ports
    terminal.say(f"{router.identity()}: RouterOS {profile.version} on {profile.board}, a virtual router", "bold")
    for service, name, form in _SHOWN:
        if service in ports:
            terminal.say(f"  {name:<10} {form.format(host=arguments.host, port=ports[service])}")
        elif service in router.services.wanted:
            terminal.say(f"  {name:<10} off: /ip/service/enable {service} opens it")
    told = "as given" if arguments.password else "none" if not arguments.state else "as kept"
    terminal.say(f"  user admin, password {told}. Ctrl-C ends it.")


def _keep(router: VirtualRouter, file: Path) -> None:
    written = file.with_name(file.name + ".new")
    written.touch(mode=0o600)
    written.write_bytes(zlib.compress(router.menus.snapshot()))
    written.replace(file)


def _restore(router: VirtualRouter, file: Path) -> None:
    try:
        router.menus.restore(zlib.decompress(file.read_bytes()))
    except (ValueError, KeyError, zlib.error) as cause:
        raise RouterUnusable(f"{file} holds no state of a virtual router") from cause
