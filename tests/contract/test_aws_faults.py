"""What AWS does on bad days, made to happen between the driver and the server: no emulator throttles."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiobotocore.awsrequest import AioAWSResponse

from tests.contract.clouds import ON_AWS, MiniStack, SeaweedFs
from tikfleet.adapters.aws.clients import AwsPlace, Clients, CloudUnavailable, load_driver
from tikfleet.adapters.dynamodb.cache import DynamoCache
from tikfleet.adapters.kms.vault import KmsVault
from tikfleet.adapters.s3.blobs import S3Blobs
from tikfleet.adapters.sqs.queue import SqsQueue
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.ports.blobs import BlobsUnavailable
from tikfleet.ports.vault import VaultUnavailable

pytestmark = ON_AWS
ACME = OrganisationId("org_acme")


class Raw:
    """The content of an answer that no server gave."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def read(self) -> bytes:
        return self._content


class Faults:
    """Answers in a service's place while a test says so. `seen` counts what would have gone out."""

    def __init__(self) -> None:
        self.status, self.body, self.times, self.seen = 400, b"", 0, 0
        self.headers: list[dict[str, str]] = []

    async def stand_before(self, clients: Clients, service: str, operation: str) -> None:
        client = await clients.open(service)
        client.meta.events.register_first(f"before-send.{service}.{operation}", self)

    def answer(self, code: str, times: int, status: int = 400) -> None:
        self.status, self.times, self.seen = status, times, 0
        self.body = b'{"__type":"%s","message":"no"}' % code.encode() if code else b""

    def __call__(self, request: Any, **_: Any) -> AioAWSResponse | None:
        self.seen += 1
        self.headers.append({name: str(value) for name, value in request.headers.items()})
        if self.times <= 0:
            return None
        self.times -= 1
        headers = {"content-type": "application/x-amz-json-1.0"}
        return AioAWSResponse(request.url, self.status, headers, Raw(self.body))


@pytest.fixture
async def clients(ministack: MiniStack) -> AsyncIterator[Clients]:
    async with ministack.clients() as made:
        yield made


async def test_a_throttled_call_is_tried_again_and_then_told_with_a_time(
    clients: Clients, ministack: MiniStack
) -> None:
    cache, faults = DynamoCache(clients, await ministack.table(clients)), Faults()
    await faults.stand_before(clients, "dynamodb", "PutItem")
    faults.answer("ProvisionedThroughputExceededException", times=1)
    await cache.put("a", b"1", 60)
    assert faults.seen == 2

    faults.answer("ProvisionedThroughputExceededException", times=99)
    with pytest.raises(CloudUnavailable, match="takes no more at the moment") as raised:
        await cache.put("a", b"2", 60)
    assert raised.value.retry_after_s
    assert faults.seen == 3
    assert await cache.get("a") == b"1"


@pytest.mark.parametrize(
    ("code", "said", "advice"),
    [
        ("AccessDeniedException", "does not permit send_message", "permissions"),
        ("UnrecognizedClientException", "refuses the credentials", "credentials"),
        ("InternalFailure", "answered InternalFailure", "Try again"),
    ],
)
async def test_a_refusal_says_what_to_do(
    clients: Clients, ministack: MiniStack, code: str, said: str, advice: str
) -> None:
    queue, faults = SqsQueue(clients, new_id("q"), DynamoCache(clients, await ministack.table(clients))), Faults()
    await queue.prepare(["mail"])
    await faults.stand_before(clients, "sqs", "SendMessage")
    faults.answer(code, times=99)
    with pytest.raises(CloudUnavailable, match=said) as raised:
        await queue.send("mail", b"m", dedupe_key="k")
    assert advice in raised.value.advice

    # The key of a message that did not go out silences nobody.
    faults.times = 0
    await queue.send("mail", b"m", dedupe_key="k")
    assert len(await queue.take("mail", 9, 60)) == 1


async def test_a_queue_that_is_not_there_is_named(clients: Clients, ministack: MiniStack) -> None:
    queue = SqsQueue(clients, "nobody", DynamoCache(clients, await ministack.table(clients)))
    with pytest.raises(CloudUnavailable, match="there is no queue nobody-mail"):
        await queue.send("mail", b"m")
    assert await queue.take("mail", 9, 60) == []
    assert await queue.dead("mail", 9) == []


async def test_what_was_put_into_a_queue_by_others_ends_among_the_dead(clients: Clients, ministack: MiniStack) -> None:
    prefix = new_id("q")
    queue = SqsQueue(clients, prefix, DynamoCache(clients, await ministack.table(clients)))
    await queue.prepare(["mail"])
    sqs = await clients.open("sqs")
    address = (await sqs.get_queue_url(QueueName=f"{prefix}-mail"))["QueueUrl"]
    await sqs.send_message(QueueUrl=address, MessageBody="not of our form")
    await queue.send("mail", b"ours")

    [ours] = await queue.take("mail", 9, 60)
    assert ours.body == b"ours"
    await queue.done(ours)
    for _ in range(5):
        ministack.advance(61)
        await queue.take("mail", 9, 60)
    [dead] = await queue.dead("mail", 9)
    assert dead.body == b"not of our form"


