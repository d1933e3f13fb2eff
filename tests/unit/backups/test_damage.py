"""A backup that is not exactly as it was written is refused, and nothing is left of the attempt."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests.unit.backups.data_directory import LINE, PASSPHRASE, a_platform, quick
from tikfleet.adapters.sqlite import inbox as sqlite_inbox
from tikfleet.app.backups import seal, work
from tikfleet.app.backups.copying import Silent
from tikfleet.app.backups.errors import (
    BackupDamaged,
    BackupNewer,
    BackupNoSpace,
    BackupUnsupported,
    DirectoryInUse,
    PassphraseWrong,
)
from tikfleet.app.backups.manifest import BUFFERS, MANIFEST, SEAL, Manifest, read_manifest
from tikfleet.app.backups.restoring import Restoring
from tikfleet.app.backups.shelf import DirectoryShelf, StoredDirectory
from tikfleet.app.backups.taking import Taking
from tikfleet.app.settings import Settings


@pytest.fixture(scope="module")
def quick_seal() -> seal.Seal:
    return quick()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, quick_seal: seal.Seal) -> Path:
    """One backup; tests copy it before they break it."""
    place = tmp_path_factory.mktemp("backup")
    asyncio.run(a_platform(place / "data"))
    taking = Taking(place / "data", DirectoryShelf(place / "to"), PASSPHRASE, lambda: datetime.now(UTC), Silent())
    taken = taking.take(seal=quick_seal)
    return place / "to" / taken.name


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))


def refused(backup: Path, data: Path, error: type[Exception], passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(error) as raised:
        Restoring(StoredDirectory(backup), passphrase, Silent()).restore(data)
    assert not data.exists() or not list(data.iterdir())
    return str(raised.value)


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def resealed(backup: Path, change: Callable[[Manifest], Manifest]) -> None:
    """Make it a backup whose manifest says something else, by somebody who knows the passphrase."""
    manifest = change(read_manifest((backup / MANIFEST).read_bytes()))
    content = msgspec.json.encode(manifest)
    (backup / MANIFEST).write_bytes(content)
    sealer = seal.Sealer(PASSPHRASE, seal.read_seal((backup / SEAL).read_bytes()))
    (backup / SEAL).write_bytes(msgspec.json.encode(sealer.sign(content)))


def test_an_untouched_copy_is_restored_with_every_file_and_nothing_else(copy: Path, tmp_path: Path) -> None:
    Restoring(StoredDirectory(copy), PASSPHRASE, Silent()).restore(tmp_path / "data")
    there = {path.relative_to(tmp_path / "data").as_posix() for path in (tmp_path / "data").rglob("*")}

    assert {"tikfleet.sqlite", "inbox.sqlite", "keys/root.key", "blobs/org_x/one", "blobs/org_x/two"} <= there
    assert (tmp_path / "data" / "keys" / "root.key").read_bytes() == b"keys/root.key" * 7
    assert (tmp_path / "data" / "keys" / "root.key").stat().st_mode & 0o077 == 0
    assert not [name for name in there if name.startswith((".restoring", "keys.sealed", "manifest"))]


@pytest.mark.parametrize("name", BUFFERS)
async def test_what_waits_is_there_again(copy: Path, tmp_path: Path, name: str) -> None:
    await asyncio.to_thread(Restoring(StoredDirectory(copy), PASSPHRASE, Silent()).restore, tmp_path / "data")
    waiting = sqlite_inbox.SqliteInbox(tmp_path / "data" / name)
    batch = await waiting.read(0, 10)
    await waiting.close()

    assert batch is not None
    assert list(batch.envelopes) == [LINE]


async def test_a_platform_that_never_took_lines_or_flows_is_backed_up_without(
    tmp_path: Path, quick_seal: seal.Seal
) -> None:
    await a_platform(tmp_path / "data")
    for name in BUFFERS:
        (tmp_path / "data" / name).unlink()
    taking = Taking(tmp_path / "data", DirectoryShelf(tmp_path / "to"), PASSPHRASE, lambda: datetime.now(UTC), Silent())
    taken = await asyncio.to_thread(taking.take, seal=quick_seal)
    await asyncio.to_thread(
        Restoring(StoredDirectory(tmp_path / "to" / taken.name), PASSPHRASE, Silent()).restore, tmp_path / "again"
    )

    assert not any((tmp_path / "again" / name).exists() for name in BUFFERS)


def test_one_flipped_bit_in_any_file_is_refused(copy: Path, tmp_path: Path) -> None:
    chance = random.Random(20261123)
    files = sorted(path for path in copy.rglob("*") if path.is_file() and path.stat().st_size)
    assert len(files) > 20
    for path in files:
        at = chance.randrange(path.stat().st_size)
        flip(path, at)
        refused(copy, tmp_path / "data", (BackupDamaged, PassphraseWrong))  # type: ignore[arg-type]
        flip(path, at)
    Restoring(StoredDirectory(copy), PASSPHRASE, Silent()).restore(tmp_path / "data")


def test_any_missing_or_cut_file_is_refused_by_its_name(copy: Path, tmp_path: Path) -> None:
    for entry in read_manifest((copy / MANIFEST).read_bytes()).files:
        path = copy / entry.path
        content = path.read_bytes()
        path.unlink()
        assert entry.path in refused(copy, tmp_path / "data", BackupDamaged)
        path.write_bytes(content + b"more")
        assert entry.path in refused(copy, tmp_path / "data", BackupDamaged)
        path.write_bytes(content)


def test_a_link_in_the_place_of_a_file_is_not_followed(copy: Path, tmp_path: Path) -> None:
    whole = shutil.copy(copy / "tikfleet.sqlite", tmp_path / "elsewhere")
    (copy / "tikfleet.sqlite").unlink()
    (copy / "tikfleet.sqlite").symlink_to(whole)

    assert "tikfleet.sqlite" in refused(copy, tmp_path / "data", BackupDamaged)


def test_another_passphrase_restores_nothing(copy: Path, tmp_path: Path) -> None:
    refused(copy, tmp_path / "data", PassphraseWrong, passphrase="ten green bottles, falling")


def test_a_manifest_by_somebody_without_the_passphrase_is_refused(copy: Path, tmp_path: Path) -> None:
    stranger = seal.Sealer("some other passphrase", seal.read_seal((copy / SEAL).read_bytes()))
    (copy / SEAL).write_bytes(msgspec.json.encode(stranger.sign((copy / MANIFEST).read_bytes())))

    refused(copy, tmp_path / "data", PassphraseWrong)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: msgspec.structs.replace(manifest, format=2),
        lambda manifest: msgspec.structs.replace(manifest, database_revision="9999"),
        lambda manifest: msgspec.structs.replace(manifest, fact_versions={"site_checkins": 999}),
        lambda manifest: msgspec.structs.replace(manifest, fact_versions={"not_known_yet": 1}),
    ],
    ids=["form", "database", "facts", "new facts"],
)
def test_a_backup_of_a_newer_version_is_refused(
    copy: Path, tmp_path: Path, change: Callable[[Manifest], Manifest]
) -> None:
    resealed(copy, change)
    refused(copy, tmp_path / "data", BackupNewer)


@pytest.mark.parametrize("path", ["../outside", "/etc/outside", "blobs/../../outside", "keys/root.key", "blobs/./x"])
def test_a_manifest_that_points_outside_is_refused(copy: Path, tmp_path: Path, path: str) -> None:
    def point(manifest: Manifest) -> Manifest:
        first, *rest = manifest.files
        return msgspec.structs.replace(manifest, files=[msgspec.structs.replace(first, path=path), *rest])

    resealed(copy, point)

    assert "outside the backup" in refused(copy, tmp_path / "data", BackupDamaged)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: msgspec.structs.replace(manifest, tables={**manifest.tables, "device": 1}),
        lambda manifest: msgspec.structs.replace(manifest, facts={"site_checkins": 5}),
        lambda manifest: msgspec.structs.replace(manifest, point=msgspec.structs.replace(manifest.point, consumed=17)),
    ],
    ids=["rows", "facts", "point"],
)
def test_parts_that_do_not_belong_together_are_refused(
    copy: Path, tmp_path: Path, change: Callable[[Manifest], Manifest]
) -> None:
    resealed(copy, change)
    refused(copy, tmp_path / "data", BackupDamaged)


def test_a_directory_with_anything_in_it_is_left_alone(copy: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "precious").write_text("mine")

    with pytest.raises(DirectoryInUse):
        Restoring(StoredDirectory(copy), PASSPHRASE, Silent()).restore(data)
    assert [path.name for path in data.iterdir()] == ["precious"]


def test_a_database_that_is_damaged_already_makes_no_backup(tmp_path: Path, quick_seal: seal.Seal) -> None:
    asyncio.run(a_platform(tmp_path / "data"))
    file = tmp_path / "data" / "tikfleet.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.execute("pragma writable_schema = on")
    connection.execute("update sqlite_master set rootpage = 3 where name = 'device'")
    connection.commit()
    connection.close()
    taking = Taking(tmp_path / "data", DirectoryShelf(tmp_path / "to"), PASSPHRASE, lambda: datetime.now(UTC), Silent())

    with pytest.raises(BackupDamaged):
        taking.take(seal=quick_seal)
    assert not [path for path in (tmp_path / "to").iterdir() if path.is_dir()]


class Full(DirectoryShelf):
    def free_bytes(self) -> int:
        return 1 << 20


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path: Path, quick_seal: seal.Seal) -> None:
    asyncio.run(a_platform(tmp_path / "data"))
    taking = Taking(tmp_path / "data", Full(tmp_path / "to"), PASSPHRASE, lambda: datetime.now(UTC), Silent())

    with pytest.raises(BackupNoSpace, match="1 MiB are free"):
        taking.take(seal=quick_seal)
    assert not [path for path in (tmp_path / "to").iterdir() if path.is_dir()]
    assert not (tmp_path / "data" / "warehouse" / "engine" / "shadow" / "backup").exists()


def test_only_the_newest_are_kept_when_asked(tmp_path: Path, quick_seal: seal.Seal) -> None:
    asyncio.run(a_platform(tmp_path / "data"))
    shelf = DirectoryShelf(tmp_path / "to")
    (tmp_path / "to" / "notes").mkdir()
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]
    for moment in moments:
        taken = Taking(tmp_path / "data", shelf, PASSPHRASE, lambda now=moment: now, Silent()).take(2, quick_seal)

    assert taken.removed == ["tikfleet-20261101T000000Z"]
    assert shelf.names() == ["tikfleet-20261102T000000Z", "tikfleet-20261103T000000Z"]
    assert (tmp_path / "to" / "notes").is_dir()


def test_a_platform_whose_reports_wait_on_a_stream_is_refused_with_the_reason(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"), inbox_url="kinesis://tikfleet-inbox")
    for attempt in (
        lambda: work.backup(settings, str(tmp_path / "to"), PASSPHRASE, 0, Silent()),
        lambda: work.restore(settings, str(tmp_path / "to"), PASSPHRASE, Silent()),
    ):
        with pytest.raises(BackupUnsupported, match="stream of Kinesis"):
            attempt()
    assert list(tmp_path.iterdir()) == []
