"""The key that signs jobs on machines that share S3, KMS and DynamoDB, and no disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contract.clouds import ON_AWS, MiniStack, SeaweedFs
from tikfleet.adapters.dynamodb.cache import DynamoCache
from tikfleet.adapters.files.signing import FileSigner, FileVerifier, open_signer
from tikfleet.adapters.kms.vault import KmsVault
from tikfleet.adapters.s3.blobs import S3Blobs
from tikfleet.app.shared_job_key import SPREAD_S, SharedJobKey
from tikfleet.ports.signing import Signer, SigningKeyBroken

pytestmark = ON_AWS


class Machine:
    """One machine: its files, and what it signs and believes."""

    def __init__(self, directory: Path, key: SharedJobKey) -> None:
        self.directory = directory
        self.key = key
        self.verifier = FileVerifier(directory)

    async def start(self) -> FileSigner:
        await self.key.fetch()
        return await open_signer(self.directory / "job-signing.pem", self.directory, _adopts_nothing)

    async def look(self) -> None:
        self.key._looked_s = None
        await self.key.follow()


async def _adopts_nothing(_: Signer) -> None:
    raise AssertionError("there was a key")


Make = Callable[..., Machine]


@pytest_asyncio.fixture
async def machine(seaweedfs: SeaweedFs, ministack: MiniStack, tmp_path: Path) -> AsyncIterator[Make]:
    async with seaweedfs.clients() as s3, ministack.clients() as aws:
        blobs = S3Blobs(s3, await seaweedfs.bucket(s3))
        created = await (await aws.open("kms")).create_key()
        cache = DynamoCache(aws, await ministack.table(aws))

        def make(name: str, *, signs: bool = True) -> Machine:
            directory = tmp_path / name
            vault = KmsVault(aws, created["KeyMetadata"]["KeyId"])
            private = directory / "job-signing.pem" if signs else None
            return Machine(directory, SharedJobKey(private, directory, blobs, vault, cache))

        yield make


async def at_once(_: float) -> None:
    pass


async def test_machines_that_start_at_once_sign_with_one_key(machine: Make) -> None:
    first, second = machine("first"), machine("second")
    signers = await asyncio.gather(first.start(), second.start())

    assert signers[0].key_id == signers[1].key_id
    assert second.verifier.vouches(signers[0].sign(b"reboot"), b"reboot")


async def test_a_new_key_signs_only_when_everybody_has_heard_of_it(machine: Make) -> None:
    first, second, operator = machine("first"), machine("second"), machine("operator")
    signer, other = await first.start(), await second.start()
    before = signer.sign(b"waits")
    waited: list[float] = []

    async def everybody_looks(seconds: float) -> None:
        waited.append(seconds)
        await first.look()
        await second.look()
        assert signer.sign(b"x").partition(".")[0] == before.partition(".")[0]

    key_id = await operator.key.rotate(wait=everybody_looks)
    await first.look()
    after = signer.sign(b"new")

    assert waited == [SPREAD_S]
    assert after.startswith(key_id)
    assert second.verifier.vouches(after, b"new"), "it has not looked since, and knows the key all the same"
    assert second.verifier.vouches(before, b"waits")
    await second.look()
    assert other.sign(b"x").startswith(key_id)


async def test_a_machine_that_starts_later_believes_what_the_old_key_signed(machine: Make) -> None:
    first = machine("first")
    before = (await first.start()).sign(b"waits")
    key_id = await first.key.rotate(wait=at_once)
    late = machine("late")
    signer = await late.start()

    assert signer.key_id == key_id
    assert late.verifier.vouches(before, b"waits")


async def test_what_revoked_keys_signed_counts_nowhere(machine: Make) -> None:
    first, late = machine("first"), machine("late")
    signer = await first.start()
    stolen = signer.sign(b"reboot")
    key_id = await machine("operator").key.rotate(revoke=True, wait=at_once)
    await first.look()
    await late.start()

    assert not first.verifier.vouches(stolen, b"reboot")
    assert not late.verifier.vouches(stolen, b"reboot")
    assert signer.sign(b"x").startswith(key_id)


async def test_a_key_goes_a_day_after_it_was_replaced_and_nothing_needs_it(machine: Make) -> None:
    first = machine("first")
    signer = await first.start()
    old, before = signer.key_id, signer.sign(b"waits")
    await first.key.rotate(wait=at_once)
    await first.key.tidy([old], now_s=4e9)
    await first.look()
    needed = first.verifier.vouches(before, b"waits")
    await first.key.tidy([])
    await first.look()
    fresh = first.verifier.vouches(before, b"waits")
    await first.key.tidy([], now_s=4e9)
    await first.look()

    assert (needed, fresh) == (True, True)
    assert not first.verifier.vouches(before, b"waits")
    assert first.verifier.vouches(signer.sign(b"x"), b"x")


async def test_who_answers_routers_alone_gets_public_keys_only(machine: Make) -> None:
    edge, first = machine("edge", signs=False), machine("first")
    signer = await first.start()
    await edge.key.fetch()

    assert edge.verifier.vouches(signer.sign(b"x"), b"x")
    assert [path.suffix for path in edge.directory.iterdir()] == [".pub"]


async def test_a_key_from_before_the_services_becomes_the_one_of_all(machine: Make) -> None:
    alone = machine("alone")
    was = await open_signer(alone.directory / "job-signing.pem", alone.directory, _signs_nothing)
    again, second = await alone.start(), machine("second")
    other = await second.start()

    assert was.key_id == again.key_id == other.key_id


async def _signs_nothing(_: Signer) -> None:
    pass


async def test_where_there_is_no_key_or_somebody_changes_it_it_is_told(machine: Make) -> None:
    first = machine("first")
    with pytest.raises(SigningKeyBroken, match="no key was made yet"):
        await first.key.rotate(wait=at_once)
    await first.start()

    async def another(_: float) -> None:
        with pytest.raises(SigningKeyBroken, match="somebody else"):
            await machine("second").key.rotate(wait=at_once)

    await first.key.rotate(wait=another)
