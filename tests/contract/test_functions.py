"""The functions of AWS Lambda as the runtime calls them: one after the other, on services that answer over HTTP."""

import base64
import itertools
import json
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.contract.clouds import ON_AWS, MiniStack
from tests.contract.servers import ClickHouseServer
from tikfleet.app.cloud.traffic import MEASURED
from tikfleet.app.lambdas.sweeps import SWEEPS
from tikfleet.app.lambdas.translation import answered
from tikfleet.domains.enrolment.schemas import EnrolmentKeyCreate
from tikfleet.domains.identity.model import Organisation
from tikfleet.domains.identity.repository import add_organisation
from tikfleet.kernel.clock import to_text, utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId, new_id
from tikfleet.kernel.scopes import SYSTEM, OrgScope
from tikfleet.ports.warehouse import Aggregate, FactQuery, Measure

pytestmark = ON_AWS
_ROUTERS, _ROUNDS = 40, 2
NAMES = ("migrate", "http", "consume", "tick", "work")


class Functions:
    """The entry points, and calls of AWS's own to what lies between them."""

    def __init__(self) -> None:
        self._modules = {name: import_module(f"tikfleet.app.lambdas.{name}") for name in NAMES}

    def call(self, name: str, event: dict[str, Any]) -> Any:
        answer = self._modules[name].handler(event, object())
        # What the runtime would send on.
        return json.loads(json.dumps(answer))

    def inside(self, name: str, work: Callable[[Any], Awaitable[Any]]) -> Any:
        """Something done with the objects of a function."""
        return self._modules[name]._function.run(work)

    def end(self) -> None:
        for module in self._modules.values():
            module._function.end()