async def test_open_keys_are_kept_and_no_longer_than_an_hour(clients: Clients) -> None:
    made = await (await clients.open("kms")).create_key()
    now_s, faults = 1000.0, Faults()
    vault = KmsVault(clients, made["KeyMetadata"]["KeyId"], lambda: now_s)
    await faults.stand_before(clients, "kms", "*")
    sealed = [await vault.seal(ACME, "p", b"secret") for _ in range(20)]
    for value in sealed:
        assert await vault.open(ACME, "p", value) == b"secret"
    assert faults.seen == 1

    now_s += 3601
    assert await vault.open(ACME, "p", sealed[0]) == b"secret"
    await vault.seal(ACME, "p", b"secret")
    assert faults.seen == 3


async def test_a_vault_whose_keeper_is_away_says_so_and_calls_no_seal_broken(clients: Clients) -> None:
    made = await (await clients.open("kms")).create_key()
    faults, key = Faults(), made["KeyMetadata"]["KeyId"]
    sealed = await KmsVault(clients, key).seal(ACME, "p", b"secret")
    await faults.stand_before(clients, "kms", "*")
    faults.answer("KMSInternalException", times=99, status=500)
    with pytest.raises(VaultUnavailable):
        await KmsVault(clients, key).open(ACME, "p", sealed)
    with pytest.raises(VaultUnavailable):
        await KmsVault(clients, key).seal(ACME, "p", b"secret")


async def test_a_service_that_is_not_there_is_unavailable(aws_credentials: None, free_port: Callable[[], int]) -> None:
    clients = Clients(AwsPlace(endpoint=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(CloudUnavailable, match="dynamodb does not answer"):
        await DynamoCache(clients, "table").get("k")
    await clients.close()


async def test_without_credentials_it_says_where_they_come_from(
    monkeypatch: pytest.MonkeyPatch, aws_credentials: None, free_port: Callable[[], int]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    clients = Clients(AwsPlace(endpoint=f"http://127.0.0.1:{free_port()}"), load_driver().get_session())
    with pytest.raises(CloudUnavailable, match="there are no credentials for AWS"):
        await DynamoCache(clients, "table").get("k")
    await clients.close()


async def test_a_store_refuses_a_signature_that_is_wrong(seaweedfs: SeaweedFs, monkeypatch: pytest.MonkeyPatch) -> None:
    async with seaweedfs.clients() as clients:
        bucket = await seaweedfs.bucket(clients)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2-is-wrong")
    foreign = Clients(AwsPlace(endpoints={"s3": seaweedfs.url}), load_driver().get_session())
    with pytest.raises(BlobsUnavailable, match="refuses the credentials") as refusal:
        await S3Blobs(foreign, bucket).put("org_acme/x", b"x")
    assert "hunter2" not in f"{refusal.value!r} {refusal.value.__cause__!r}"
    await foreign.close()


async def test_a_large_object_goes_in_parts_and_appears_whole_or_not_at_all(seaweedfs: SeaweedFs) -> None:
    content, faults = bytes(range(256)) * (12 << 12), Faults()
    async with seaweedfs.clients() as clients:
        bucket = await seaweedfs.bucket(clients, part_bytes=5 << 20)
        blobs = S3Blobs(clients, bucket)
        await blobs.put("org_acme/large", content)
        assert await blobs.get("org_acme/large") == content

        await faults.stand_before(clients, "s3", "UploadPart")
        faults.answer("InternalError", times=99, status=500)
        with pytest.raises(BlobsUnavailable):
            await blobs.put("org_acme/other", content)
        assert await blobs.get("org_acme/other") is None
        s3 = await clients.open("s3")
        left = await s3.list_multipart_uploads(Bucket=bucket.name, Prefix=bucket.prefix)
        assert not left.get("Uploads")


async def test_what_is_deleted_is_gone_with_every_version_and_a_neighbour_stays(seaweedfs: SeaweedFs) -> None:
    async with seaweedfs.clients() as clients:
        bucket = await seaweedfs.bucket(clients)
        blobs = S3Blobs(clients, bucket)
        for content in (b"1", b"2", b"3"):
            await blobs.put("org_acme/x", content)
        await blobs.put("org_acme/x.other", b"stays")
        await blobs.delete("org_acme/x")
        s3 = await clients.open("s3")
        left = await s3.list_object_versions(Bucket=bucket.name, Prefix=bucket.prefix)
        keys = [item["Key"] for item in left.get("Versions", []) + left.get("DeleteMarkers", [])]
    assert keys == [f"{bucket.prefix}/org_acme/x.other"]


@pytest.mark.parametrize(
    ("encryption", "asked"),
    [("", (None, None)), ("AES256", ("AES256", None)), ("aws:kms", ("aws:kms", None)), ("aws:kms:k", ("aws:kms", "k"))],
)
async def test_encryption_is_asked_as_it_is_set(
    seaweedfs: SeaweedFs, encryption: str, asked: tuple[str | None, str | None]
) -> None:
    faults = Faults()
    async with seaweedfs.clients() as clients:
        bucket = await seaweedfs.bucket(clients, encryption=encryption)
        await faults.stand_before(clients, "s3", "PutObject")
        faults.answer("", times=1, status=200)
        await S3Blobs(clients, bucket).put("org_acme/x", b"x")
    sent = {name.lower(): value.removeprefix("b'").removesuffix("'") for name, value in faults.headers[0].items()}
    name = "x-amz-server-side-encryption"
    assert (sent.get(name), sent.get(f"{name}-aws-kms-key-id")) == asked
