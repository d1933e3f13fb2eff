"""Which services of AWS the settings name: `s3://bucket/prefix`, `sqs://prefix`, `dynamodb://table` and so on."""

import re
from typing import Final

import msgspec

_AWS: Final = {
    "queue": "sqs://tikfleet",
    "cache": "dynamodb://tikfleet-cache",
    "inbox": "kinesis://tikfleet-inbox",
    "vault": "kms://alias/tikfleet",
}
_FORMS: Final = {
    "blobs": (
        "s3",
        re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*"),
        "s3://bucket/prefix",
    ),
    "queue": ("sqs", re.compile(r"[A-Za-z0-9_-]{1,50}"), "sqs://prefix"),
    "cache": ("dynamodb", re.compile(r"[A-Za-z0-9_.-]{3,255}"), "dynamodb://table"),
    "inbox": ("kinesis", re.compile(r"[A-Za-z0-9_.-]{1,128}"), "kinesis://stream"),
    "vault": ("kms", re.compile(r"[A-Za-z0-9:/_-]{1,2048}"), "kms://key, by its id, ARN or alias/name"),
}


class CloudAddresses(msgspec.Struct, frozen=True):
    """What stands for each port; empty where the embedded adapter does. `blobs` is `bucket` or `bucket/prefix`."""

    blobs: str = ""
    queue: str = ""
    cache: str = ""
    inbox: str = ""
    vault: str = ""

    @property
    def any(self) -> bool:
        """Whether a service of AWS is used at all."""
        return any(msgspec.structs.astuple(self))


def cloud_addresses(urls: dict[str, str], *, aws: bool) -> CloudAddresses:
    """The services that `urls` name by port; with `aws`, the usual names for the others. Raises ValueError."""
    if aws:
        urls = {port: urls.get(port) or _AWS.get(port, "") for port in _FORMS}
        if not urls["blobs"]:
            raise ValueError("adapters=aws needs blobs_url: a bucket's name is unique in the whole world")
    return CloudAddresses(**{port: _name(port, url) for port, url in urls.items() if url})


def _name(port: str, url: str) -> str:
    scheme, form, example = _FORMS[port]
    name = url.removeprefix(f"{scheme}://").rstrip("/")
    if not url.startswith(f"{scheme}://") or not form.fullmatch(name):
        raise ValueError(f"{port}_url is {example}, or nothing")
    return name
