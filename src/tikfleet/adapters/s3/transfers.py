"""Large objects to and from a bucket piece by piece: what is held in memory is one part for each transfer.

Limits and formats: Amazon S3 API Reference (UploadPart, "Amazon S3 multipart upload limits", PutObject with
If-None-Match). Each part goes with its MD5, by which the store refuses one that was changed on its way.
"""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from tikfleet.adapters.aws.clients import Clients, Refused, Service
from tikfleet.adapters.s3.blobs import Bucket
from tikfleet.ports.blobs import BlobsUnavailable

_ABSENT: Final = ("NoSuchKey", "404", "NotFound")
_NO_BUCKET: Final = ("NoSuchBucket", "404", "NotFound")
_THERE: Final = ("PreconditionFailed", "412", "ConditionalRequestConflict")
_MAX_DELETE: Final = 1000
# An object has 10,000 parts at most; parts that double five times make that 500 GiB.
_SAME_SIZE: Final = 2000
_READ_BYTES: Final = 1 << 20


class Found(msgspec.Struct, frozen=True):
    """An object of a list: its name below the bucket's prefix, its size, and when it was written (seconds)."""

    name: str
    size_bytes: int
    written_s: float


class Transfers:
    """Objects below a bucket's prefix, as streams. Everything raises `BlobsUnavailable`."""

    def __init__(self, clients: Clients, bucket: Bucket) -> None:
        self._s3 = Service(clients, "s3", BlobsUnavailable)
        self._bucket = bucket
        self._base = f"{bucket.prefix}/" if bucket.prefix else ""

    async def exists(self) -> bool:
        """Whether there is such a bucket."""
        try:
            await self._s3.call("head_bucket", told=_NO_BUCKET, Bucket=self._bucket.name)
        except Refused:
            return False
        return True

    async def send(self, name: str, pieces: AsyncIterable[bytes]) -> None:
        """Make an object of `pieces`, or none when they end early by an error."""
        parts = _parts(pieces, self._bucket.part_bytes)
        first = await anext(parts, b"")
        if len(first) < self._bucket.part_bytes:
            await self.put(name, first)
        else:
            await self._send_parts(name, first, parts)

    async def put(self, name: str, content: bytes) -> None:
        """A small object at once."""
        await self._s3.call("put_object", **self._new(name), Body=content, ContentMD5=_md5(content))

    async def claim(self, name: str, content: bytes) -> bool:
        """The same, but only where there is none of that name: else False. Some stores know no such condition."""
        try:
            await self._s3.call(
                "put_object", told=_THERE, **self._new(name), Body=content, ContentMD5=_md5(content), IfNoneMatch="*"
            )
        except Refused:
            return False
        return True

    async def receive(self, name: str) -> AsyncIterator[bytes] | None:
        """The content of an object piece by piece; None when there is no such object."""
        try:
            answer = await self._s3.call("get_object", told=_ABSENT, **self._where(name))
        except Refused:
            return None
        return self._received(answer["Body"])

    async def names(self, prefix: str) -> list[Found]:
        """All objects whose name begins so, sorted."""
        found: list[Found] = []
        async with self._s3.client("list_objects_v2") as client:
            pages = client.get_paginator("list_objects_v2")
            async for page in pages.paginate(Bucket=self._bucket.name, Prefix=self._base + prefix):
                found += (
                    Found(item["Key"].removeprefix(self._base), item["Size"], item["LastModified"].timestamp())
                    for item in page.get("Contents", [])
                )
        return sorted(found, key=lambda one: one.name)

    async def folders(self) -> list[str]:
        """What stands before the first slash of the names, sorted."""
        found: set[str] = set()
        async with self._s3.client("list_objects_v2") as client:
            pages = client.get_paginator("list_objects_v2")
            async for page in pages.paginate(Bucket=self._bucket.name, Prefix=self._base, Delimiter="/"):
                found |= {
                    item["Prefix"].removeprefix(self._base).rstrip("/") for item in page.get("CommonPrefixes", [])
                }
        return sorted(found)

    async def remove(self, names: Sequence[str]) -> None:
        """Remove objects; a bucket with versions keeps those, as its own rules say."""
        for start in range(0, len(names), _MAX_DELETE):
            gone = [{"Key": self._base + name} for name in names[start : start + _MAX_DELETE]]
            answer = await self._s3.call(
                "delete_objects", Bucket=self._bucket.name, Delete={"Objects": gone, "Quiet": True}
            )
            if errors := answer.get("Errors"):
                raise BlobsUnavailable(f"s3 did not remove {len(errors)} objects: {errors[0].get('Code', 'no reason')}")

    async def _send_parts(self, name: str, first: bytes, rest: AsyncIterator[bytes]) -> None:
        begun = await self._s3.call("create_multipart_upload", **self._new(name))
        upload = {**self._where(name), "UploadId": begun["UploadId"]}
        try:
            sent = [await self._send_part(upload, 1, first)]
            async for part in rest:
                sent.append(await self._send_part(upload, len(sent) + 1, part))
            await self._s3.call("complete_multipart_upload", **upload, MultipartUpload={"Parts": sent})
        except BaseException:
            # What can't be dropped now, the bucket's lifecycle drops later.
            with suppress(BlobsUnavailable):
                await self._s3.call("abort_multipart_upload", **upload)
            raise

    async def _send_part(self, upload: dict[str, Any], number: int, part: bytes) -> dict[str, Any]:
        sent = await self._s3.call("upload_part", **upload, PartNumber=number, Body=part, ContentMD5=_md5(part))
        return {"PartNumber": number, "ETag": sent["ETag"]}

    async def _received(self, body: Any) -> AsyncIterator[bytes]:
        async with self._s3.client("get_object"), body as stream:
            async for piece in stream.iter_chunks(_READ_BYTES):
                yield piece

    def _where(self, name: str) -> dict[str, Any]:
        return {"Bucket": self._bucket.name, "Key": self._base + name}

    def _new(self, name: str) -> dict[str, Any]:
        return {**self._where(name), **self._bucket.sealing}


async def _parts(pieces: AsyncIterable[bytes], part_bytes: int) -> AsyncIterator[bytes]:
    """The same bytes in parts: of `part_bytes` at first, each 2,000 twice as large; the last as it comes."""
    held = bytearray()
    number, size = 0, part_bytes
    async for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
            number += 1
            size = part_bytes << (number // _SAME_SIZE)
    if held:
        yield bytes(held)


def _md5(content: bytes) -> str:
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
