"""Engines of the warehouse, each started once."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.clouds import ACCESS_KEY, SECRET_KEY, MiniStack, SeaweedFs
from tests.contract.servers import MariadbServer
from tests.contract.stores import ChdbStores, ClickHouseStores, SingleStoreStores, Stores, WorkerStores
from tests.contract.streams import Streams


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("warehouse")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def chdb_stores(directory: Path) -> Stores:
    return ChdbStores(directory)


@pytest.fixture(scope="session")
def worker_stores(chdb_stores: Stores) -> Stores:
    return WorkerStores(chdb_stores)


@pytest.fixture(scope="session")
def clickhouse_stores(directory: Path) -> Iterator[ClickHouseStores]:
    stores = ClickHouseStores(directory / "clickhouse-server")
    yield stores
    stores.end()


@pytest.fixture(scope="session")
def singlestore_stores() -> Iterator[SingleStoreStores]:
    if not os.environ.get("TIKFLEET_TEST_SINGLESTORE") and (missing := MariadbServer.missing()):
        pytest.skip(f"{missing}, and no TIKFLEET_TEST_SINGLESTORE: SingleStore's promises are not tested")
    # A socket's path has a bound of its own, and pytest's directories are long.
    path = Path(tempfile.mkdtemp(prefix="tikfleet-mariadb-"))
    stores = SingleStoreStores(path)
    yield stores
    stores.end()
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(params=["chdb", "worker", "clickhouse", "singlestore"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """One engine after the other."""
    found: Stores = request.getfixturevalue(f"{request.param}_stores")
    return found


@pytest.fixture(scope="session")
def aws_credentials() -> Iterator[None]:
    """AWS's own variables, as a role would give them."""
    given = {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in given.items():
            environment.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory, aws_credentials: None) -> Iterator[MiniStack]:
    if missing := MiniStack.missing():
        pytest.skip(f"{missing}: what is on AWS is not tested")
    server = MiniStack(tmp_path_factory.mktemp("ministack"))
    yield server
    server.kill()


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory, aws_credentials: None) -> Iterator[SeaweedFs]:
    if missing := SeaweedFs.missing():
        pytest.skip(f"{missing}: objects on S3 are not tested")
    path = tmp_path_factory.mktemp("seaweedfs")
    server = SeaweedFs(path)
    yield server
    server.kill()
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def streams(ministack: MiniStack, tmp_path: Path) -> Streams:
    return Streams(ministack, tmp_path)
