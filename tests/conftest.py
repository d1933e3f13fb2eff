"""Fixtures that all tests share: real servers on loopback, the corpora, and the platform as a process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
# Some environments forbid bytecode; without it each of the hundreds of programs that tests start compiles everything
# again, which takes more processor time than all they do then.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
_READY_S = 60.0
_LONGEST_NAME = 200
# Tests have few routers and callers, which ask far more often than real ones.
_UNBOUNDED = {
    "TIKFLEET_REQUESTS_PER_MINUTE": "1000000",
    "TIKFLEET_CHECKINS_PER_SECOND": "1000000",
    "TIKFLEET_CHECKINS_PER_DEVICE_MINUTE": "10000000",
}


def pick_port() -> int:
    """A port that was free a moment ago, on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Gives a free loopback port at each call."""
    return pick_port


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The directory of recorded RouterOS material."""
    found = Path(os.environ.get("TIKFLEET_CORPORA", ROOT.parent / "shared" / "corpora"))
    if not found.is_dir():
        pytest.skip(f"there are no corpora in {found}: set TIKFLEET_CORPORA to their directory")
    return found


class PostgresServer:
    """A PostgreSQL of its own: loopback, temporary directory, unprivileged user."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._directory = Path(tempfile.mkdtemp(prefix="tikfleet-postgres-"))
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self._directory, "postgres", "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self.port = pick_port()
        data = str(self._directory / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        options = [
            "-p",
            str(self.port),
            "-h",
            "127.0.0.1",
            "-k",
            str(self._directory),
            "-F",
            "-c",
            "max_connections=60",
        ]
        command = [*self._as_user, str(binaries / "postgres"), "-D", data, *options]
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        self._wait()

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> str:
        """A new empty database; gives its address."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return self.url(name)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._binaries / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/")

    def _wait(self) -> None:
        ends_at = time.monotonic() + _READY_S
        while time.monotonic() < ends_at and self._process.poll() is None:
            probe = [str(self._binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-q"]
            if subprocess.run(probe, check=False).returncode == 0:
                return
            time.sleep(0.05)
        pytest.fail(f"PostgreSQL did not start: {(self._directory / 'log').read_text()[-2000:]}")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names that people can read, and that fit into the environment of a program: not megabytes of hostile text."""
    return f"{argname} of {len(val)}" if isinstance(val, str | bytes) and len(val) > _LONGEST_NAME else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for this worker of the test run."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not versions:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    server = PostgresServer(versions[-1].parent)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of one database on it."""
    return postgres_server.create("tikfleet")


@pytest.fixture
def new_postgres_url(postgres_server: PostgresServer) -> Callable[[], str]:
    """Gives the address of a fresh empty database at each call."""
    return lambda: postgres_server.create(f"fresh_{time.monotonic_ns()}")


class PlatformProcess:
    """The real program as a child process group, on a data directory that outlives it."""

    def __init__(
        self, directory: Path, wrapper: list[str] | None = None, program: list[str] | None = None, **environment: str
    ) -> None:
        """`wrapper` stands before the command, such as `nsenter …`; `program` is what Python runs."""
        self.directory = directory
        self.port = pick_port()
        # 0: no HTTPS.
        self.https_port = 0
        self.log = directory.with_name(directory.name + ".log")
        self._wrapper = wrapper or []
        self._program = program or ["-m", "tikfleet"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TIKFLEET_")}
        self._environment = kept | _UNBOUNDED | environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Start and wait until it is ready; gives how long that took, in seconds."""
        began = time.monotonic()
        self.launch()
        while time.monotonic() - began < _READY_S:
            if self.process.poll() is not None:
                pytest.fail(f"the platform ended with {self.process.returncode}: {self.said()[-3000:]}")
            if self._ready():
                return time.monotonic() - began
            time.sleep(0.02)
        pytest.fail(f"the platform was not ready within {_READY_S:g} s: {self.said()[-3000:]}")

    def launch(self) -> None:
        """Start without waiting."""
        options = ["--data", str(self.directory), "--http-port", str(self.port)]
        options += ["--https-port", str(self.https_port)]
        command = [*self._wrapper, sys.executable, *self._program, "serve", *options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def processor_s(self) -> float:
        """The processor time that it has used: other than the time by the clock, what a busy machine can't bend."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def said(self) -> str:
        """Everything it has written so far."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)

    def terminate(self) -> int:
        """SIGTERM, and wait for the end; gives the exit code."""
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(timeout=30)

    def end(self) -> None:
        """Whatever state it is in."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@pytest.fixture
def platform_process(tmp_path: Path) -> Iterator[Callable[..., PlatformProcess]]:
    """Makes platforms that end with the test; arguments as of `PlatformProcess`, with a name for its directory."""
    made: list[PlatformProcess] = []

    def make(name: str = "data", **options: Any) -> PlatformProcess:
        made.append(PlatformProcess(tmp_path / name, **options))
        return made[-1]

    yield make
    for process in made:
        process.end()
