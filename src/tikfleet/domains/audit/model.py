"""What was done, by whom, to what; and how a state is made fit to be kept: without secrets and of bounded size."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import Actor

REDACTED: Final = "[redacted]"
_MAX_TEXT: Final = 1_000
_MAX_SEEN: Final = 8_000
_MAX_ITEMS: Final = 100
_MAX_DEPTH: Final = 6
_MAX_BYTES: Final = 16_384

_SECRET_NAME: Final = re.compile(
    r"pass(word|wd|phrase|code)|secret|token|credential|authorization|cookie|private.?key|pre.?shared|psk|api.?key"
    r"|community|^key$|wpa2?.*key|csrf",
    re.IGNORECASE,
)
# A key that only names, counts or times a credential is no secret.
_ABOUT_SECRET: Final = re.compile(r"_(ids?|at|count|name|prefix|kind|s)$", re.IGNORECASE)
_CREDENTIAL: Final = re.compile(r"tf[a-z]_[0-9A-Za-z]{49}(?![0-9A-Za-z])")
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.*?(-----END [A-Z ]{0,20}PRIVATE KEY-----|\Z)", re.DOTALL
)
_URL_PASSWORD: Final = re.compile(r"(://[^/\s:@]{0,200}):[^/\s@]{1,200}@")
_BEARER: Final = re.compile(r"\b((?:bearer|basic)\s{1,3})[A-Za-z0-9+/=._~-]{8,}", re.IGNORECASE)
_ASSIGNED: Final = re.compile(
    r"((?:password|passphrase|secret|pre-?shared-?key|private-?key|psk|token|community)[\w-]{0,40}\s{0,3}=\s{0,3})"
    r"""("(?:[^"\\]|\\.)*(?:"|\Z)|[^\s;\]"]+)""",
    re.IGNORECASE,
)


class Target(msgspec.Struct, frozen=True):
    """The thing that an action was done to. `kind` is a word of the glossary, such as `device`."""

    kind: str
    id: str
    name: str


class Entry(msgspec.Struct, frozen=True):
    """One thing done. `before` and `after` are what changed, as JSON values; `at` is RFC 3339 text."""

    id: str
    org_id: OrganisationId
    at: str
    actor: Actor
    action: str
    target: Target
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def search_text(self) -> str:
        """What a text search looks through, in lower case."""
        return f"{self.action}\n{self.actor.name}\n{self.target.name}\n{self.target.id}".lower()


class Filter(msgspec.Struct, frozen=True):
    """Which entries are wanted. Empty means any; `since` is inclusive and `until` is not (RFC 3339 text)."""

    actor_id: str = ""
    action: str = ""
    target_id: str = ""
    since: str = ""
    until: str = ""
    text: str = ""


def fit_to_keep(state: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A copy of a state without secrets, its texts, lists and depth cut to bounds, at most 16 KiB as JSON."""
    if state is None:
        return None
    plain = msgspec.to_builtins(dict(state), str_keys=True, enc_hook=str)
    kept: dict[str, Any] = _without_secrets(plain, 0)
    size_bytes = len(msgspec.json.encode(kept))
    if size_bytes > _MAX_BYTES:
        return {"cut": f"{size_bytes} bytes", "fields": [_bounded(name) for name in list(kept)[:_MAX_ITEMS]]}
    return kept


def bounded_name(text: str) -> str:
    """A name as it is kept: without control characters or credentials, at most 200 characters."""
    return "".join(c if c.isprintable() else " " for c in _CREDENTIAL.sub(REDACTED, text))[:200]


def _without_secrets(value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {
            _bounded(str(name)): REDACTED if _is_secret(str(name), inner) else _without_secrets(inner, depth + 1)
            for name, inner in list(value.items())[:_MAX_ITEMS]
        }
    if isinstance(value, list | tuple):
        kept = [_without_secrets(inner, depth + 1) for inner in value[:_MAX_ITEMS]]
        return [*kept, f"… {len(value) - _MAX_ITEMS} more"] if len(value) > _MAX_ITEMS else kept
    return _bounded(_redact_text(value)) if isinstance(value, str) else value


def _is_secret(name: str, value: Any) -> bool:
    harmless = value is None or isinstance(value, bool)
    return not harmless and _SECRET_NAME.search(name) is not None and _ABOUT_SECRET.search(name) is None


def _redact_text(text: str) -> str:
    if len(text) > _MAX_SEEN:
        # The patterns see a bounded text; the word at the cut may be half a credential, so it goes too.
        text = text[:_MAX_SEEN].rsplit(None, 1)[0]
    text = _PRIVATE_KEY.sub(REDACTED, text)
    text = _CREDENTIAL.sub(REDACTED, text)
    text = _URL_PASSWORD.sub(rf"\1:{REDACTED}@", text)
    text = _BEARER.sub(rf"\1{REDACTED}", text)
    return _ASSIGNED.sub(rf"\1{REDACTED}", text)


def _bounded(text: str) -> str:
    # PostgreSQL keeps no NUL, and the same text must come back from every store.
    text = text.replace("\x00", "\ufffd")
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
