"""What every object store (`ports/blobs.py`) and every vault (`ports/vault.py`) promises, one promise a test."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.contract.clouds import ON_AWS, MiniStack, SeaweedFs
from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.files.vault import FileVault, open_file_vault
from tikfleet.adapters.kms.vault import KmsVault
from tikfleet.adapters.s3.blobs import S3Blobs
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.blobs import Blobs, BlobsUnavailable
from tikfleet.ports.vault import SealBroken, Vault

ACME, GLOBEX = OrganisationId("org_acme"), OrganisationId("org_globex")


@pytest.fixture(params=["files", pytest.param("s3", marks=ON_AWS)])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    if request.param == "files":
        yield FileBlobs(tmp_path / "blobs")
        return
    store: SeaweedFs = request.getfixturevalue("seaweedfs")
    async with store.clients() as clients:
        yield S3Blobs(clients, await store.bucket(clients))


async def test_an_object_comes_back_as_it_was_put(blobs: Blobs) -> None:
    content = bytes(range(256)) * 1000
    await blobs.put("org_acme/jobs/job_1", content)
    await blobs.put("org_acme/empty", b"")

    assert await blobs.get("org_acme/jobs/job_1") == content
    assert await blobs.get("org_acme/empty") == b""


async def test_what_is_not_there_is_none(blobs: Blobs) -> None:
    await blobs.put("org_acme/jobs/job_1", b"x")

    assert await blobs.get("org_acme/jobs") is None
    assert await blobs.get("org_globex/jobs/job_1") is None
    await blobs.delete("org_globex/jobs/job_1")


async def test_putting_again_replaces_and_deleting_removes(blobs: Blobs) -> None:
    await blobs.put("org_acme/x", b"old")
    await blobs.put("org_acme/x", b"new")
    assert await blobs.get("org_acme/x") == b"new"

    await blobs.delete("org_acme/x")
    assert await blobs.get("org_acme/x") is None
    assert await blobs.names("org_acme/") == []


async def test_a_reader_sees_the_old_or_the_new_object_and_never_a_part(blobs: Blobs) -> None:
    old, new = b"a" * 500_000, b"b" * 500_000
    await blobs.put("org_acme/x", old)

    async def write() -> None:
        for number in range(10):
            await blobs.put("org_acme/x", new if number % 2 else old)

    writing = asyncio.create_task(write())
    while not writing.done():
        assert await blobs.get("org_acme/x") in (old, new)
    await writing


async def test_names_are_those_of_the_prefix_sorted(blobs: Blobs) -> None:
    for name in ("org_b/2", "org_a/jobs/2", "org_a/jobs/1", "org_ab/1"):
        await blobs.put(name, b"x")

    assert await blobs.names("org_a/") == ["org_a/jobs/1", "org_a/jobs/2"]
    assert await blobs.names("org_a/jobs/2") == ["org_a/jobs/2"]
    assert await blobs.names("none") == []
    assert len(await blobs.names("")) == 4


@pytest.mark.parametrize(
    "name",
    ["", "/", "/etc/passwd", "../x", "a/../b", "a/./b", "a//b", "a/", ".hidden", "a/.b", "a b", "a\x00", "ä", "a\n"],
)
async def test_a_name_of_another_form_is_refused(blobs: Blobs, name: str) -> None:
    for work in (blobs.put(name, b"x"), blobs.get(name), blobs.delete(name)):
        with pytest.raises(ValueError, match="not the name of an object"):
            await work


async def test_a_store_that_cannot_write_says_so_and_leaves_no_rest(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    await blobs.put("org_acme/taken", b"an object where a directory is wanted")

    with pytest.raises(BlobsUnavailable):
        await blobs.put("org_acme/taken/below", b"x")

    assert await blobs.names("") == ["org_acme/taken"]


@pytest.fixture(params=["file", pytest.param("kms", marks=ON_AWS)])
async def vaults(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[], Awaitable[Vault]]]:
    """Makes a vault with a key of its own at each call."""

    async def with_file() -> Vault:
        return FileVault(secrets.token_bytes(32))

    async def with_kms() -> Vault:
        made = await (await clients.open("kms")).create_key()
        return KmsVault(clients, made["KeyMetadata"]["KeyId"])

    if request.param == "file":
        yield with_file
        return
    stack: MiniStack = request.getfixturevalue("ministack")
    async with stack.clients() as clients:
        yield with_kms


@pytest.fixture
async def vault(vaults: Callable[[], Awaitable[Vault]]) -> Vault:
    return await vaults()


async def test_what_was_sealed_is_opened_for_the_same_organisation_and_purpose(vault: Vault) -> None:
    for secret in (b"", b"secret", bytes(range(256)) * 100):
        assert await vault.open(ACME, "token", await vault.seal(ACME, "token", secret)) == secret


async def test_sealing_twice_gives_different_bytes_without_the_secret_in_them(vault: Vault) -> None:
    one, other = await vault.seal(ACME, "p", b"hush hush"), await vault.seal(ACME, "p", b"hush hush")

    assert one != other
    assert b"hush" not in one + other


async def test_another_organisation_purpose_or_key_opens_nothing(
    vault: Vault, vaults: Callable[[], Awaitable[Vault]]
) -> None:
    sealed = await vault.seal(ACME, "token", b"secret")
    for other, org_id, purpose in (
        (vault, GLOBEX, "token"),
        (vault, ACME, "key"),
        (await vaults(), ACME, "token"),
    ):
        with pytest.raises(SealBroken):
            await other.open(org_id, purpose, sealed)


async def test_every_changed_byte_and_every_cut_breaks_the_seal(vault: Vault) -> None:
    sealed = await vault.seal(ACME, "token", b"secret")
    changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    for broken in (*changed, *(sealed[:length] for length in range(len(sealed))), sealed + b"\x00"):
        with pytest.raises(SealBroken):
            await vault.open(ACME, "token", broken)


async def test_the_root_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "root.key"
    sealed = await open_file_vault(path).seal(ACME, "token", b"secret")

    assert path.stat().st_mode & 0o777 == 0o600
    assert await open_file_vault(path).open(ACME, "token", sealed) == b"secret"


def test_a_damaged_root_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    path.write_bytes(b"short")

    with pytest.raises(SealBroken, match="damaged"):
        open_file_vault(path)

    assert path.read_bytes() == b"short"
