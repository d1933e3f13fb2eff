"""A router's check-in goes the whole way through the synthesised stack: balancer, function, stream, history, question.

The stack stands in MiniStack, functions run as its processes. Two things are others: PostgreSQL stands for Aurora, and
the engine behind ClickHouse's protocol for the telemetry's server, which the stack does not make.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.contract.clouds import ACCESS_KEY, SECRET_KEY, MiniStack
from tests.contract.servers import ClickHouseServer
from tikfleet.adapters.aws.clients import Clients
from tikfleet.adapters.postgres.database import PostgresDatabase
from tikfleet.app.cloud.assembly import Assembly
from tikfleet.app.cloud.installation import Installation
from tikfleet.domains.identity import credential_repository as credentials
from tikfleet.kernel.secrets import digest

from .test_stack_stands import known

_PATIENCE_S = 120.0
_TOKEN = "tfs_" + "0" * 43
OWNER = {"organisation": "Acme", "email": "ada@acme.example", "name": "Ada", "password": "twelve monkeys ride"}


def placed(assembly: Assembly, settings: dict[str, str]) -> Assembly:
    """The stack whose functions find what MiniStack has nothing for. The password stays where the stack put it."""
    resources = assembly.template["Resources"]
    (secret,) = (name for name in resources if name.startswith("KeptSettings"))
    for made in resources.values():
        if made["Type"] == "AWS::Lambda::Function":
            variables = made["Properties"]["Environment"]["Variables"]
            variables |= {**settings, "TIKFLEET_AWS_SECRETS": {"Ref": secret}}
    return assembly


@pytest.fixture(scope="module")
def balancer(postgres_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client that speaks to the balancer of the deployed stack."""
    if missing := MiniStack.missing():
        pytest.skip(f"{missing}: the stack is not deployed")
    home = tmp_path_factory.mktemp("carries")
    database = postgres_server.create(f"carries_{time.monotonic_ns()}")
    clickhouse = ClickHouseServer(home / "clickhouse")
    credentials_of_aws = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            **credentials_of_aws,
            "AWS_EC2_METADATA_DISABLED": "true",
            "MINISTACK_REGION": "eu-central-1",
        }.items():
            environment.setenv(name, value)
        (home / "ministack").mkdir()
        ministack = MiniStack(home / "ministack", "running")
        try:
            clickhouse.start()
            settings = {
                "TIKFLEET_DATABASE_URL": database,
                "TIKFLEET_WAREHOUSE_URL": f"clickhouse://127.0.0.1:{clickhouse.port}/carries",
                "TIKFLEET_AWS_ENDPOINT": ministack.url,
                "TIKFLEET_DATA": str(home / "data"),
            }
            path = asyncio.run(_deployed(ministack, settings, database))
            with httpx.Client(base_url=ministack.url + path, timeout=_PATIENCE_S) as client:
                yield client
        finally:
            ministack.kill()
            clickhouse.kill()


async def _deployed(ministack: MiniStack, settings: dict[str, str], database: str) -> str:
    async with ministack.clients() as clients:
        assembly = placed(known(with_migration=True), settings)
        standing = await Installation(clients, "tikfleet", print, look_again_s=0.05).deploy(assembly)
        balancers = (await (await clients.open("elbv2")).describe_load_balancers())["LoadBalancers"]
        await _registered(clients)
    assert standing.status == "CREATE_COMPLETE"
    (balancer,) = (found for found in balancers if found["DNSName"] == standing.outputs["Address"])
    # What the container prints for the first owner: only its hash is kept.
    opened = PostgresDatabase(database)
    async with opened.write() as transaction:
        await credentials.write_setup(transaction, digest(_TOKEN), None)
    await opened.close()
    # By names of hosts MiniStack serves buckets first; this is its other way to a balancer.
    return f"/_alb/{balancer['LoadBalancerName']}"


async def _registered(clients: Clients) -> None:
    """The function behind the balancer, which the template says and MiniStack's CloudFormation forgets."""
    balancing, functions = await clients.open("elbv2"), await clients.open("lambda")
    (group,) = (
        group["TargetGroupArn"]
        for group in (await balancing.describe_target_groups())["TargetGroups"]
        if group["TargetType"] == "lambda"
    )
    (function,) = (
        function["FunctionArn"]
        for function in (await functions.list_functions())["Functions"]
        if function["Handler"].endswith(".http.handler")
    )
    alias = await functions.get_alias(FunctionName=function, Name="live")
    await balancing.register_targets(TargetGroupArn=group, Targets=[{"Id": alias["AliasArn"]}])


def until(ask: Callable[[], Any]) -> Any:
    ends_at = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends_at:
        if answer := ask():
            return answer
        time.sleep(0.2)
    raise AssertionError("it never came")


def numbers(value: Any) -> Iterator[float]:
    """Every number of a document."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, int | float):
        yield value


def test_a_check_in_goes_from_the_balancer_to_an_answered_question(balancer: httpx.Client) -> None:
    made = balancer.post("/api/v1/setup", json={"token": _TOKEN, **OWNER})
    assert made.status_code in {200, 201}, made.text
    owner = {"X-CSRF-Token": made.json()["csrf_token"], "Cookie": made.headers["set-cookie"].partition(";")[0]}
    key = balancer.post("/api/v1/enrolment-keys", json={"name": "here"}, headers=owner).json()["secret"]
    about = {"inventory": {"identity": "r1", "serial-number": "S1", "version": "7.16.2 (stable)"}, "probe": {}}
    enrolled = balancer.post("/agent/v1/enrol", json=about, headers={"Authorization": f"Bearer {key}"}).json()
    token = {"Authorization": f"Bearer {enrolled['token']}"}

    for seq in (1, 2):
        report = {"v": "1", "agent": "1.1.0/A", "boot": "b1", "seq": str(seq), "uptime": "1h", "cpu-load": "42"}
        said = balancer.post("/agent/v1/checkin", json=report, headers=token)
        assert (said.status_code, said.json()["ok"]) == (200, True)

    def shown() -> Any:
        (device,) = balancer.get("/api/v1/devices", headers=owner).json()["items"]
        return device if device["status"] == "online" else None

    def asked() -> list[float]:
        query = {"metric": "cpu_load", "last": "1h", "device_id": device["id"]}
        answer = balancer.get("/api/v1/telemetry/series", params=query, headers=owner)
        assert answer.status_code == 200, answer.text
        return [number for number in numbers(answer.json()) if number == 42]

    device = until(shown)
    assert until(asked)
    assert balancer.get("/metrics").status_code == 404
