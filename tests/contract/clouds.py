"""AWS's services and an object store as child processes, each on free ports of loopback."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import pick_port
from tikfleet.adapters.aws.clients import AwsPlace, Clients, load_driver
from tikfleet.adapters.s3.blobs import Bucket
from tikfleet.kernel.ids import new_id

_READY_S = 90.0
# Reading what AWS says about its services takes far longer than a test.
SESSION = load_driver().get_session()
# One worker of the test run has the servers.
ON_AWS = pytest.mark.xdist_group("aws")
ACCESS_KEY, SECRET_KEY = "tikfleet-tests", "a-secret-of-tests-only"


class Child:
    """A program that answers HTTP, started once and killed at the end."""

    def __init__(self, command: list[str], directory: Path, port: int, **environment: str) -> None:
        self.port = port
        self.log = directory / "log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=directory, stdout=log, stderr=log, env=os.environ | environment
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self, path: str) -> None:
        """Until it answers at all."""
        ends_at = time.monotonic() + _READY_S
        while not self._answers(path):
            assert self._process.poll() is None, f"it ended: {self.log.read_text(errors='replace')[-2000:]}"
            assert time.monotonic() < ends_at, f"it does not answer: {self.log.read_text(errors='replace')[-2000:]}"
            time.sleep(0.05)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=30)

    def _answers(self, path: str) -> bool:
        try:
            urllib.request.urlopen(self.url + path, timeout=2).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


class MiniStack(Child):
    """SQS, DynamoDB, Kinesis, KMS, Lambda: with a clock that a test moves, unless it is `running`."""

    def __init__(self, directory: Path, clock: str = "held") -> None:
        port = pick_port()
        program = Path(__file__).with_name("ministack_server.py")
        super().__init__(
            [sys.executable, str(program), str(port), clock],
            directory,
            port,
            GATEWAY_PORT=str(port),
            BIND_HOST="127.0.0.1",
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
            TMPDIR=str(directory),
        )
        self.wait("/_ministack/health")

    @staticmethod
    def missing() -> str:
        """Why it can't be started here, or nothing."""
        return "" if find_spec("ministack") else "MiniStack is not installed"

    @asynccontextmanager
    async def clients(self) -> AsyncIterator[Clients]:
        """Clients on the loop of a test."""
        made = Clients(AwsPlace("eu-central-1", self.url), SESSION)
        try:
            yield made
        finally:
            await made.close()

    async def table(self, clients: Clients) -> str:
        """A fresh table of the shape that the cache needs."""
        name = new_id("table")
        dynamodb = await clients.open("dynamodb")
        await dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return name

    def advance(self, seconds: float) -> None:
        urllib.request.urlopen(f"{self.url}/_time/advance?seconds={seconds}", timeout=30).close()


class SeaweedFs(Child):
    """An object store that speaks S3 and enforces signatures."""

    def __init__(self, directory: Path) -> None:
        identity = {
            "name": "tests",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (directory / "identities.json").write_text(json.dumps({"identities": [identity]}))
        port = pick_port()
        command = ["weed", "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={directory}", "-filer", "-s3"]
        command += [f"-s3.config={directory / 'identities.json'}", f"-s3.port={port}"]
        for name in ("master", "volume", "filer"):
            command += [f"-{name}.port={pick_port()}", f"-{name}.port.grpc={pick_port()}"]
        command += [f"-s3.port.grpc={pick_port()}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        command += ["-master.volumeSizeLimitMB=64", "-volume.max=200", "-master.telemetry=false"]
        program = shutil.which(command[0], path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        assert program is not None
        super().__init__([program, *command[1:]], directory, port, WEED_S3_SSE_KEY="tests")
        self.wait("/")

    @staticmethod
    def missing() -> str:
        """Why it can't be started here, or nothing."""
        found = shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        return "" if found else "SeaweedFS (weed) is not installed"

    @asynccontextmanager
    async def clients(self) -> AsyncIterator[Clients]:
        """Clients on the loop of a test."""
        made = Clients(AwsPlace(endpoints={"s3": self.url}), SESSION)
        try:
            yield made
        finally:
            await made.close()

    async def bucket(self, clients: Clients, **options: Any) -> Bucket:
        """A place of a test's own in a bucket that keeps versions."""
        s3 = await clients.open("s3")
        # The server answers before its parts have found each other.
        for _ in range(600):
            try:
                await s3.create_bucket(Bucket="tikfleet")
                await s3.put_bucket_versioning(Bucket="tikfleet", VersioningConfiguration={"Status": "Enabled"})
                break
            except (s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists):
                break
            except s3.exceptions.ClientError:
                await asyncio.sleep(0.1)
        return Bucket("tikfleet", new_id("test"), **options)
