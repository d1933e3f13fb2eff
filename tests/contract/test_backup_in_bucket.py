"""Backups in a bucket of a store that enforces signatures, and of a platform whose objects are in one."""

import asyncio
import hashlib
import json
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from tests.contract.clouds import ON_AWS, SeaweedFs
from tests.unit.backups.data_directory import PASSPHRASE, a_platform, quick
from tikfleet.adapters.aws.clients import Clients
from tikfleet.adapters.s3.blobs import Bucket
from tikfleet.adapters.s3.transfers import Transfers
from tikfleet.app.backups.bucket_shelf import BucketShelf
from tikfleet.app.backups.copying import Silent
from tikfleet.app.backups.errors import BackupDamaged, BackupTargetUnusable, BackupUnsupported, DirectoryInUse
from tikfleet.app.backups.manifest import MANIFEST, SEAL
from tikfleet.app.backups.places import Places, open_places
from tikfleet.app.backups.portal import Portal, open_portal
from tikfleet.app.backups.restoring import Restoring
from tikfleet.app.backups.taking import Taken, Taking
from tikfleet.app.backups.work import backups
from tikfleet.app.clouds import aws_place
from tikfleet.app.command import application
from tikfleet.app.settings import Settings
from tikfleet.ports.blobs import BlobsUnavailable

pytestmark = ON_AWS
MOMENT = datetime(2026, 11, 23, 4, tzinfo=UTC)
NAME = "tikfleet-20261123T040000Z"


@pytest_asyncio.fixture
async def bucket(seaweedfs: SeaweedFs) -> Bucket:
    return await a_bucket(seaweedfs)


async def a_bucket(seaweedfs: SeaweedFs) -> Bucket:
    async with seaweedfs.clients() as clients:
        return await seaweedfs.bucket(clients)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One platform, which every test only reads."""
    place = tmp_path_factory.mktemp("platform")
    asyncio.run(a_platform(place / "data"))
    return place / "data"


@pytest.fixture(scope="module")
def settings(seaweedfs: SeaweedFs, data: Path) -> Settings:
    return Settings(data=str(data), s3_endpoint=seaweedfs.url)


@pytest.fixture(scope="module")
def made(seaweedfs: SeaweedFs, settings: Settings, data: Path) -> tuple[Bucket, Taken]:
    """One backup and where it is; who changes it puts it right again."""
    bucket = asyncio.run(a_bucket(seaweedfs))
    with open_places(settings) as places:
        return bucket, take(places, data, target(bucket))


@pytest.fixture
def places(settings: Settings) -> Iterator[Places]:
    with open_places(settings) as opened:
        yield opened


def target(bucket: Bucket) -> str:
    return f"s3://{bucket.name}/{bucket.prefix}"


def take(places: Places, data: Path, to: str, moment: datetime = MOMENT, keep: int = 0) -> Taken:
    taking = Taking(data, places.shelf(to), PASSPHRASE, lambda: moment, Silent(), places.stores())
    return taking.take(keep, quick())


class Failing(Silent):
    """Ends a backup when some of it is written."""

    def __init__(self) -> None:
        self._left_bytes = 500_000

    def advance(self, size_bytes: int) -> None:
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise RuntimeError("in its midst")


@contextmanager
def opened(settings: Settings, bucket: Bucket) -> Iterator[tuple[Portal, Transfers]]:
    """The bucket itself."""
    with open_portal() as portal:
        clients = Clients(aws_place(settings))
        yield portal, Transfers(clients, bucket)
        portal.run(clients.close())


def whole(portal: Portal, transfers: Transfers, name: str) -> bytes:
    found = portal.run(transfers.receive(name))
    assert found is not None
    return b"".join(portal.items(found))


def restore(places: Places, to: str, data: Path) -> None:
    Restoring(places.stored(f"{to}/{NAME}"), PASSPHRASE, Silent(), places.stores()).restore(data)


def refusal(places: Places, to: str, data: Path) -> str:
    """Why it was not restored; nothing is left of the attempt."""
    with pytest.raises(BackupDamaged) as raised:
        restore(places, to, data)
    assert not list(data.iterdir())
    return str(raised.value)


def content(root: Path) -> dict[str, bytes]:
    """Every file by its path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def objects_of(root: Path) -> dict[str, bytes]:
    return {name: held for name, held in content(root).items() if name.startswith(("blobs/", "keys/", "org_x/"))}


