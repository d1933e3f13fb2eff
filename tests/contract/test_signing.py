"""What every signer and verifier (`ports/signing.py`) promises, one promise a test; and what files promise besides."""

import asyncio
import stat
from pathlib import Path

import pytest

from tikfleet.adapters.files.signing import (
    FileSigner,
    FileVerifier,
    drop_unused,
    open_signer,
    public_path,
    rotate,
    wait_for_key,
)
from tikfleet.adapters.memory.signing import MemoryKey
from tikfleet.ports.signing import Signer, SigningKeyBroken, Verifier

Pair = tuple[Signer, Verifier]


class Adopted:
    """Counts how often something was asked to sign what waits."""

    def __init__(self) -> None:
        self.signatures: list[str] = []

    async def __call__(self, signer: Signer) -> None:
        self.signatures.append(signer.sign(b"from before"))


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def opened(directory: Path, adopt: Adopted | None = None) -> FileSigner:
    return await open_signer(directory / "job-signing.pem", directory, adopt or Adopted())


@pytest.fixture(params=["files", "memory"])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    if request.param == "memory":
        key = MemoryKey()
        return key, key
    return await opened(tmp_path), FileVerifier(tmp_path)


async def test_what_was_signed_is_vouched_for_and_nothing_else(pair: Pair) -> None:
    signer, verifier = pair
    signature = signer.sign(b"reboot branch-1")

    assert verifier.vouches(signature, b"reboot branch-1")
    assert not verifier.vouches(signature, b"reboot branch-2")
    assert not verifier.vouches(signature, b"")
    assert len(signature) <= 128


async def test_any_text_may_be_given_as_a_signature(pair: Pair) -> None:
    signer, verifier = pair
    good = signer.sign(b"x")
    key_id, _, text = good.partition(".")
    for bad in ("", ".", key_id, f"{key_id}.", f"../../etc/passwd.{text}", f"{'0' * 15}g.{text}", "é" * 20, good[:-3]):
        assert not verifier.vouches(bad, b"x"), bad


async def test_another_key_is_a_stranger(tmp_path: Path) -> None:
    ours, theirs = await opened(tmp_path / "ours"), await opened(tmp_path / "theirs")

    assert not FileVerifier(tmp_path / "ours").vouches(theirs.sign(b"x"), b"x")
    assert FileVerifier(tmp_path / "ours").vouches(ours.sign(b"x"), b"x")


async def test_the_private_key_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    first, again = await opened(tmp_path), await opened(tmp_path)

    assert first.key_id == again.key_id
    assert stat.S_IMODE((tmp_path / "job-signing.pem").stat().st_mode) == 0o600


async def test_what_waits_is_adopted_by_the_very_first_key_only(tmp_path: Path) -> None:
    adopt = Adopted()
    await opened(tmp_path, adopt)
    await opened(tmp_path, adopt)
    (tmp_path / "job-signing.pem").unlink()
    await opened(tmp_path, adopt)

    assert len(adopt.signatures) == 1
    assert FileVerifier(tmp_path).vouches(adopt.signatures[0], b"from before")


async def test_an_adoption_that_fails_leaves_no_key_and_is_begun_anew(tmp_path: Path) -> None:
    async def fail(_: Signer) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await open_signer(tmp_path / "job-signing.pem", tmp_path, fail)
    assert names(tmp_path) == []

    adopt = Adopted()
    await opened(tmp_path, adopt)
    assert len(adopt.signatures) == 1


async def test_of_many_that_start_together_one_makes_the_key(tmp_path: Path) -> None:
    adopt = Adopted()
    signers = await asyncio.gather(*(opened(tmp_path, adopt) for _ in range(8)))

    assert len({signer.key_id for signer in signers}) == 1
    assert len(adopt.signatures) == 1


async def test_after_a_rotation_the_new_key_signs_and_the_old_signatures_hold(tmp_path: Path) -> None:
    signer, verifier = await opened(tmp_path), FileVerifier(tmp_path)
    before = signer.sign(b"x")

    key_id = await rotate(tmp_path / "job-signing.pem", tmp_path)
    after = signer.sign(b"x")

    assert after.startswith(key_id)
    assert not before.startswith(key_id)
    assert verifier.vouches(before, b"x")
    assert verifier.vouches(after, b"x")


async def test_an_old_public_key_goes_when_no_job_names_it_and_a_day_has_passed(tmp_path: Path) -> None:
    private = tmp_path / "job-signing.pem"
    signer, verifier = await opened(tmp_path), FileVerifier(tmp_path)
    old, signature = signer.key_id, signer.sign(b"x")
    await rotate(private, tmp_path)
    now_s = public_path(tmp_path, old).stat().st_mtime

    assert await drop_unused(private, tmp_path, [], now_s + 3_600) == []
    assert await drop_unused(private, tmp_path, [old], now_s + 90_000) == []
    assert verifier.vouches(signature, b"x")
    assert await drop_unused(private, tmp_path, [], now_s + 90_000) == [old]
    assert not verifier.vouches(signature, b"x")
    assert await drop_unused(private, tmp_path, [], now_s + 9e9) == []


async def test_before_the_first_key_is_made_there_is_none_to_drop(tmp_path: Path) -> None:
    assert await drop_unused(tmp_path / "job-signing.pem", tmp_path, []) == []


async def test_a_public_key_that_is_not_the_one_of_its_name_is_none(tmp_path: Path) -> None:
    signer = await opened(tmp_path)
    other = await opened(tmp_path / "other")
    public_path(tmp_path, signer.key_id).write_bytes(other.public)

    assert not FileVerifier(tmp_path).vouches(signer.sign(b"x"), b"x")


@pytest.mark.parametrize("content", [b"", b"no key", b"\x00" * 400])
async def test_a_damaged_private_key_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "job-signing.pem").write_bytes(content)

    with pytest.raises(SigningKeyBroken):
        await opened(tmp_path)


async def test_who_only_verifies_waits_for_the_first_key_and_not_for_ever(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyBroken):
        await wait_for_key(tmp_path, patience_s=0.1)
    waiting = asyncio.create_task(wait_for_key(tmp_path, patience_s=20))
    await opened(tmp_path)

    await waiting


async def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    await opened(tmp_path)
    await rotate(tmp_path / "job-signing.pem", tmp_path)

    assert [name.rpartition(".")[2] for name in names(tmp_path)] == ["pub", "pub", "pem"]


async def test_what_a_revoked_key_signed_counts_no_more(tmp_path: Path) -> None:
    signer, verifier = await opened(tmp_path), FileVerifier(tmp_path)
    stolen = signer.sign(b"reboot branch-1")
    assert verifier.vouches(stolen, b"reboot branch-1")

    key_id = await rotate(tmp_path / "job-signing.pem", tmp_path, revoke=True)

    assert not verifier.vouches(stolen, b"reboot branch-1")
    assert verifier.vouches(signer.sign(b"x"), b"x")
    assert names(tmp_path) == [f"job-{key_id}.pub", "job-signing.pem"]
