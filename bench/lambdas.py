"""Functions of AWS Lambda: how long a cold start takes, part by part, and check-ins in a CPU-second once it is warm.

Run `python -m bench.lambdas`. Each start is a fresh process; the time is the processor's, since others use the machine
too. The inbox and the database are files: what AWS's services take to answer over a network is not in these figures.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from tikfleet.adapters.sql.sqlite import sqlite_url
from tikfleet.app.schema import migrate

_STARTS: Final = 3
_CHECKINS: Final = 500
_SERVICES: Final = ("s3", "sqs", "dynamodb", "kinesis", "kms")


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
    return {"import": imported - began, "build and first answer": answered - imported}


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


def measured(part: str) -> dict[str, float]:
    """A part in a process of its own, on an empty database."""
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(migrate(sqlite_url(Path(directory) / "tikfleet.sqlite")))
        credentials = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        settings = {"TIKFLEET_DATA": directory, "TIKFLEET_HTTPS_PORT": "0", "TIKFLEET_LOG_LEVEL": "error"}
        unbounded = dict.fromkeys(("CHECKINS_PER_SECOND", "CHECKINS_PER_DEVICE_MINUTE"), "1000000")
        settings |= {f"TIKFLEET_{name}": value for name, value in unbounded.items()}
        command = [sys.executable, "-m", "bench.lambdas", part]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, env=os.environ | credentials | settings
        )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """The best of several starts: the others waited for the machine."""
    best: dict[str, float] = {}
    for part in ("start", "clients"):
        for _ in range(_STARTS):
            for name, seconds in measured(part).items():
                best[name] = min(best.get(name, seconds), seconds)
    for name, seconds in best.items():
        print(f"{name:40} {seconds * 1000:8.0f} ms of CPU")
    for name, rate in measured("checkins").items():
        print(f"{name:40} {rate:8.0f}")


if __name__ == "__main__":
    parts = {"start": start, "clients": clients, "checkins": checkins}
    if len(sys.argv) > 1:
        print(json.dumps(parts[sys.argv[1]]()))
    else:
        main()
