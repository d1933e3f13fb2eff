"""Objects in a bucket of S3, or of a store that speaks its protocol.

Limits and formats: Amazon S3 API Reference (PutObject, CreateMultipartUpload, ListObjectsV2, ListObjectVersions). A
part of a multipart upload has at least 5 MiB. Reads follow writes at once, for objects and for lists.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from tikfleet.adapters.aws.clients import Clients, Refused, Service
from tikfleet.ports.blobs import BlobsUnavailable

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_ABSENT: Final = ("NoSuchKey", "404", "NotFound")
_AT_ONCE: Final = 4
_MAX_DELETE: Final = 1000


class Bucket(msgspec.Struct, frozen=True):
    """A place in a bucket. `encryption`: `AES256`, `aws:kms`, `aws:kms:KEY`, or nothing for the bucket's own choice."""

    name: str
    prefix: str = ""
    encryption: str = ""
    part_bytes: int = 8 << 20

    @property
    def sealing(self) -> dict[str, Any]:
        """What to say of encryption when an object is made."""
        kind, _, key = self.encryption.partition("aws:kms:")
        if key:
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        return {"ServerSideEncryption": kind} if kind else {}


class S3Blobs:
    """The blobs port on S3. What is deleted is gone with all its versions; of what is replaced, older ones stay."""

    def __init__(self, clients: Clients, bucket: Bucket) -> None:
        self._clients = clients
        self._s3 = Service(clients, "s3", BlobsUnavailable)
        self._bucket = bucket
        self._base = f"{bucket.prefix}/" if bucket.prefix else ""

    async def put(self, name: str, content: bytes) -> None:
        where = self._where(name)
        if len(content) > self._bucket.part_bytes:
            await self._put_parts(where, content)
        else:
            await self._s3.call("put_object", **where, **self._bucket.sealing, Body=content)

    async def get(self, name: str) -> bytes | None:
        try:
            async with self._s3.client("get_object", _ABSENT) as client:
                answer = await client.get_object(**self._where(name))
                async with answer["Body"] as body:
                    return bytes(await body.read())
        except Refused:
            return None

    async def delete(self, name: str) -> None:
        where = self._where(name)
        try:
            versions = [version async for version in self._versions(where["Key"])]
        except Refused:
            # A store that keeps no versions.
            await self._s3.call("delete_object", **where)
            return
        for start in range(0, len(versions), _MAX_DELETE):
            await self._drop(versions[start : start + _MAX_DELETE])

    async def names(self, prefix: str) -> list[str]:
        found: list[str] = []
        async with self._s3.client("list_objects_v2") as client:
            pages = client.get_paginator("list_objects_v2")
            async for page in pages.paginate(Bucket=self._bucket.name, Prefix=self._base + prefix):
                found += (item["Key"][len(self._base) :] for item in page.get("Contents", []))
        return sorted(name for name in found if _NAME.fullmatch(name))

    async def link(self, name: str, valid_s: int) -> str:
        """An address by which anybody may fetch the object for so long, at most seven days: as good as a password."""
        async with self._s3.client("get_object") as client:
            address: str = await client.generate_presigned_url(
                "get_object", Params=self._where(name), ExpiresIn=min(valid_s, 7 * 86_400)
            )
            return address

    def _where(self, name: str) -> dict[str, Any]:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of an object")
        return {"Bucket": self._bucket.name, "Key": self._base + name}

    async def _put_parts(self, where: dict[str, Any], content: bytes) -> None:
        """Several parts at once; the object appears whole, or what was sent is dropped."""
        begun = await self._s3.call("create_multipart_upload", **where, **self._bucket.sealing)
        upload = {**where, "UploadId": begun["UploadId"]}
        turn = asyncio.Semaphore(_AT_ONCE)

        async def send(number: int) -> dict[str, Any]:
            size = self._bucket.part_bytes
            async with turn:
                part = content[(number - 1) * size : number * size]
                sent = await self._s3.call("upload_part", **upload, PartNumber=number, Body=part)
            return {"PartNumber": number, "ETag": sent["ETag"]}

        sending = [
            asyncio.create_task(send(number)) for number in range(1, -(-len(content) // self._bucket.part_bytes) + 1)
        ]
        try:
            parts = await asyncio.gather(*sending)
            await self._s3.call("complete_multipart_upload", **upload, MultipartUpload={"Parts": parts})
        except BaseException:
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)
            # What can't be dropped now, the bucket's lifecycle drops later.
            with suppress(BlobsUnavailable):
                await self._s3.call("abort_multipart_upload", **upload)
            raise

    async def _versions(self, key: str) -> AsyncIterator[dict[str, Any]]:
        """Every version and delete marker of exactly this key."""
        async with self._s3.client("list_object_versions", ("NotImplemented", "MethodNotAllowed")) as client:
            pages = client.get_paginator("list_object_versions")
            async for page in pages.paginate(Bucket=self._bucket.name, Prefix=key):
                entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                for item in entries:
                    if item["Key"] == key:
                        yield {"Key": key, "VersionId": item["VersionId"]}
                # Keys come sorted, and this one is the first of its prefix.
                if not any(item["Key"] == key for item in entries):
                    return

    async def _drop(self, versions: Sequence[dict[str, Any]]) -> None:
        for version in versions:
            await self._s3.call("delete_object", Bucket=self._bucket.name, **version)
