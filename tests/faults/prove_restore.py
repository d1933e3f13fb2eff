"""A program: the restore drill in its long form, with its figures.

Usage: prove_restore.py [--rounds 5] [--rows 2000000] [--devices 12]. Each round backs up a platform under load,
restores it into an empty directory and counts. Then the two are compared table by table, and files of a backup are
broken, one at a time.
"""

import argparse
import asyncio
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import msgspec  # noqa: E402
from conftest import PlatformProcess  # noqa: E402
from faults.load import Device, Owner, drained, stored  # noqa: E402
from faults.restoring import PASSPHRASE, acknowledged, backup, dump, reporting, restore  # noqa: E402
from faults.test_backup import counted  # noqa: E402

from tikfleet.app.backups import seal  # noqa: E402
from tikfleet.app.backups.copying import Silent  # noqa: E402
from tikfleet.app.backups.manifest import MANIFEST, SEAL  # noqa: E402
from tikfleet.app.backups.restoring import Restoring  # noqa: E402
from tikfleet.app.backups.shelf import StoredDirectory  # noqa: E402
from tikfleet.kernel.errors import TikfleetError  # noqa: E402

FLEET = 1_000
FILLING = """
import asyncio, os, sys, time
from pathlib import Path
import chdb
from bench.fifty_million import prepared
from tikfleet.app.measuring.rows import insert
directory, rows, fleet = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
asyncio.run(prepared(directory))
connection = chdb.connect(str(directory / "engine"))
minutes = rows // fleet
start_ms = int(time.time() * 1000) - minutes * 60_000
for first in range(0, minutes, 240):
    connection.query(insert(fleet, first, min(240, minutes - first), start_ms))
connection.close()
os._exit(0)
"""


async def one_round(number: int, platform: Any, devices: list[Device], org_id: str, place: Path) -> dict[str, Any]:
    """A backup in the midst of the load, and what comes of it."""
    await asyncio.sleep(random.Random(number).uniform(0.5, 3))
    before = acknowledged(devices)
    made = await asyncio.to_thread(backup, platform.directory, place / "backups", "--keep", "2")
    data = place / f"again-{number}"
    began = time.monotonic()
    told = await asyncio.to_thread(restore, made["path"], data)
    restored_s = time.monotonic() - began
    expected = before | counted(data, devices)
    again = PlatformProcess(data)
    began = time.monotonic()
    await asyncio.to_thread(again.start)
    ready_s = time.monotonic() - began
    await asyncio.to_thread(drained, again.url)
    again.terminate()
    rows = await asyncio.to_thread(stored, data, org_id)
    await asyncio.to_thread(shutil.rmtree, data)
    return {
        "size_mib": made["size_mib"],
        "files": made["files"],
        "held_ms": made["held_ms"],
        "backup_s": made["took_s"],
        "restore_s": round(restored_s, 2),
        "ready_s": round(ready_s, 2),
        "facts": told["facts"],
        "acknowledged_before": len(expected),
        "lost": len(expected - rows.keys()),
        "doubled": sum(count != 1 for count in rows.values()),
    }


def broken_one_by_one(made: Path, place: Path, tries: int) -> tuple[int, int]:
    """Flip a bit of files of a backup, one at a time; gives how many were tried and how many were refused.

    Those that are not telemetry are all tried, the others up to `tries` of them, chosen by a seed.
    """
    cheap = msgspec.structs.replace(seal.new_seal(), passes=1, memory_kib=8, lanes=1)
    keys = seal.Sealer(PASSPHRASE, seal.read_seal((made / SEAL).read_bytes())).open((made / "keys.sealed").read_bytes())
    sealer = seal.Sealer(PASSPHRASE, cheap)
    # Sealed again, so that each try does not take the time that guessing is meant to take.
    manifest = msgspec.json.decode((made / MANIFEST).read_bytes())
    (made / "keys.sealed").write_bytes(sealer.close(keys))
    for entry in manifest["files"]:
        if entry["path"] == "keys.sealed":
            content = (made / "keys.sealed").read_bytes()
            entry |= {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    whole = msgspec.json.encode(manifest)
    (made / MANIFEST).write_bytes(whole)
    (made / SEAL).write_bytes(msgspec.json.encode(sealer.sign(whole)))
    files = [path for path in sorted(made.rglob("*")) if path.is_file() and path.stat().st_size]
    parts = [path for path in files if "warehouse" in path.relative_to(made).parts]
    files = [path for path in files if path not in set(parts)]
    files += random.Random(20261123).sample(parts, min(tries, len(parts)))
    refused = 0
    for path in files:
        content = path.read_bytes()
        at = len(content) // 2
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            Restoring(StoredDirectory(made), PASSPHRASE, Silent()).restore(place / "broken")
            shutil.rmtree(place / "broken")
        except TikfleetError:
            refused += 1
        path.write_bytes(content)
    return len(files), refused


async def drill(rounds: int, rows: int, count: int, place: Path) -> bool:
    """Everything; prints as it goes."""
    platform = PlatformProcess(place / "data")
    if rows:
        command = [sys.executable, "-c", FILLING, str(place / "data" / "warehouse"), str(rows), str(FLEET)]
        await asyncio.to_thread(subprocess.run, command, check=True, cwd=ROOT)
    await asyncio.to_thread(platform.start)
    good = True
    try:
        owner = await asyncio.to_thread(Owner, platform.url, platform.said)
        devices = await asyncio.to_thread(owner.devices, count)
        async with reporting(platform, devices):
            for number in range(rounds):
                figures = await one_round(number, platform, devices, owner.org_id, place)
                good &= not figures["lost"] and not figures["doubled"]
                print(f"round {number + 1}:", figures, flush=True)
        await asyncio.to_thread(drained, platform.url)
        made = await asyncio.to_thread(backup, platform.directory, place / "last")
        platform.terminate()
    finally:
        platform.end()
    await asyncio.to_thread(restore, made["path"], place / "equal")
    was, now = [await asyncio.to_thread(dump, directory) for directory in (place / "data", place / "equal")]
    equal = sum(was[name] == now.get(name) for name in was)
    print(f"compared: {equal} of {len(was)} tables, objects and keys are equal byte by byte", flush=True)
    files, refused = await asyncio.to_thread(broken_one_by_one, Path(made["path"]), place, 100)
    print(f"broken: {refused} of {files} backups with one flipped bit were refused", flush=True)
    return good and equal == len(was) == len(now) and refused == files


def main() -> int:
    """The exit code says whether all of it held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--devices", type=int, default=12)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tikfleet-restore-") as place:
        return 0 if asyncio.run(drill(asked.rounds, asked.rows, asked.devices, Path(place))) else 1


if __name__ == "__main__":
    sys.exit(main())
