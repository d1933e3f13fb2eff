"""What a router sends back: hostile text that may hold our own credentials, made storable and bounded."""

import re
from typing import Final

import msgspec

from tikfleet.domains.jobs.model import Job

OUTPUT_BYTES: Final = 10_485_760
SHOWN_BYTES: Final = 65_536
INLINE_BYTES: Final = 4_096
ERROR_BYTES: Final = 1_000

# The `error` of a job of kind export that came cut or empty: part of a configuration passes for all of it otherwise.
EXPORT_NOT_WHOLE: Final = (
    "the router could not hand over its whole export: RouterOS 6 lets a script read no file over 4,095 bytes, which "
    "the agent alone fills, and before 7.13 no more than 64,000 bytes of what it prints; upgrade the router to 7.13 or "
    "later, or ask for one menu at a time with a script such as /ip firewall nat export"
)

# `/export` breaks lines inside strings: backslash, line feed, spaces. A credential may be broken anywhere, or be cut
# short by the end of what was sent; six of its characters are enough to take it out.
_BREAK: Final = r"(?:\\\r?\n *)?"
_CREDENTIAL: Final = re.compile(
    f"(t{_BREAK}f{_BREAK}[a-z]{_BREAK}_)(?:{_BREAK}[0-9A-Za-z]){{6,49}}",
)


class Output(msgspec.Struct, frozen=True):
    """An output as it is stored: `content` (UTF-8, bounded), `inline` its first 4 KiB as text."""

    content: bytes
    inline: str
    truncated: bool

    @property
    def apart(self) -> bool:
        """Whether it is too large for the job's row and goes to the object store."""
        return len(self.content) > INLINE_BYTES

    @property
    def whole(self) -> bool:
        """Whether it can be all of an export, which has a header at least."""
        return not self.truncated and bool(self.content.strip())


def output_of(sent: str | bytes, *, truncated: bool) -> Output:
    """What is stored of what a device sent: at most 10 MiB."""
    content = _storable(sent)
    kept = cut(content, OUTPUT_BYTES)
    return Output(kept, cut(kept, INLINE_BYTES).decode(), truncated or len(kept) < len(content))


def error_of(sent: str | bytes) -> str:
    """An error's text, bounded."""
    return cut(_storable(sent), ERROR_BYTES).decode()


def cut(content: bytes, limit: int) -> bytes:
    """At most `limit` bytes of UTF-8, without half a character at the end."""
    return content if len(content) <= limit else content[:limit].decode(errors="ignore").encode()


def blob_name(job: Job) -> str:
    """Where a large output lies."""
    return f"{job.org_id}/jobs/{job.id}"


def without_credentials(text: str) -> str:
    """A router's text without credentials of ours."""
    return _CREDENTIAL.sub(r"\1[redacted]", text)


def _storable(sent: str | bytes) -> bytes:
    # PostgreSQL takes no NUL in text, and nobody takes half a surrogate pair.
    text = sent.decode(errors="replace") if isinstance(sent, bytes) else sent
    return _CREDENTIAL.sub(r"\1[redacted]", text.replace("\x00", "\ufffd")).encode(errors="replace")
