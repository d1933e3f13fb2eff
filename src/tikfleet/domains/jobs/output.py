"""What a router sends back: hostile text, made storable and bounded, never interpreted."""

from typing import Final

import msgspec

from tikfleet.domains.jobs.model import Job

OUTPUT_BYTES: Final = 65_536
INLINE_BYTES: Final = 4_096
ERROR_BYTES: Final = 1_000


class Output(msgspec.Struct, frozen=True):
    """An output as it is stored: `content` (UTF-8, at most 64 KiB), `inline` its first 4 KiB as text."""

    content: bytes
    inline: str
    truncated: bool

    @property
    def apart(self) -> bool:
        """Whether it is too large for the job's row and goes to the object store."""
        return len(self.content) > INLINE_BYTES


def output_of(sent: str | bytes, *, truncated: bool) -> Output:
    """What is stored of what a device sent."""
    content = _utf8(sent)
    kept = _cut(content, OUTPUT_BYTES)
    return Output(kept, _cut(kept, INLINE_BYTES).decode(), truncated or len(kept) < len(content))


def error_of(sent: str | bytes) -> str:
    """An error's text, bounded."""
    return _cut(_utf8(sent), ERROR_BYTES).decode()


def blob_name(job: Job) -> str:
    """Where a large output lies."""
    return f"{job.org_id}/jobs/{job.id}"


def _utf8(sent: str | bytes) -> bytes:
    # PostgreSQL takes no NUL in text, and nobody takes half a surrogate pair.
    text = sent.decode(errors="replace") if isinstance(sent, bytes) else sent
    return text.replace("\x00", "\ufffd").encode(errors="replace")


def _cut(content: bytes, limit: int) -> bytes:
    """At most `limit` bytes, without half a character at the end."""
    return content if len(content) <= limit else content[:limit].decode(errors="ignore").encode()
