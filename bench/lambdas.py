"""Functions of AWS Lambda: how long a cold start takes, part by part, and check-ins in a CPU-second once it is warm.

Run `python -m bench.lambdas`. Each start is a fresh process with bytecode and without what the functions' package
leaves out, as `tikfleet deploy aws package` makes it; the time is the processor's, since others use the machine too.
The inbox and the database are files: what AWS's services take to answer over a network is not in these figures.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tikfleet.app.cloud.package import LEFT_OUT

_LEFT_OUT: Final = frozenset(LEFT_OUT.values())
_ENTRIES: Final = ("http", "consume", "work", "tick", "migrate")
_ROOT: Final = Path(__file__).parents[1]
_STARTS: Final = 3
_CHECKINS: Final = 500
_SERVICES: Final = ("s3", "sqs", "dynamodb", "kinesis", "kms")


class Without:
    """One of Python's finders, which finds nothing that the functions' package leaves out."""

    def __init__(self, finder: Any) -> None:
        self._finder = finder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """None for what is left out, as if nobody had it."""
        return None if name.partition(".")[0] in _LEFT_OUT else self._finder.find_spec(name, path, target)


def request(method: str, path: str, body: str = "", token: str = "") -> dict[str, Any]:
    """What a load balancer calls with."""
    headers = {"host": "x", "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https"}
    headers |= {"content-type": "application/json", "authorization": f"Bearer {token}"}
    context = {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x:1:targetgroup/t/1"}}
    return {"requestContext": context, "httpMethod": method, "path": path, "headers": headers, "body": body}


def start() -> dict[str, float]:
    """One cold start in this process: seconds of the processor for each part."""
    began = time.process_time()
    from tikfleet.app.lambdas.http import handler

    imported = time.process_time()
    assert handler(request("GET", "/livez"), None)["statusCode"] == 200
    answered = time.process_time()
    assert handler(request("GET", "/api/v1/server"), None)["statusCode"] == 401
    asked = time.process_time()
    return {
        "import": imported - began,
        "build and first answer": answered - imported,
        "the API, when it is first asked": asked - answered,
    }


def drivers() -> dict[str, float]:
    """What stands behind the ports on AWS: the drivers of the database and of the telemetry's server."""
    from tikfleet.app.lambdas import http

    began = time.process_time()
    for name in ("asyncpg", "sqlalchemy.dialects.postgresql.asyncpg", "clickhouse_connect"):
        import_module(name)
    return {f"drivers of database and telemetry ({http.__name__.rpartition('.')[2]})": time.process_time() - began}


def modules() -> list[str]:
    """What every function has imported once they are all there and the first report was answered."""
    entries = {name: import_module(f"tikfleet.app.lambdas.{name}") for name in _ENTRIES}
    answer = entries["http"].handler(request("POST", "/agent/v1/checkin", "{}", "nobody"), None)
    assert answer["statusCode"] == 401, answer
    return sorted(sys.modules)


def clients() -> dict[str, float]:
    """What the services' clients add to a start."""
    began = time.process_time()
    from tikfleet.adapters.aws.clients import AwsPlace, Clients

    async def open_all() -> None:
        made = Clients(AwsPlace("eu-central-1", "http://127.0.0.1:9"))
        for service in _SERVICES:
            await made.open(service)
        await made.close()

    asyncio.run(open_all())
    return {f"clients of {len(_SERVICES)} services": time.process_time() - began}


def checkins() -> dict[str, float]:
    """Check-ins through the handler, as the balancer sends them: how many in a CPU-second."""
    from tikfleet.app.lambdas import http
    from tikfleet.domains.enrolment.schemas import EnrolmentKeyCreate
    from tikfleet.domains.identity.model import Organisation
    from tikfleet.domains.identity.repository import add_organisation
    from tikfleet.kernel.ids import OrganisationId, new_id
    from tikfleet.kernel.scopes import SYSTEM, OrgScope

    async def key(platform: Any) -> str:
        org = OrganisationId(new_id("org"))
        async with platform.infra.database.write() as transaction:
            await add_organisation(transaction, Organisation(org, None, "Bench", "2026-01-01T00:00:00.000Z"))
        made = await platform.keys.create(OrgScope.only(org), SYSTEM, EnrolmentKeyCreate("key"))
        return str(made.secret)

    secret = http._function.run(key)  # noqa: SLF001 - the objects of the function
    about = json.dumps({"inventory": {"identity": "r", "serial-number": "S", "version": "7.16"}, "probe": {}})
    token = json.loads(http.handler(request("POST", "/agent/v1/enrol", about, secret), None)["body"])["token"]
    events = []
    for seq in range(_CHECKINS):
        report = {"v": "1", "agent": "1.1.0/A", "boot": "b", "seq": str(seq), "uptime": "1h", "cpu-load": "7"}
        events.append(request("POST", "/agent/v1/checkin", json.dumps(report | {"padding": "x" * 1200}), token))
    began = time.process_time()
    for event in events:
        assert http.handler(event, None)["statusCode"] == 200
    return {"check-ins per CPU-second, one at a time": _CHECKINS / (time.process_time() - began)}


def measured(part: str) -> Any:
    """A part in a process of its own, on an empty database."""
    with tempfile.TemporaryDirectory() as directory:
        empty_database(Path(directory))
        credentials = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        settings = {"TIKFLEET_DATA": directory, "TIKFLEET_HTTPS_PORT": "0", "TIKFLEET_LOG_LEVEL": "error"}
        unbounded = dict.fromkeys(("CHECKINS_PER_SECOND", "CHECKINS_PER_DEVICE_MINUTE"), "1000000")
        settings |= {f"TIKFLEET_{name}": value for name, value in unbounded.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIKFLEET_", "PYTHONDONT"))}
        command = [sys.executable, "-m", "bench.lambdas", part]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, env=kept | credentials | settings, cwd=_ROOT
        )
    return json.loads(done.stdout.splitlines()[-1])


def empty_database(directory: Path) -> None:
    """A database at this version's form, in a process that may import what functions do without."""
    script = (
        "import asyncio, sys; from pathlib import Path; from tikfleet.app.schema import migrate;"
        "from tikfleet.app.databases import sqlite_url;"
        "asyncio.run(migrate(sqlite_url(Path(sys.argv[1]) / 'tikfleet.sqlite')))"
    )
    subprocess.run([sys.executable, "-c", script, str(directory)], check=True)


def main() -> None:
    """The best of several starts: the others waited for the machine."""
    best: dict[str, float] = {}
    for part in ("start", "drivers", "clients"):
        for _ in range(_STARTS):
            for name, seconds in measured(part).items():
                best[name] = min(best.get(name, seconds), seconds)
    for name, seconds in best.items():
        print(f"{name:40} {seconds * 1000:8.0f} ms of CPU")
    for name, rate in measured("checkins").items():
        print(f"{name:40} {rate:8.0f}")


if __name__ == "__main__":
    parts = {"start": start, "drivers": drivers, "clients": clients, "checkins": checkins, "modules": modules}
    if len(sys.argv) > 1:
        sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
        print(json.dumps(parts[sys.argv[1]]()))
    else:
        main()
