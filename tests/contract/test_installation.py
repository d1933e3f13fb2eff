"""`tikfleet deploy aws` against MiniStack: a small stack in place of the whole one, by the same way."""

import asyncio
import base64
import json
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from tests.contract.clouds import ON_AWS, MiniStack
from tikfleet.adapters.aws.clients import Clients
from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.sqs.queue import SqsQueue
from tikfleet.app.cloud.assembly import Assembly, StackUnbuilt, read_assembly
from tikfleet.app.cloud.command import app
from tikfleet.app.cloud.erasing import Eraser
from tikfleet.app.cloud.installation import Installation, NothingThere
from tikfleet.app.cloud.stacks import DeploymentFailed

pytestmark = ON_AWS


def written(directory: Path, name: str, **more: dict[str, Any]) -> Path:
    """What CDK would write: a queue, a table and a bucket that are kept, and a package."""
    directory.mkdir()
    package = directory / "asset.0123"
    package.mkdir()
    (package / "handler.py").write_text("def handler(event, context): return event\n")
    table = {
        "TableName": f"{name}-cache",
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    resources = {
        "Work": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{name}-work"}},
        "Cache": {"Type": "AWS::DynamoDB::Table", "Properties": table, "DeletionPolicy": "Retain"},
        "Objects": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketName": f"{name}-objects"},
            "DeletionPolicy": "Retain",
        },
        **more,
    }
    outputs = {"Address": {"Value": f"{name}.example.com"}}
    (directory / f"{name}.template.json").write_text(json.dumps({"Resources": resources, "Outputs": outputs}))
    asset = {
        "source": {"path": "asset.0123", "packaging": "zip"},
        "destinations": {"here": {"bucketName": "x", "objectKey": "0123.zip"}},
    }
    own = {
        "source": {"path": f"{name}.template.json", "packaging": "file"},
        "destinations": {"here": {"bucketName": "x", "objectKey": "t.json"}},
    }
    (directory / f"{name}.assets.json").write_text(json.dumps({"files": {"a": asset, "t": own}}))
    return directory


def queue(name: str) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}


@pytest_asyncio.fixture
async def clients(ministack: MiniStack) -> AsyncIterator[Clients]:
    async with ministack.clients() as made:
        yield made


async def queues(clients: Clients, name: str) -> set[str]:
    sqs = await clients.open("sqs")
    answer = await sqs.list_queues(QueueNamePrefix=name)
    return {address.rpartition("/")[2] for address in answer.get("QueueUrls", [])}


def first_and_second(tmp_path: Path, name: str) -> tuple[Assembly, Assembly]:
    first = read_assembly(written(tmp_path / "first", name), name)
    return first, read_assembly(written(tmp_path / "second", name, More=queue(f"{name}-more")), name)


async def test_it_is_made_changed_and_taken_back(clients: Clients, tmp_path: Path) -> None:
    told: list[str] = []
    installation = Installation(clients, "there", told.append, look_again_s=0.05)
    first, second = first_and_second(tmp_path, "there")

    made = await installation.deploy(first)
    assert (made.status, made.outputs["Address"]) == ("CREATE_COMPLETE", "there.example.com")
    changed = await installation.deploy(second)
    assert changed.status == "UPDATE_COMPLETE"
    assert await queues(clients, "there") == {"there-work", "there-more"}

    found = await installation.status()
    assert [name[:6] for name in found.templates] == ["000001", "000002"]
    assert found.standing.template == found.templates[-1]

    back = await installation.rollback()
    assert back.template == found.templates[0]
    assert await queues(clients, "there") == {"there-work"}
    with pytest.raises(NothingThere, match="first template"):
        await installation.rollback()
    assert any("there-deploy-" in line for line in told)


