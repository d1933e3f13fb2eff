"""Backups as a person makes them: by the command line, of a platform that is under load."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from .load import Device

PASSPHRASE = "ten green bottles, standing"
DUMPING = Path(__file__).with_name("dumping.py")


def environment(passphrase: str = PASSPHRASE) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIKFLEET_")}
    return kept | {"TIKFLEET_BACKUP_PASSPHRASE": passphrase}


def command(*arguments: str | Path, passphrase: str = PASSPHRASE) -> subprocess.CompletedProcess[str]:
    """Run `tikfleet …` to its end."""
    words = [sys.executable, "-m", "tikfleet", *map(str, arguments)]
    return subprocess.run(
        words,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(passphrase),
        stdin=subprocess.DEVNULL,
    )


def backup(data: Path, to: Path, *options: str) -> dict[str, Any]:
    """Make a backup; gives what the command says of it."""
    done = command("backup", to, "--data", data, "--json", *options)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def restore(made: str | Path, data: Path) -> dict[str, Any]:
    """Restore a backup; gives what the command says of it."""
    done = command("restore", made, "--data", data, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def dump(data: Path) -> dict[str, str]:
    """A checksum of every table, object and key of a platform that does not run."""
    done = subprocess.run(
        [sys.executable, str(DUMPING), str(data)], check=True, capture_output=True, text=True, timeout=120
    )
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@asynccontextmanager
async def reporting(platform: Any, devices: list[Device]) -> AsyncIterator[None]:
    """The devices report without a pause until the block ends."""
    up = asyncio.Event()
    up.set()
    loads = [asyncio.create_task(device.report_while(platform.port, up)) for device in devices]
    try:
        yield
    finally:
        for load in loads:
            load.cancel()
        ended = await asyncio.gather(*loads, return_exceptions=True)
    assert [item for item in ended if not isinstance(item, asyncio.CancelledError)] == []


def acknowledged(devices: list[Device]) -> set[tuple[str, str, int]]:
    """What the devices were told is stored, up to now."""
    return set().union(*(device.acknowledged for device in devices))


def secrets_in(said: str) -> set[str]:
    """Everything in a text that looks like one of our secrets."""
    return set(re.findall(r"tf[a-z]_[0-9A-Za-z]{49}", said))
