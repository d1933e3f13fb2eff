"""From what people type to ids: a device, site or group by its id or by its name."""

from collections.abc import Iterable
from typing import Final

from tikfleet.cli.client import Api, Document
from tikfleet.cli.failures import FAILED, NOT_FOUND, Failure
from tikfleet.cli.options import Filters
from tikfleet.kernel.ids import is_id

_DEVICE_NAMES: Final = ("name", "identity", "serial")
_SHOWN: Final = 5


def device_id(api: Api, text: str) -> str:
    """The id of the device with this id, name, identity or serial. Raises Failure for none or several."""
    if is_id(text, "dev"):
        return text
    found = [
        item
        for item in api.pages("/devices", {"q": text}, 0)
        if text.casefold() in {str(item.get(name, "")).casefold() for name in _DEVICE_NAMES}
    ]
    return _only(found, "device", text)


def site_id(api: Api, text: str) -> str:
    return _named(api, "/sites", "site", "sit", text)


def site_group_id(api: Api, text: str) -> str:
    return _named(api, "/site-groups", "site group", "grp", text)


def selection(api: Api, filters: Filters) -> Document:
    """The filters as the API takes them, both in queries and in the selection of a job."""
    chosen: Document = {
        "q": filters.search,
        "status": filters.status,
        "site_id": [site_id(api, text) for text in filters.site],
        "site_group_id": [site_group_id(api, text) for text in filters.site_group],
        "model": filters.model,
        "version": filters.version,
        "architecture": filters.architecture,
        "tag": filters.tag,
        "seen_within_s": filters.seen_within_s,
        "unseen_for_s": filters.unseen_for_s,
    }
    return {name: value for name, value in chosen.items() if value}


def _named(api: Api, path: str, what: str, prefix: str, text: str) -> str:
    if is_id(text, prefix):
        return text
    found = [item for item in api.pages(path, {}, 0) if str(item.get("name", "")).casefold() == text.casefold()]
    return _only(found, what, text)


def _only(found: Iterable[Document], what: str, text: str) -> str:
    items = list(found)
    if not items:
        raise Failure(f"there is no {what} called {text!r}", NOT_FOUND, remedy="Give its id or its whole name.")
    if len(items) > 1:
        ids = ", ".join(str(item["id"]) for item in items[:_SHOWN])
        raise Failure(f"{len(items)} of them are called {text!r}: {ids}", FAILED, remedy="Give the id.")
    return str(items[0]["id"])
