"""A backup taken under load, restored into an empty system: nothing acknowledged is lost, and nothing counts twice."""

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from .load import Device, Owner, drained, stored
from .restoring import PASSPHRASE, acknowledged, backup, command, dump, environment, reporting, restore

BROKEN = Path(__file__).with_name("broken.py")
DEVICES = 5
Make = Callable[..., Any]


async def house(platform: Any) -> tuple[Owner, list[Device]]:
    platform.start()
    owner = await asyncio.to_thread(Owner, platform.url, platform.said)
    return owner, await asyncio.to_thread(owner.devices, DEVICES)


def sign_in(url: str) -> int:
    person = {"email": "ada@acme.example", "password": "twelve monkeys ride"}
    return httpx.post(f"{url}/api/v1/session", json=person, trust_env=False).status_code


def counted(data: Path, devices: list[Device]) -> set[Any]:
    """What was acknowledged and, by the last state of a restored platform, has been counted."""
    with closing(sqlite3.connect(data / "tikfleet.sqlite")) as database:
        rows = database.execute("select device_id, boot_id, seq from device_state").fetchall()
    highest = {(device, boot): seq for device, boot, seq in rows}
    return {report for report in acknowledged(devices) if report[2] <= highest.get(report[:2], 0)}


def gone(path: Path, timeout_s: float = 10) -> bool:
    ends_at = time.monotonic() + timeout_s
    while path.exists() and time.monotonic() < ends_at:
        time.sleep(0.05)
    return not path.exists()


def files_of(backup_path: str) -> list[Path]:
    return [path for path in Path(backup_path).rglob("*") if path.is_file()]


async def reports_through_a_backup(platform: Any, to: Path) -> tuple[str, list[Device], set[Any], set[Any], str]:
    """Load, a backup in its midst, and the end of the platform.

    Gives the organisation, the devices, what was acknowledged before the backup, what after, and the backup.
    """
    owner, devices = await house(platform)
    async with reporting(platform, devices):
        await asyncio.sleep(2)
        before = acknowledged(devices)
        made = await asyncio.to_thread(backup, platform.directory, to)
        then = acknowledged(devices)
        await asyncio.sleep(1)
    assert {status for device in devices for status in device.statuses} == {200}
    platform.kill()
    return owner.org_id, devices, before, acknowledged(devices) - then, made["path"]


@pytest.mark.slow
async def test_a_backup_under_load_restores_each_acknowledged_report_once(
    platform_process: Make, tmp_path: Path
) -> None:
    org_id, devices, before, after, made = await reports_through_a_backup(platform_process("data"), tmp_path / "to")
    told = await asyncio.to_thread(restore, made, tmp_path / "again")
    expected = before | counted(tmp_path / "again", devices)
    again = platform_process("again")
    again.start()
    signed_in = await asyncio.to_thread(sign_in, again.url)
    fresh = Device(devices[0].id, devices[0].token, repeats=False)
    fresh.boot = "boot-b"
    async with reporting(again, [fresh]):
        await asyncio.sleep(0.5)
    await asyncio.to_thread(drained, again.url)
    assert again.terminate() == 0
    rows = await asyncio.to_thread(stored, again.directory, org_id)

    assert signed_in in (200, 201)
    assert told["devices"] == DEVICES
    assert len(before) > 100
    assert fresh.acknowledged
    assert (expected | fresh.acknowledged) - rows.keys() == set()
    assert {report for report, count in rows.items() if count != 1} == set()
    assert after & rows.keys() == set(), "what came after the backup is in it: this is not the backup"


@pytest.mark.slow
async def test_the_check_sees_a_backup_of_a_platform_that_did_not_keep_still(
    platform_process: Make, tmp_path: Path
) -> None:
    restless = platform_process("data", program=[str(BROKEN), "still"])
    org_id, devices, before, _, made = await reports_through_a_backup(restless, tmp_path / "to")
    await asyncio.to_thread(restore, made, tmp_path / "again")
    expected = before | counted(tmp_path / "again", devices)
    again = platform_process("again")
    again.start()
    await asyncio.to_thread(drained, again.url)
    assert again.terminate() == 0
    rows = await asyncio.to_thread(stored, again.directory, org_id)

    assert expected - rows.keys() != set()


@pytest.mark.slow
async def test_a_restored_platform_holds_the_same_bytes(platform_process: Make, tmp_path: Path) -> None:
    platform = platform_process("data")
    _, devices = await house(platform)
    async with reporting(platform, devices):
        await asyncio.sleep(1.5)
    await asyncio.to_thread(drained, platform.url)
    blob = platform.directory / "blobs" / "org_x" / "output.txt"
    blob.parent.mkdir()
    blob.write_bytes(b"what a router said")
    running = await asyncio.to_thread(backup, platform.directory, tmp_path / "to")
    assert platform.terminate() == 0
    stopped = await asyncio.to_thread(backup, platform.directory, tmp_path / "to-stopped")
    was = await asyncio.to_thread(dump, platform.directory)

    for number, made in enumerate((running, stopped)):
        await asyncio.to_thread(restore, made["path"], tmp_path / f"again-{number}")
        assert await asyncio.to_thread(dump, tmp_path / f"again-{number}") == was
    assert any(name.startswith("history/site_checkins (") and "(0 rows" not in name for name in was)
    assert "blobs/org_x/output.txt" in was
    assert "keys/root.key" in was


