"""What a fleet keeps between runs: each router's token and counters, so that it neither enrols nor reboots again."""

import contextlib
import os
import tempfile
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.virtual.light.router import Router

_SEQ_MARGIN: Final = 1_000  # a run that was killed has sent reports that the file does not know


class Entry(msgspec.Struct, omit_defaults=True):
    """One router, by the index in its fleet."""

    index: int
    token: str
    device: str = ""
    previous: str = ""
    identity: str = ""
    boot: str = ""
    boot_at: float = 0.0
    seq: int = 1
    at: float = 0.0
    counters: list[int] = []
    job: str = ""
    job_state: str = ""
    agent: str = ""


class Register(msgspec.Struct):
    """The file: a fleet is the same fleet only with the same seed at the same server."""

    seed: int
    url: str
    routers: list[Entry] = []


class RegisterUnusable(Exception):
    """The state file cannot be used. Its text says why and what to do."""


def load(path: Path, seed: int, url: str, routers: list[Router]) -> int:
    """Give the routers what the file holds; the number of those that have a token. A missing file is an empty one."""
    try:
        register = msgspec.json.decode(path.read_bytes(), type=Register)
    except FileNotFoundError:
        return 0
    except (OSError, msgspec.MsgspecError) as cause:
        raise RegisterUnusable(f"{path} cannot be read as a fleet's state; move it away to begin anew") from cause
    if (register.seed, register.url) != (seed, url):
        raise RegisterUnusable(
            f"{path} belongs to seed {register.seed} at {register.url}; name another file for this fleet"
        )
    known = [entry for entry in register.routers if entry.index < len(routers)]
    for entry in known:
        _restore(routers[entry.index], entry)
    return len(known)


def save(path: Path, seed: int, url: str, routers: Iterable[Router]) -> None:
    """Write the file whole or not at all, readable by its owner only."""
    register = Register(seed, url, [_entry(router) for router in routers if router.token and not router.removed])
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(register))
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _entry(router: Router) -> Entry:
    machine = router.machine
    return Entry(
        index=machine.blueprint.index,
        token=router.token,
        device=router.device_id,
        previous=router.previous,
        identity="" if machine.identity == machine.blueprint.identity else machine.identity,
        boot=machine.boot_id,
        boot_at=machine.boot_at,
        seq=router.memory.seq,
        at=machine.at,
        counters=machine.counters.tolist(),
        job=router.job.id,
        job_state=router.job.state,
        agent=router.agent,
    )


def _restore(router: Router, entry: Entry) -> None:
    machine = router.machine
    router.token, router.previous, router.device_id = entry.token, entry.previous, entry.device
    router.agent = entry.agent or router.agent
    router.job.id, router.job.state = entry.job, entry.job_state
    if entry.identity:
        machine.rename(entry.identity)
    if entry.boot and len(entry.counters) == len(machine.counters):
        machine.boot_id, machine.boot_at, machine.at = entry.boot, entry.boot_at, entry.at
        machine.counters = array("Q", entry.counters)
        router.memory.seq = entry.seq + _SEQ_MARGIN