@pytest.fixture(scope="module")
def functions(
    ministack: MiniStack, postgres_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Functions]:
    directory = tmp_path_factory.mktemp("functions")
    clickhouse = ClickHouseServer(directory / "clickhouse")
    clickhouse.start()
    variables = {
        "DATA": str(directory / "data"),
        "ADAPTERS": "aws",
        "BLOBS_URL": "s3://tikfleet-functions",
        "QUEUE_URL": "sqs://functions",
        "CACHE_URL": "dynamodb://functions-cache",
        "INBOX_URL": "kinesis://functions-inbox",
        "VAULT_URL": "kms://alias/functions",
        "AWS_ENDPOINT": ministack.url,
        "DATABASE_URL": postgres_server.create(f"functions_{new_id('db')}"),
        "WAREHOUSE_URL": f"clickhouse://127.0.0.1:{clickhouse.port}/functions",
        "PUBLIC_URL": "https://fleet.example",
        "HTTPS_PORT": "0",
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in variables.items():
            environment.setenv(f"TIKFLEET_{name}", value)
        made = Functions()
        made.inside("migrate", lambda settings: resources(ministack))
        made.call("migrate", {})
        yield made
        made.end()
    clickhouse.kill()


async def resources(ministack: MiniStack) -> None:
    """What the stack would have made."""
    async with ministack.clients() as clients:
        await (await clients.open("s3")).create_bucket(Bucket="tikfleet-functions")
        await (await clients.open("kinesis")).create_stream(StreamName="functions-inbox", ShardCount=1)
        await (await clients.open("sqs")).create_queue(QueueName="functions-work")
        await (await clients.open("dynamodb")).create_table(
            TableName="functions-cache",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        kms = await clients.open("kms")
        key = (await kms.create_key())["KeyMetadata"]["KeyId"]
        await kms.create_alias(AliasName="alias/functions", TargetKeyId=key)


def by_balancer(method: str, path: str, body: str = "", **headers: str) -> dict[str, Any]:
    seen = {"host": "fleet.example", "x-forwarded-for": "6.6.6.6, 192.0.2.7", "x-forwarded-proto": "https"} | headers
    arn = "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/t/1"
    return {
        "requestContext": {"elb": {"targetGroupArn": arn}},
        "httpMethod": method,
        "path": path,
        "queryStringParameters": {},
        "headers": seen,
        "body": body,
        "isBase64Encoded": False,
    }


def by_address(method: str, path: str, body: bytes = b"", **headers: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "x.lambda-url.eu-central-1.on.aws"} | headers,
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.8"}},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


async def new_key(platform: Any) -> tuple[OrgScope, str]:
    org = OrganisationId(new_id("org"))
    async with platform.infra.database.write() as transaction:
        await add_organisation(transaction, Organisation(org, None, "Acme", to_text(utc_now())))
    scope = OrgScope.only(org)
    return scope, (await platform.keys.create(scope, SYSTEM, EnrolmentKeyCreate("key"))).secret


async def stream_event(ministack: MiniStack) -> dict[str, Any]:
    async with ministack.clients() as clients:
        kinesis = await clients.open("kinesis")
        (shard,) = (await kinesis.list_shards(StreamName="functions-inbox"))["Shards"]
        iterator = await kinesis.get_shard_iterator(
            StreamName="functions-inbox", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        found = (await kinesis.get_records(ShardIterator=iterator["ShardIterator"]))["Records"]
    return {
        "Records": [
            {
                "eventID": f"{shard['ShardId']}:{record['SequenceNumber']}",
                "eventSource": "aws:kinesis",
                "kinesis": {
                    "sequenceNumber": record["SequenceNumber"],
                    "data": base64.b64encode(record["Data"]).decode(),
                },
            }
            for record in found
        ]
    }


async def messages(ministack: MiniStack) -> list[dict[str, Any]]:
    async with ministack.clients() as clients:
        sqs = await clients.open("sqs")
        address = (await sqs.get_queue_url(QueueName="functions-work"))["QueueUrl"]
        found = await sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, VisibilityTimeout=30)
    return [
        {
            "messageId": item["MessageId"],
            "receiptHandle": item["ReceiptHandle"],
            "body": item["Body"],
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSourceARN": "arn:aws:sqs:eu-central-1:1:functions-work",
        }
        for item in found.get("Messages", [])
    ]


def enrolled(functions: Functions) -> tuple[OrgScope, str, dict[str, str]]:
    """A router of a new organisation: its id, and what its requests carry."""
    scope, key = functions.inside("http", new_key)
    about = {"inventory": {"identity": "r1", "serial-number": new_id("sn"), "version": "7.16.2 (stable)"}, "probe": {}}
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    given = json.loads(
        functions.call("http", by_balancer("POST", "/agent/v1/enrol", json.dumps(about), **headers))["body"]
    )
    assert given["ok"], given

    async def only(platform: Any) -> str:
        async with platform.infra.database.read() as transaction:
            rows = await transaction.fetch("select id from device where org_id = :org", org=scope.org_id)
        return str(rows[0][0])

    return scope, functions.inside("http", only), {"authorization": f"Bearer {given['token']}"}


def test_a_check_in_goes_from_the_balancer_through_the_stream_into_history_once(
    functions: Functions, ministack: MiniStack
) -> None:
    assert functions.call("migrate", {})["warehouse"].startswith("ClickHouse")
    assert functions.call("migrate", {})["database"] >= "0015"
    assert functions.call("http", by_balancer("GET", "/livez"))["statusCode"] == 200

    scope, _, token = enrolled(functions)
    json_type = {"content-type": "application/json"}
    for seq in (1, 2, 3):
        report = {"v": "1", "agent": "1.1.0/A", "boot": "b1", "seq": str(seq), "uptime": "1h", "cpu-load": "7"}
        body = json.dumps(report).encode()
        said = functions.call("http", by_address("POST", "/agent/v1/checkin", body, **token, **json_type))
        assert (said["statusCode"], json.loads(said["body"])["ok"]) == (200, True)

    event = functions.inside("migrate", lambda settings: stream_event(ministack))
    assert len(event["Records"]) == 3
    # Twice, as AWS may, and cut otherwise.
    for records in (event["Records"][:2], event["Records"], event["Records"]):
        assert functions.call("consume", {"Records": records}) == {"batchItemFailures": []}

    async def history(platform: Any) -> list[Any]:
        query = FactQuery("site_checkins", (Measure("rows", Aggregate.COUNT),), 0, 2**42)
        return list((await platform.infra.warehouse.select(scope, query)).rows)

    assert [list(row) for row in functions.inside("http", history)] == [[3]]


def test_a_router_is_told_of_live_mode_that_another_process_wants(functions: Functions) -> None:
    _, device, token = enrolled(functions)

    async def wanted(platform: Any) -> None:
        platform.live.want(DeviceId(device))

    functions.inside("work", wanted)
    ends_at = time.monotonic() + 30
    said: dict[str, Any] = {}
    for seq in itertools.count(1):
        report = {"v": "1", "agent": "1.1.0/A", "boot": "b1", "seq": str(seq), "uptime": "1h"}
        headers = token | {"content-type": "application/json"}
        said = json.loads(
            functions.call("http", by_balancer("POST", "/agent/v1/checkin", json.dumps(report), **headers))["body"]
        )
        if said.get("live") or time.monotonic() > ends_at:
            break
        time.sleep(0.1)
    assert said["live"] > 250


def test_what_comes_due_is_sent_each_minute_and_worked_on(functions: Functions, ministack: MiniStack) -> None:
    sent = functions.call("tick", {"time": "2026-01-01T00:00:00Z"})["sent"]
    assert sent >= sum(len(sweep.delays_s(1)) for sweep in SWEEPS.values())
    records = functions.inside("migrate", lambda settings: messages(ministack))
    assert records
    foreign = {**records[0], "messageId": "foreign", "body": "not of our form"}
    unknown = {**records[0], "messageId": "unknown", "body": "1" + base64.b64encode(b"format the disk").decode()}

    answer = functions.call("work", {"Records": [foreign, *records, unknown]})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "foreign"}, {"itemIdentifier": "unknown"}]}