@pytest.mark.slow
async def test_a_backup_that_is_killed_is_there_whole_or_not_at_all(platform_process: Make, tmp_path: Path) -> None:
    platform = platform_process("data")
    _, devices = await house(platform)
    chance = random.Random(20261123)
    to = tmp_path / "to"
    async with reporting(platform, devices):
        for number in range(4):
            await asyncio.to_thread(_killed_backup, platform.directory, to, chance.uniform(0, 0.4))
            names = [path.name for path in to.iterdir() if not path.name.startswith(".")]
            for name in names:
                await asyncio.to_thread(restore, to / name, tmp_path / f"again-{number}-{name}")
    await asyncio.to_thread(drained, platform.url)
    shadow = platform.directory / "warehouse" / "engine" / "shadow" / "backup"
    assert await asyncio.to_thread(gone, shadow)

    made = await asyncio.to_thread(backup, platform.directory, to)
    assert not list(to.glob(".draft-*"))
    assert files_of(made["path"])
    assert platform.terminate() == 0


def _killed_backup(data: Path, to: Path, after_s: float) -> None:
    words = [sys.executable, "-m", "tikfleet", "backup", str(to), "--data", str(data)]
    with subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(to.glob(".draft-*")):
            time.sleep(0.005)
        time.sleep(after_s)
        process.kill()


@pytest.mark.slow
async def test_a_backup_holds_no_secret_that_anybody_could_read(platform_process: Make, tmp_path: Path) -> None:
    platform = platform_process("data")
    owner, devices = await house(platform)
    async with reporting(platform, devices):
        await asyncio.sleep(0.5)
        made = await asyncio.to_thread(backup, platform.directory, tmp_path / "to")
    keys = [path.read_bytes() for path in (platform.directory / "keys").iterdir()]
    planted = [
        *keys,
        *(key.hex().encode() for key in keys),
        *(device.token.encode() for device in devices),
        *(value.encode() for value in owner.http.cookies.values()),
        b"twelve monkeys ride",
        PASSPHRASE.encode(),
    ]
    everything = files_of(made["path"])

    assert len(planted) > 2 * len(keys) + DEVICES + 2
    for path in everything:
        content = path.read_bytes()
        assert not [secret for secret in planted if secret in content], path
        assert path.stat().st_mode & 0o077 == 0, path
    assert any(devices[0].id.encode() in path.read_bytes() for path in everything)
    assert platform.terminate() == 0


@pytest.mark.slow
def test_a_directory_whose_restoration_was_interrupted_is_refused_in_a_sentence(platform_process: Make) -> None:
    platform = platform_process("data")
    (platform.directory / ".restoring").mkdir(parents=True)
    platform.launch()

    assert platform.process.wait(timeout=30) == 1
    assert "did not come to its end" in platform.said()
    assert "Traceback" not in platform.said()


def test_what_cannot_be_a_place_a_platform_or_a_passphrase_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data" / "warehouse").mkdir(parents=True)
    elsewhere = command("backup", "ftp://bucket/prefix", "--data", tmp_path / "data")
    nowhere = command("backup", tmp_path / "to", "--data", tmp_path / "nothing")
    short = command("backup", tmp_path / "to", "--data", tmp_path / "data", passphrase="short")

    assert [done.returncode for done in (elsewhere, nowhere, short)] == [1, 1, 1]
    assert "a directory or to s3://bucket/prefix" in elsewhere.stderr
    assert "there is no platform in" in nowhere.stderr
    assert "at least 12 characters" in short.stderr
    assert not [done for done in (elsewhere, nowhere, short) if "Traceback" in done.stderr]


@pytest.mark.slow
def test_a_platform_whose_database_is_elsewhere_is_refused_also_when_it_is_stopped(
    platform_process: Make, new_postgres_url: Callable[[], str], tmp_path: Path
) -> None:
    platform = platform_process("data", TIKFLEET_DATABASE_URL=new_postgres_url())
    platform.start()
    while_it_runs = command("backup", tmp_path / "to", "--data", platform.directory)
    assert platform.terminate() == 0
    stopped = command("backup", tmp_path / "to", "--data", platform.directory)

    assert [done.returncode for done in (while_it_runs, stopped)] == [1, 1]
    assert "the database is on a PostgreSQL server" in while_it_runs.stderr
    assert "the database is on a PostgreSQL server" in stopped.stderr
