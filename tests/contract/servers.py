"""Servers that tests start as child processes, and stop or kill, on free ports of loopback."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import singlestoredb.mysql

from tests.conftest import pick_port
from tikfleet.app.certificates import Certificates

_READY_S = 40.0


class ClickHouseServer:
    """chDB's engine behind ClickHouse's HTTP protocol (`clickhouse_server.py`), on a directory of its own."""

    def __init__(self, directory: Path, certificates: Certificates | None = None) -> None:
        self._directory = directory
        self._certificates = certificates
        self.port = pick_port()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        program = Path(__file__).with_name("clickhouse_server.py")
        arguments = [sys.executable, str(program), str(self._directory), str(self.port)]
        if self._certificates:
            arguments += [str(self._certificates.chain), str(self._certificates.key)]
        self._process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == str(self.port), "the ClickHouse stand-in did not start"

    def kill(self) -> None:
        _end(self._process, signal.SIGKILL)

    def stop(self) -> None:
        _end(self._process, signal.SIGINT)


class MariadbServer:
    """A private MariaDB: its own directory, port and socket, no other user's settings."""

    def __init__(self, directory: Path, certificates: Certificates | None = None) -> None:
        self._directory = directory
        self._certificates = certificates
        self.port = pick_port()
        self._process: subprocess.Popen[str] | None = None

    @staticmethod
    def missing() -> str:
        """Why it can't be started here, or nothing."""
        return "" if shutil.which("mariadbd") and shutil.which("mariadb-install-db") else "mariadbd is not installed"

    def start(self) -> None:
        data, temporary = self._directory / "data", self._directory / "temporary"
        # Each server that starts removes temporary tables from its tmpdir: those of another one too.
        temporary.mkdir(parents=True, exist_ok=True)
        if not data.exists():
            install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
            install += [f"--tmpdir={temporary}"]
            install += ["--auth-root-authentication-method=normal", "--user=root"]
            done = subprocess.run(install, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        arguments = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={self._directory / 'socket'}"]
        arguments += [f"--port={self.port}", "--bind-address=127.0.0.1", f"--pid-file={self._directory / 'pid'}"]
        arguments += [f"--tmpdir={temporary}", "--user=root", "--innodb-buffer-pool-size=128M", "--skip-log-bin"]
        if self._certificates:
            arguments += [f"--ssl-cert={self._certificates.chain}", f"--ssl-key={self._certificates.key}"]
        log = (self._directory / "log").open("a")
        self._process = subprocess.Popen(arguments, stdout=log, stderr=log, text=True)
        log.close()
        deadline = time.monotonic() + _READY_S
        while not self._answers():
            assert self._process.poll() is None, (self._directory / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, "mariadbd did not answer in time"
            time.sleep(0.05)

    def run(self, sql: str) -> None:
        """A statement of the test's own, outside of any database."""
        with singlestoredb.mysql.connect(host="127.0.0.1", port=self.port, user="root") as connection:
            connection.cursor().execute(sql)

    def kill(self) -> None:
        _end(self._process, signal.SIGKILL)

    def stop(self) -> None:
        _end(self._process, signal.SIGTERM)

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except singlestoredb.mysql.Error:
            return False
        return True


def _end(process: "subprocess.Popen[str] | None", number: signal.Signals) -> None:
    if process is None:
        return
    process.send_signal(number)
    process.communicate(timeout=_READY_S)
