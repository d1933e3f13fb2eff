"""A process that answers routers can hand out jobs and make none: the private key is not in it, and never was."""

import gc
import types
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tikfleet.adapters.files.signing import FileSigner, FileVerifier, open_signer
from tikfleet.app.databases import sqlite_url
from tikfleet.app.job_keys import private_key
from tikfleet.app.job_parts import job_issuer
from tikfleet.app.processes.edge import build_edge
from tikfleet.app.processes.place import Place, Role, make_control
from tikfleet.app.schema import migrate
from tikfleet.app.settings import Settings
from tikfleet.domains.jobs.public import JobDesk, JobIssuer, Vetting
from tikfleet.ports.signing import Signer

EDGE = Place(Role.EDGE, "edge-1")


def reachable(root: Any) -> list[Any]:
    """Every object that can be reached from one, code and modules apart."""
    seen: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, types.ModuleType | type):
            continue
        seen[id(found)] = found
        globals_of = getattr(found, "__globals__", None)
        waiting += [one for one in gc.get_referents(found) if one is not globals_of]
    return list(seen.values())


async def _nothing(_: Signer) -> None:
    pass


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """A data directory as the worker prepares it, from which the private key was then taken away."""
    settings = Settings(data=str(tmp_path), https_port=0, job_key=str(tmp_path / "elsewhere" / "key.pem"))
    await migrate(sqlite_url(tmp_path / "tikfleet.sqlite"))
    await open_signer(Path(settings.job_key), tmp_path / "keys", _nothing)
    make_control(settings)
    return settings


async def test_an_edge_opens_no_private_key_and_holds_nothing_that_signs(settings: Settings) -> None:
    private = private_key(settings)
    private.unlink()

    async with build_edge(settings, "", EDGE) as edge:
        there = reachable(edge)
        assert any(isinstance(found, JobDesk) for found in there), "the walk does not come to what hands out"
        assert any(isinstance(found, FileVerifier) for found in there)
        assert not [found for found in there if isinstance(found, FileSigner | JobIssuer | Ed25519PrivateKey)]
        assert edge.infra.signer is None
    assert not private.exists(), "an edge made a key"


async def test_the_walk_finds_a_signer_where_there_is_one(settings: Settings) -> None:
    signer = FileSigner(Path(settings.job_key))

    assert [found for found in reachable({"deep": [lambda: signer]}) if isinstance(found, Ed25519PrivateKey)]


async def test_what_makes_jobs_cannot_be_built_without_a_signer(settings: Settings) -> None:
    async with build_edge(settings, "", EDGE) as edge:
        desks = [found for found in reachable(edge) if isinstance(found, JobDesk)]
        with pytest.raises(RuntimeError, match="only answers routers"):
            job_issuer(edge.infra, desks[0]._ledger, None)  # type: ignore[arg-type]
        assert isinstance(desks[0].vetting, Vetting)
