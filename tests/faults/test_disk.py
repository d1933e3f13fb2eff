"""A disk that is full, and directories that cannot be used: clear words, and nothing acknowledged is lost."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from .load import Device, Owner, drained, stored, verdict

MOUNT = 'mount -t tmpfs -o size=160m tmpfs "$0" && echo mounted && exec sleep 600'
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && echo mounted && exec sleep 600'


class PrivateMount:
    """A namespace of mounts, held open by a process of ours: what is mounted there concerns nobody else."""

    def __init__(self, script: str, directory: Path) -> None:
        self._directory = directory
        command = ["unshare", "-m", "--propagation", "private", "sh", "-c", script, str(directory)]
        self._holder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"mounted\n":
            self.end()
            pytest.skip("file systems cannot be mounted here")

    @property
    def wrapper(self) -> list[str]:
        """What runs a command inside."""
        return ["nsenter", "-m", "-t", str(self._holder.pid)]

    @property
    def inside(self) -> Path:
        """The directory as it looks inside, seen from here."""
        return Path(f"/proc/{self._holder.pid}/root{self._directory}")

    def end(self) -> None:
        self._holder.kill()
        self._holder.communicate()


@pytest.fixture
def private_mount() -> Iterator[Callable[[str, Path], PrivateMount]]:
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("a private file system needs root, unshare and nsenter")
    made: list[PrivateMount] = []

    def make(script: str, directory: Path) -> PrivateMount:
        directory.mkdir(exist_ok=True)
        made.append(PrivateMount(script, directory))
        return made[-1]

    yield make
    for mount in made:
        mount.end()


def fill(path: Path) -> None:
    """Write until nothing fits any more."""
    with path.open("wb", buffering=0) as file:
        for block in (1 << 20, 4096):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * block)
    assert os.statvfs(path).f_bavail == 0


async def report_for(platform: Any, devices: list[Device], enough: Callable[[], bool], timeout_s: float = 20) -> None:
    up = asyncio.Event()
    up.set()
    loads = [asyncio.create_task(device.report_while(platform.port, up)) for device in devices]
    ends_at = time.monotonic() + timeout_s
    while not enough():
        assert time.monotonic() < ends_at, [device.statuses for device in devices]
        await asyncio.sleep(0.05)
    for load in loads:
        load.cancel()
    ended = await asyncio.gather(*loads, return_exceptions=True)
    assert [item for item in ended if not isinstance(item, asyncio.CancelledError)] == []


@pytest.mark.slow
async def test_a_full_disk_is_503_and_recovers_without_a_loss(
    platform_process: Callable[..., Any], private_mount: Callable[[str, Path], PrivateMount], tmp_path: Path
) -> None:
    mount = private_mount(MOUNT, tmp_path / "data")
    platform = platform_process("data", wrapper=mount.wrapper)
    platform.start()
    owner = await asyncio.to_thread(Owner, platform.url, platform.said)
    devices = await asyncio.to_thread(owner.devices, 4)

    def told(status: int) -> int:
        return sum(device.statuses[status] for device in devices)

    await report_for(platform, devices, lambda: told(200) >= 40)
    await asyncio.to_thread(fill, mount.inside / "filler")
    await report_for(platform, devices, lambda: told(503) >= 20)
    assert platform.process.poll() is None

    (mount.inside / "filler").unlink()
    before = told(200)
    await report_for(platform, devices, lambda: told(200) >= before + 40)
    assert {status for device in devices for status in device.statuses} == {200, 503}
    await asyncio.to_thread(drained, platform.url)
    assert platform.terminate() == 0

    rows = await asyncio.to_thread(stored, platform.directory, owner.org_id, mount.wrapper)
    assert verdict(devices, rows) == (set(), set())


def ended(platform: Any, timeout_s: float = 30) -> int:
    code: int = platform.process.wait(timeout=timeout_s)
    return code


def test_a_second_process_on_the_same_data_is_refused_in_a_sentence(platform_process: Callable[..., Any]) -> None:
    first, second = platform_process(), platform_process()
    first.start()
    second.launch()

    assert ended(second) == 1
    assert f"is held by process {first.process.pid}" in second.said()
    assert f"Stop process {first.process.pid}" in second.said()
    assert "Traceback" not in second.said()
    assert first.process.poll() is None
    assert first.terminate() == 0


def test_a_data_directory_that_cannot_be_written_is_refused_in_a_sentence(
    platform_process: Callable[..., Any], private_mount: Callable[[str, Path], PrivateMount], tmp_path: Path
) -> None:
    mount = private_mount(READ_ONLY, tmp_path / "data")
    platform = platform_process("data", wrapper=mount.wrapper)
    platform.launch()

    assert ended(platform) == 1
    assert "nothing can be written to" in platform.said()
    assert "Read-only file system" in platform.said()
    assert "Traceback" not in platform.said()


def test_a_damaged_inbox_is_refused_in_a_sentence_and_left_as_it_is(
    platform_process: Callable[..., Any], tmp_path: Path
) -> None:
    damaged = b"no database at all " * 500
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "inbox.sqlite").write_bytes(damaged)
    platform = platform_process("data")
    platform.launch()

    assert ended(platform) == 1
    assert "inbox.sqlite cannot be opened" in platform.said()
    assert "Traceback" not in platform.said()
    assert (tmp_path / "data" / "inbox.sqlite").read_bytes() == damaged