def test_it_is_written_listed_and_restored_as_it_was(
    places: Places, settings: Settings, data: Path, made: tuple[Bucket, Taken], tmp_path: Path
) -> None:
    to, taken = target(made[0]), made[1]
    Restoring(places.stored(f"{to}/{NAME}"), PASSPHRASE, Silent()).restore(tmp_path / "again")

    assert [one["path"] for one in backups(settings, to)] == [f"{to}/{NAME}"]
    assert objects_of(tmp_path / "again") == objects_of(data)
    assert len(content(tmp_path / "again")) == len(taken.manifest.files) - 1 + len(objects_of(data)) - 2
    assert not list((data / "control").glob("backup-scratch"))
    assert places.shelf(to).names() == [NAME]


def test_the_commands_make_list_and_restore_one(
    settings: Settings, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKFLEET_S3_ENDPOINT", settings.s3_endpoint)
    monkeypatch.setenv("TIKFLEET_BACKUP_PASSPHRASE", PASSPHRASE)
    run = partial(CliRunner().invoke, application())
    made = run(["backup", target(bucket), "--data", settings.data, "--json"])
    path = json.loads(made.stdout)["path"]
    listed = run(["backups", target(bucket)])
    nothing = run(["restore", target(bucket), "--data", str(tmp_path / "again")])
    restored = run(["restore", path, "--data", str(tmp_path / "again"), "--json"])

    assert [done.exit_code for done in (made, listed, nothing, restored)] == [0, 0, 1, 0]
    assert path in listed.stdout
    assert f"Name one of these: {path.rpartition('/')[2]}" in nothing.stderr
    assert (tmp_path / "again" / "tikfleet.sqlite").is_file()


def test_what_was_written_half_is_no_backup_and_goes_a_day_later(
    places: Places, settings: Settings, data: Path, bucket: Bucket, tmp_path: Path
) -> None:
    to = target(bucket)
    with opened(settings, bucket) as (portal, transfers):
        portal.run(transfers.put(f"{NAME}/tikfleet.sqlite", b"half of one"))
        with pytest.raises(BackupTargetUnusable, match="exists already"):
            take(places, data, to)
        with pytest.raises(BackupDamaged, match="there is no backup"):
            places.stored(f"{to}/{NAME}")
        later = BucketShelf(portal, transfers, to, tmp_path / "scratch", lambda: time.time() + 90_000)
        with later.draft("tikfleet-20261124T040000Z") as draft:
            draft.finish(b"{}", b"{}")

        assert portal.run(transfers.folders()) == ["tikfleet-20261124T040000Z"]
        assert [one.name.rpartition("/")[2] for one in portal.run(transfers.names("tikfleet-"))] == [MANIFEST, SEAL]


def test_one_that_fails_in_its_midst_leaves_nothing(
    places: Places, settings: Settings, data: Path, bucket: Bucket
) -> None:
    taking = Taking(data, places.shelf(target(bucket)), PASSPHRASE, lambda: MOMENT, Failing(), places.stores())
    with pytest.raises(RuntimeError, match="in its midst"):
        taking.take(seal=quick())

    with opened(settings, bucket) as (portal, transfers):
        assert portal.run(transfers.names("")) == []
    assert not list((data / "control").glob("backup-scratch"))


def test_one_changed_or_missing_object_is_refused_and_nothing_is_left(
    places: Places, settings: Settings, made: tuple[Bucket, Taken], tmp_path: Path
) -> None:
    bucket, taken = made
    to = target(bucket)
    entry = next(entry for entry in taken.manifest.files if entry.path.startswith("warehouse/") and entry.size_bytes)
    objects = msgspec.structs.replace(bucket, prefix=f"{bucket.prefix}-objects")
    into_bucket = msgspec.structs.replace(settings, blobs_url=target(objects))
    with opened(settings, bucket) as (portal, transfers), open_places(into_bucket) as other:
        was = whole(portal, transfers, f"{NAME}/{entry.path}")
        portal.run(transfers.put(f"{NAME}/{entry.path}", bytes(entry.size_bytes)))
        changed = refusal(other, to, tmp_path / "data")
        portal.run(transfers.remove([f"{NAME}/{entry.path}"]))
        missing = refusal(places, to, tmp_path / "data")
        portal.run(transfers.put(f"{NAME}/{entry.path}", was))
    with opened(settings, objects) as (portal, transfers):
        assert portal.run(transfers.names("")) == []
    assert f"{entry.path} is not as it was written" in changed
    assert f"{entry.path} is missing" in missing


def test_only_the_newest_are_kept_when_asked(places: Places, data: Path, bucket: Bucket, settings: Settings) -> None:
    to = target(bucket)
    with opened(settings, bucket) as (portal, transfers):
        for day in (20, 21):
            portal.run(transfers.put(f"tikfleet-202611{day}T040000Z/{MANIFEST}", b"{}"))
        portal.run(transfers.put("notes/today", b"mine"))
        removed = take(places, data, to, keep=2).removed

        assert removed == ["tikfleet-20261120T040000Z"]
        assert portal.run(transfers.folders()) == ["notes", "tikfleet-20261121T040000Z", NAME]


def test_objects_in_a_bucket_are_in_the_backup_and_restored_into_a_bucket_or_files(
    settings: Settings, data: Path, bucket: Bucket, tmp_path: Path
) -> None:
    held = {"org_x/one": b"an output", "org_x/two": bytes(range(256)) * 50_000, "org_x/three": b""}
    there = msgspec.structs.replace(bucket, prefix=f"{bucket.prefix}/objects")
    with opened(settings, there) as (portal, transfers):
        for name, content in held.items():
            portal.run(transfers.put(name, content))
    elsewhere = msgspec.structs.replace(settings, blobs_url=target(there), vault_url="kms://alias/tikfleet")
    to = f"{target(bucket)}/backups"
    with open_places(elsewhere) as places:
        take(places, data, to)
        with pytest.raises(DirectoryInUse, match="holds objects"):
            restore(places, to, tmp_path / "refused")
    with open_places(settings) as places, pytest.raises(BackupUnsupported, match="kms://alias/tikfleet") as other_key:
        restore(places, to, tmp_path / "refused")
    into_files = msgspec.structs.replace(elsewhere, blobs_url="")
    again = msgspec.structs.replace(bucket, prefix=f"{bucket.prefix}/again")
    into_bucket = msgspec.structs.replace(elsewhere, blobs_url=target(again))
    for number, wanted in enumerate((into_files, into_bucket)):
        with open_places(wanted) as places:
            restore(places, to, tmp_path / f"again-{number}")

    assert "TIKFLEET_VAULT_URL=kms://alias/tikfleet" in other_key.value.advice
    assert not (tmp_path / "refused").exists() or not list((tmp_path / "refused").iterdir())
    assert objects_of(tmp_path / "again-0" / "blobs") == held
    assert objects_of(tmp_path / "again-1" / "blobs") == {}
    with opened(settings, again) as (portal, transfers):
        assert {one.name for one in portal.run(transfers.names(""))} == held.keys()
        assert whole(portal, transfers, "org_x/two") == held["org_x/two"]


def test_a_large_file_goes_in_parts_of_which_few_are_in_memory(settings: Settings, bucket: Bucket) -> None:
    block = bytes(range(256)) * 4096
    small_parts = msgspec.structs.replace(bucket, part_bytes=5 << 20)

    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield block

    with opened(settings, small_parts) as (portal, transfers):
        # Reading what AWS says of its services takes memory once.
        portal.run(transfers.put("small", b""))
        tracemalloc.start()
        portal.run(transfers.send("large", blocks()))
        seen, size = hashlib.sha256(), 0
        found = portal.run(transfers.receive("large"))
        assert found is not None
        for piece in portal.items(found):
            seen.update(piece)
            size += len(piece)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (size, seen.hexdigest()) == (64 << 20, hashlib.sha256(block * 64).hexdigest())
    assert peak_bytes < 32 << 20


def test_of_two_that_take_a_name_at_once_one_has_it(settings: Settings, bucket: Bucket, tmp_path: Path) -> None:
    with opened(settings, bucket) as (portal, transfers):
        shelf = BucketShelf(portal, transfers, target(bucket), tmp_path / "scratch")
        with ExitStack() as first:
            draft = first.enter_context(shelf.draft(NAME))
            portal.run(transfers.put(f"{NAME}/being-written", b"somebody else, at a store without conditions"))
            with pytest.raises(BackupTargetUnusable, match="another backup"):
                draft.finish(b"{}", b"{}")

        assert not portal.run(transfers.claim(f"{NAME}/being-written", b"a third one"))
        assert [one.name for one in portal.run(transfers.names(""))] == [f"{NAME}/being-written", f"{NAME}/{SEAL}"]


@pytest.mark.parametrize("place", ["ftp://somewhere/else", "s3://Capital/prefix", "s3:///prefix", "s3://b"])
def test_what_names_no_bucket_is_refused_in_a_sentence(places: Places, place: str) -> None:
    with pytest.raises(BackupTargetUnusable, match="a directory or to s3://bucket/prefix"):
        places.shelf(place)


def test_a_bucket_that_is_not_there_and_a_key_that_is_not_known_are_told(
    places: Places, settings: Settings, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BackupTargetUnusable, match="there is no bucket"):
        places.shelf("s3://never-was/prefix")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another one")
    with open_places(settings) as strange, pytest.raises(BlobsUnavailable, match=r"refuses|permit"):
        strange.shelf(target(bucket)).names()
