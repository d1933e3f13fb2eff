"""One platform behind all three balancers, as long as the session lasts."""

import datetime as dt
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import PlatformProcess, pick_port
from tests.fleet.house import House
from tikfleet.app.certificates import Certificates, own_certificates

from .fronts import Front
from .visitors import until

NAMES = ("haproxy", "nginx", "caddy")
MakeFront = Callable[[str], Front]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker: they share the platform and its balancers."""
    for item in items:
        if "tests/proxies" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("proxies"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority that stands for the public ones, and what it says of this machine."""
    return own_certificates(tmp_path_factory.mktemp("authority"), ["127.0.0.1"], dt.datetime.now(dt.UTC))


@pytest.fixture(scope="session")
def ca_file(certificates: Certificates) -> Path:
    return certificates.chain.with_name("ca.pem")


@pytest.fixture(scope="session")
def trust(ca_file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_file))


@pytest.fixture(scope="session")
def nginx_port() -> int:
    """Routers are told to come here."""
    return pick_port()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, nginx_port: int) -> Iterator[PlatformProcess]:
    """Plain HTTP on loopback, and nobody believed but the balancers."""
    process = PlatformProcess(
        tmp_path_factory.mktemp("proxies") / "data",
        TIKFLEET_PUBLIC_URL=f"https://127.0.0.1:{nginx_port}",
        TIKFLEET_TRUSTED_PROXIES="127.0.0.1/32",
    )
    process.launch()
    until(lambda: "give this token" in process.said())
    yield process
    process.end()


@pytest.fixture(scope="session")
def house(platform: PlatformProcess) -> House:
    """Its owner, who signed in without a balancer."""
    return House(platform)


@pytest.fixture(scope="session")
def front(
    platform: PlatformProcess, certificates: Certificates, nginx_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeFront]:
    """Gives the balancer of a name, started once."""
    made: dict[str, Front] = {}

    def one(name: str) -> Front:
        if name not in made:
            directory = tmp_path_factory.mktemp(name) / "home"
            port = nginx_port if name == "nginx" else 0
            made[name] = Front(name, directory, platform.port, certificates, port)
        return made[name]

    yield one
    for balancer in made.values():
        balancer.end()