async def test_packages_are_in_the_bucket_before_the_stack_wants_them(clients: Clients, tmp_path: Path) -> None:
    installation = Installation(clients, "packed", print, look_again_s=0.05)
    await installation.deploy(read_assembly(written(tmp_path / "out", "packed"), "packed"))

    s3 = await clients.open("s3")
    bucket = next(
        item["Name"] for item in (await s3.list_buckets())["Buckets"] if item["Name"].startswith("packed-dep")
    )
    body = await (await s3.get_object(Bucket=bucket, Key="0123.zip"))["Body"].read()
    assert zipfile.ZipFile(BytesIO(body)).namelist() == ["handler.py"]
    closed = (await s3.get_public_access_block(Bucket=bucket))["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}


async def test_what_the_template_keeps_is_named_when_the_stack_goes(clients: Clients, tmp_path: Path) -> None:
    """That it stays is CloudFormation's doing: MiniStack reads no DeletionPolicy, and takes it away."""
    installation = Installation(clients, "gone", print, look_again_s=0.05)
    await installation.deploy(read_assembly(written(tmp_path / "out", "gone"), "gone"))

    kept = await installation.destroy()

    assert sorted(kept) == [("AWS::DynamoDB::Table", "gone-cache"), ("AWS::S3::Bucket", "gone-objects")]
    assert await queues(clients, "gone") == set()
    with pytest.raises(NothingThere):
        await installation.destroy()


async def test_what_was_kept_goes_when_it_is_said_twice(clients: Clients) -> None:
    s3, dynamodb = await clients.open("s3"), await clients.open("dynamodb")
    await s3.create_bucket(Bucket="kept-objects")
    await s3.put_bucket_versioning(Bucket="kept-objects", VersioningConfiguration={"Status": "Enabled"})
    for text in (b"/ip address", b"/ip address again"):
        await s3.put_object(Bucket="kept-objects", Key="an export", Body=text)
    keys = [{"AttributeName": "k", "KeyType": "HASH"}]
    types = [{"AttributeName": "k", "AttributeType": "S"}]
    await dynamodb.create_table(
        TableName="kept-cache", KeySchema=keys, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST"
    )
    kept = [("AWS::S3::Bucket", "kept-objects"), ("AWS::DynamoDB::Table", "kept-cache"), ("AWS::SNS::Topic", "t")]

    left = await Eraser(clients, "kept", print).erase([*kept, ("AWS::S3::Bucket", "never-was")])

    assert left == [("AWS::SNS::Topic", "t")]
    assert "kept-cache" not in (await dynamodb.list_tables())["TableNames"]
    assert "kept-objects" not in {item["Name"] for item in (await s3.list_buckets())["Buckets"]}


async def test_a_template_that_cannot_be_fails_and_the_next_attempt_goes_through(
    clients: Clients, tmp_path: Path
) -> None:
    installation = Installation(clients, "halfway", print, look_again_s=0.05)
    wrong = {"Type": "AWS::WAFv2::WebACLAssociation", "Properties": {"ResourceArn": "x", "WebACLArn": "y"}}

    with pytest.raises(DeploymentFailed):
        await installation.deploy(read_assembly(written(tmp_path / "bad", "halfway", Wrong=wrong), "halfway"))
    standing = await installation.deploy(read_assembly(written(tmp_path / "good", "halfway"), "halfway"))

    assert standing.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def test_a_directory_without_a_stack_is_told(tmp_path: Path) -> None:
    with pytest.raises(StackUnbuilt, match="holds no stack"):
        read_assembly(tmp_path, "absent")


def test_the_same_files_make_the_same_package(tmp_path: Path) -> None:
    one = read_assembly(written(tmp_path / "one", "same"), "same")
    other = read_assembly(written(tmp_path / "other", "same"), "same")

    assert one.files[0].content() == other.files[0].content()
    assert one.digest == other.digest


def test_the_command_goes_the_whole_way(ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = written(tmp_path / "out", "commanded")
    choices = tmp_path / "tikfleet-aws.toml"
    choices.write_text('name = "commanded"\nregion = "eu-west-1"\n')
    monkeypatch.setenv("TIKFLEET_AWS_ENDPOINT", ministack.url)

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["aws", *arguments, "--choices", str(choices)])
        assert done.exit_code == code, done.output
        return done.output

    assert "What runs now was not asked, or nothing does." in run("--plan", "--assembled", str(out))
    assert "CREATE_COMPLETE" in run("--assembled", str(out))
    planned = run("--plan", "--assembled", str(out))
    assert "0 resources would be made" in planned
    assert "0 would be changed." in planned
    assert "A million check-ins" in planned
    assert "* 000001-" in run("status")
    assert "not its name" in run("destroy", "--yes", "another", code=1)
    assert "AWS::DynamoDB::Table commanded-cache" in run("destroy", "--yes", "commanded")
    assert "not there" in run("status")
    assert "domain is not chosen" in run(code=1)


async def given_up(ministack: MiniStack) -> None:
    """Two pieces of work among the dead, and a call that Lambda gave up."""
    async with ministack.clients() as clients:
        await SqsQueue(clients, "lettered", MemoryCache()).prepare(["work", "failures"])
        sqs = await clients.open("sqs")
        letters = [("work", "1" + base64.b64encode(text).decode()) for text in (b"offline", b"jobs\x1b[2J")]
        for queue, body in [*letters, ("failures", '{"requestContext": {"condition": "RetriesExhausted"}}')]:
            address = (await sqs.get_queue_url(QueueName=f"lettered-{queue}-dead"))["QueueUrl"]
            await sqs.send_message(QueueUrl=address, MessageBody=body)


async def waiting(ministack: MiniStack) -> list[bytes]:
    async with ministack.clients() as clients:
        messages = await SqsQueue(clients, "lettered", MemoryCache()).take("work", 10, 60)
    return sorted(message.body for message in messages)


def test_dead_letters_are_looked_at_and_done_again(
    ministack: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(given_up(ministack))
    choices = tmp_path / "tikfleet-aws.toml"
    choices.write_text('name = "lettered"\nregion = "eu-central-1"\n')
    monkeypatch.setenv("TIKFLEET_AWS_ENDPOINT", ministack.url)

    def run(*arguments: str) -> list[str]:
        done = CliRunner().invoke(app, ["aws", "letters", *arguments, "--choices", str(choices)])
        assert done.exit_code == 0, done.output
        ministack.advance(5)
        return done.output.splitlines()

    shown = run()
    assert [line.split()[0] for line in shown] == ["work", "work", "failures"]
    assert {line.split()[2] for line in shown[:2]} == {"offline", "jobs"}
    assert "\x1b" not in "".join(shown)
    assert "RetriesExhausted" in shown[2]
    assert run("--replay") == ["2 messages wait to be worked on again."]
    assert asyncio.run(waiting(ministack)) == [b"jobs\x1b[2J", b"offline"]
    assert [line.split()[0] for line in run()] == ["failures"]
