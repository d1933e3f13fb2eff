"""Which services of AWS the settings name, and that nothing of AWS is loaded where they name none."""

import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from tikfleet.adapters.aws.clients import DriverMissing
from tikfleet.adapters.dynamodb.cache import DynamoCache
from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.files.vault import FileVault
from tikfleet.adapters.kinesis.inbox import KinesisInbox
from tikfleet.adapters.kms.vault import KmsVault
from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.s3.blobs import S3Blobs
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.adapters.sqlite.queue import SqliteQueue
from tikfleet.adapters.sqs.queue import SqsQueue
from tikfleet.app.clouds import Clouds, aws_place, bucket_of
from tikfleet.app.processes.place import Place, Role
from tikfleet.app.settings import SettingsWrong, load_settings


def kinds(clouds: Clouds) -> list[type]:
    cache = clouds.cache()
    return [type(part) for part in (clouds.blobs(), clouds.queue(cache), cache, clouds.vault())]


async def test_each_part_stands_where_its_setting_says_and_the_others_stay(tmp_path: Path) -> None:
    data = {"TIKFLEET_DATA": str(tmp_path)}
    async with AsyncExitStack() as stack:
        assert kinds(Clouds(load_settings(data), stack)) == [FileBlobs, SqliteQueue, MemoryCache, FileVault]
        alone = load_settings(data | {"TIKFLEET_BLOBS_URL": "s3://bucket/below"})
        assert kinds(Clouds(alone, stack)) == [S3Blobs, SqliteQueue, MemoryCache, FileVault]
        named = load_settings(data | {"TIKFLEET_ADAPTERS": "aws", "TIKFLEET_BLOBS_URL": "s3://bucket"})
        assert kinds(Clouds(named, stack)) == [S3Blobs, SqsQueue, DynamoCache, KmsVault]


async def test_a_worker_beside_functions_does_not_read_the_stream(tmp_path: Path) -> None:
    """Reading begins with calls to AWS, which nobody answers here: so nothing has begun."""
    variables = {"DATA": str(tmp_path), "INBOX_URL": "kinesis://stream", "AWS_ENDPOINT": "http://127.0.0.1:9"}
    settings = load_settings({f"TIKFLEET_{name}": value for name, value in variables.items()})
    worker = Place(Role.WORKER, "worker")
    async with AsyncExitStack() as stack:
        database = SqliteDatabase(tmp_path / "tikfleet.sqlite")
        stack.push_async_callback(database.close)
        beside = msgspec.structs.replace(settings, beside_functions=True)

        assert isinstance(await Clouds(beside, stack).inbox(worker, database), KinesisInbox)


def test_the_named_set_has_usual_names_which_a_setting_of_its_own_replaces() -> None:
    variables = {
        "TIKFLEET_ADAPTERS": "aws",
        "TIKFLEET_BLOBS_URL": "s3://bucket/",
        "TIKFLEET_CACHE_URL": "dynamodb://own",
    }
    cloud = load_settings(variables).cloud
    assert (cloud.blobs, cloud.queue, cloud.cache) == ("bucket", "tikfleet", "own")
    assert (cloud.inbox, cloud.vault) == ("tikfleet-inbox", "alias/tikfleet")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ADAPTERS": "aws"}, "needs blobs_url"),
        ({"ADAPTERS": "gcp"}, "adapters"),
        ({"BLOBS_URL": "s3://B"}, "s3://bucket/prefix"),
        ({"BLOBS_URL": "s3://bucket/../other"}, "s3://bucket/prefix"),
        ({"BLOBS_URL": "file:///etc"}, "s3://bucket/prefix"),
        ({"QUEUE_URL": "sqs://a/b"}, "sqs://prefix"),
        ({"CACHE_URL": "dynamodb://"}, "dynamodb://table"),
        ({"INBOX_URL": "kinesis://a b"}, "kinesis://stream"),
        ({"VAULT_URL": "kms://"}, "kms://key"),
        ({"S3_ENDPOINT": "127.0.0.1:9000"}, "s3_endpoint"),
        ({"S3_ENCRYPTION": "rot13"}, "s3_encryption"),
    ],
)
def test_an_address_of_another_form_is_refused_in_a_sentence(variables: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsWrong, match=said):
        load_settings({f"TIKFLEET_{name}": value for name, value in variables.items()})


def test_encryption_is_asked_of_aws_and_of_no_other_store_unless_it_is_set() -> None:
    asked = [
        bucket_of(load_settings({f"TIKFLEET_{name}": value for name, value in variables.items()}), "bucket/a/b")
        for variables in (
            {},
            {"S3_ENDPOINT": "http://h"},
            {"S3_ENCRYPTION": "none"},
            {"S3_ENCRYPTION": "aws:kms:k/1"},
        )
    ]
    assert [bucket.encryption for bucket in asked] == ["AES256", "", "", "aws:kms:k/1"]
    assert {(bucket.name, bucket.prefix) for bucket in asked} == {("bucket", "a/b")}


def test_the_region_is_the_setting_or_what_functions_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert aws_place(load_settings({})).region == "eu-north-1"
    assert aws_place(load_settings({"TIKFLEET_AWS_REGION": "eu-west-1"})).region == "eu-west-1"


async def test_a_missing_driver_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "aiobotocore.session", None)
    settings = load_settings({"TIKFLEET_DATA": str(tmp_path), "TIKFLEET_CACHE_URL": "dynamodb://table"})
    async with AsyncExitStack() as stack:
        with pytest.raises(DriverMissing) as refusal:
            Clouds(settings, stack)
    assert "pip install 'tikfleet[aws]'" in refusal.value.advice


def test_the_embedded_platform_loads_nothing_of_aws() -> None:
    program = (
        "import sys, tikfleet.app.compose; print([n for n in sys.modules if n.startswith(('aiob', 'boto', 'aioh'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
