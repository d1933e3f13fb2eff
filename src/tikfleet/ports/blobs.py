"""Objects: named bytes, such as job output and exports."""

from typing import ClassVar, Protocol

from tikfleet.kernel.errors import Unavailable


class BlobsUnavailable(Unavailable):
    """The object store does not answer or can't write; the object was not stored."""

    code: ClassVar[str] = "blobs.unavailable"
    title: ClassVar[str] = "The object store does not answer"


class Blobs(Protocol):
    """Whole objects by name: segments of `[A-Za-z0-9._-]` joined by `/`, of which the first is the organisation's id.

    `put` replaces atomically: a reader sees the old object or the new one, and after it returns the object survives a
    power cut. Raises `BlobsUnavailable`, and ValueError for a name that is not of that form.
    """

    async def put(self, name: str, content: bytes) -> None: ...

    async def get(self, name: str) -> bytes | None:
        """The object, or None when there is none of that name."""
        ...

    async def delete(self, name: str) -> None:
        """Remove it; no error when there is none."""
        ...

    async def names(self, prefix: str) -> list[str]:
        """The names that begin with `prefix`, sorted."""
        ...