def test_all_functions_sign_with_one_key(functions: Functions, ministack: MiniStack, tmp_path: Path) -> None:
    def key_id(name: str) -> Any:
        async def ask(platform: Any) -> str:
            return str(platform.infra.signer.key_id)

        return functions.inside(name, ask)

    assert key_id("http") == key_id("work")
    sealed = urllib.request.urlopen(f"{ministack.url}/tikfleet-functions/platform/keys/job-signing").read()
    assert b"PRIVATE" not in sealed


def reported(functions: Functions, tokens: list[dict[str, str]], seq: int) -> None:
    report = {"v": "1", "agent": "1.1.0/A", "boot": "b1", "seq": str(seq), "uptime": f"{seq}m", "cpu-load": str(seq)}
    for token in tokens:
        headers = token | {"content-type": "application/json"}
        said = functions.call("http", by_balancer("POST", "/agent/v1/checkin", json.dumps(report), **headers))
        assert said["statusCode"] == 200, said


async def calls_of(platform: Any) -> list[tuple[str, str]]:
    """From now on, which operation of which service the platform's clients call."""
    seen: list[tuple[str, str]] = []
    for name, client in platform.infra.cache._dynamodb._clients._open.items():

        def note(params: Any, model: Any, *, service: str = name, **_: Any) -> None:
            seen.append((service, model.name))

        client.meta.events.register("before-call", note)
    return seen


async def written(platform: Any) -> int:
    """How far PostgreSQL's log is, in bytes."""
    async with platform.infra.database.read() as transaction:
        return int((await transaction.fetch("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"))[0][0])


def test_a_check_in_is_one_call_to_the_stream_and_a_short_line_in_the_databases_log(
    functions: Functions, ministack: MiniStack
) -> None:
    tokens = [enrolled(functions)[2] for _ in range(_ROUTERS)]
    reported(functions, tokens, 1)
    seen = functions.inside("http", calls_of)

    for seq in range(2, 2 + _ROUNDS):
        reported(functions, tokens, seq)

    assert seen == [("kinesis", "PutRecords")] * int(_ROUTERS * _ROUNDS * MEASURED.stream_calls)
    records = functions.inside("migrate", lambda settings: stream_event(ministack))["Records"][-_ROUTERS:]
    before = functions.inside("http", written)
    assert functions.call("consume", {"Records": records}) == {"batchItemFailures": []}
    each = (functions.inside("http", written) - before) / _ROUTERS
    # A page that is written for the first time since PostgreSQL's checkpoint goes whole into the log: not so in Aurora.
    assert each < MEASURED.state_log_bytes * 3


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An application that says what it was asked."""
    body = (await receive())["body"]
    said = [scope["method"], scope["path"], scope["query_string"].decode(), scope["client"][0], scope["scheme"]]
    headers = [(b"content-type", b"x/y"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b"|" + body})


async def test_a_request_is_what_the_balancer_says_and_the_client_whom_it_saw() -> None:
    event = by_balancer("POST", "/a%20b/\xe4", "text") | {"queryStringParameters": {"q": "a%26b+c", "x": ""}}
    answer = await answered(echo, event)
    said, _, body = answer["body"].rpartition("|")
    assert json.loads(said) == ["POST", "/a b/ä", "q=a%26b+c&x=", "192.0.2.7", "https"]
    assert (body, answer["statusCode"], answer["isBase64Encoded"]) == ("text", 201, False)


async def test_several_headers_of_a_name_come_and_go_as_several() -> None:
    event = by_balancer("GET", "/")
    several = {name: [value] for name, value in event.pop("headers").items()}
    answer = await answered(echo, event | {"multiValueHeaders": several})
    assert answer["multiValueHeaders"]["set-cookie"] == ["a=1", "b=2"]
    assert (await answered(echo, by_address("GET", "/")))["cookies"] == ["a=1", "b=2"]


async def test_bytes_that_are_no_text_travel_both_ways() -> None:
    answer = await answered(echo, by_address("PUT", "/", b"\xff\x00"))
    assert answer["isBase64Encoded"]
    assert base64.b64decode(answer["body"]).endswith(b"|\xff\x00")


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"httpMethod": "GET"}])
async def test_an_event_that_is_no_request_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no request"):
        await answered(echo, event)
