"""`/tool/fetch`: what is asked of it, as a value, and its answers in RouterOS's words.

Sources: reference §1. [unverified: the texts for a refused connection and for names that do not resolve; `code` in the
answer and the header attributes of errors from 7.21; two redirects by default from 7.18, none before.]
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from tikfleet.routeros.values import parse_duration_s
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import GENERAL, Refused
from tikfleet.virtual.scripting.values import Array, Value

BODY_BYTES: Final = 64_512
BODY_WITH_HEADERS_BYTES: Final = 20_480
MAX_DATA_BYTES: Final = 65_536
MAX_FILE_BYTES: Final = 64 << 20
_IDLE_S: Final = 10.0
_KIB: Final = 1_024
_METHODS: Final = frozenset({"get", "post", "put", "delete", "head", "patch"})
_OUTPUTS: Final = frozenset({"file", "none", "user", "user-with-headers"})
_SCHEMES: Final = frozenset({"http", "https"})
_COMMA: Final = re.compile(r"(?<!\\),")
_YES: Final = frozenset({"yes", "true", ""})


class FetchFailed(Refused):
    """A fetch that failed; `attributes` are for the second variable of `:onerror`."""

    def __init__(self, message: str, attributes: Mapping[str, Value] | None = None) -> None:
        super().__init__(f"failure: {message}", GENERAL)
        self.attributes = attributes


@dataclass(frozen=True, slots=True)
class Fetch:
    """One fetch. `check_certificate` also compares the dates with the router's clock."""

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    data: bytes
    output: str
    path: str
    check_certificate: bool
    certificate: str
    user: str
    password: str
    digest: bool
    encoding: str
    redirects: int
    idle_s: float
    duration_s: float | None

    @property
    def limit_bytes(self) -> int:
        """How much of the answer is kept: past it a body in a variable is cut without a word."""
        if self.output == "file":
            return MAX_FILE_BYTES
        return BODY_WITH_HEADERS_BYTES if self.output == "user-with-headers" else BODY_BYTES


def read(arguments: Mapping[str, str], profile: Profile) -> Fetch:
    """The fetch that arguments ask for. Raises `Refused` for what RouterOS, or this router, does not do."""
    given = dict(arguments)
    url = _url(given)
    output = given.get("output", "none" if given.get("keep-result") in ("no", "false") else "file")
    method = given.get("http-method", "get")
    data = given.get("http-data", "").encode("utf-8", "surrogateescape")
    if output not in _OUTPUTS:
        raise Refused("input does not match any value of output")
    if method not in _METHODS:
        raise Refused("input does not match any value of http-method")
    if len(data) > MAX_DATA_BYTES:
        raise Refused("failure: http-data is too long")
    if given.get("upload") in _YES and "upload" in given:
        raise Refused("failure: this virtual router uploads nothing")
    return Fetch(
        url=_percent_encoded(url) if given.get("http-percent-encoding") in ("yes", "true") else url,
        method=method.upper(),
        headers=tuple(headers(given.get("http-header-field", ""))),
        data=data,
        output=output,
        path=given.get("dst-path") or urlsplit(url).path.rpartition("/")[2] or "index.html",
        check_certificate=given.get("check-certificate", "no") not in ("no", "false"),
        certificate=given.get("certificate", "none"),
        user=given.get("user", ""),
        password=given.get("password", ""),
        digest=given.get("http-auth-scheme") == "digest",
        encoding=given.get("http-content-encoding", ""),
        redirects=_count(given.get("http-max-redirect-count"), 2 if profile.at_least("7.18") else 0),
        idle_s=_span(given.get("idle-timeout"), "idle-timeout") or _IDLE_S,
        duration_s=_span(given.get("duration"), "duration"),
    )


def _url(given: dict[str, str]) -> str:
    url = given.get("url", "")
    if not url:
        address, path = given.get("address", ""), given.get("src-path", "").lstrip("/")
        if not address:
            raise Refused("missing value(s) of argument(s) url")
        port = f":{given['port']}" if "port" in given else ""
        host = address.partition("@")[0] or given.get("host", "")
        url = f"{given.get('mode', 'http')}://{host}{port}/{path}"
    elif "as-value" in given and "address" in given and "src-path" in given:
        raise Refused("failure: Conflicting remote paths provided in URI and parameter")
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if not scheme:
        url = f"{given.get('mode', 'http')}://{url}"
        scheme = given.get("mode", "http")
    if scheme not in _SCHEMES:
        raise Refused(f"failure: this virtual router does not speak {scheme}")
    try:
        named, _ = urlsplit(url).hostname, urlsplit(url).port
    except ValueError as cause:
        raise Refused("failure: invalid URL") from cause
    if not named:
        raise Refused("failure: invalid URL")
    return url


def _percent_encoded(url: str) -> str:
    """Every character of the path but letters, digits and `-._~/?^=:` (reference §1.1)."""
    parts = urlsplit(url)
    rest = url.partition(parts.netloc)[2]
    return f"{parts.scheme}://{parts.netloc}{quote(rest, safe='-._~/?^=:')}"


def _count(given: str | None, default: int) -> int:
    if given is None:
        return default
    if not given.isdigit():
        raise Refused("invalid value for argument http-max-redirect-count")
    return min(int(given), 20)


def _span(given: str | None, name: str) -> float | None:
    if given is None or given == "none":
        return None
    try:
        return parse_duration_s(given)
    except ValueError as cause:
        raise Refused(f"invalid value for argument {name}") from cause


def headers(field: str) -> list[tuple[str, str]]:
    r"""The headers of `http-header-field`: lines of an array, or parts between commas, `\,` being a comma."""
    lines = field.split("\n") if "\n" in field else [part.replace("\\,", ",") for part in _COMMA.split(field)]
    found = []
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found.append((name.strip(), value.strip()))
    return found


def refusal(profile: Profile, status: int, reason: str, location: str, peer: str) -> str:
    """What a status other than 2xx is called, by release (reference §1.4)."""
    if profile.version.major < 7:  # noqa: PLR2004 - a release
        shown = f'{status} {reason} "{location}"' if location else f"{status} {reason}"
        return f"closing connection: <{shown}> {peer} (4)"
    behind = f' (Location: "{location}")' if location else ""
    if profile.at_least("7.22"):
        return f"Status {status}, {reason}{behind}"
    return f"Fetch failed with status {status}{behind}"


def error_attributes(profile: Profile, status: int, lines: list[str]) -> dict[str, Value] | None:
    return {"code": status, "http-headers": Array(lines)} if profile.at_least("7.21") else None


def kib(size_bytes: int) -> str:
    """Whole KiB, and at least one when there is anything (reference §1.3)."""
    return str(max(1, size_bytes // _KIB) if size_bytes else 0)


def user_agent(profile: Profile) -> str:
    """[unverified: from which release on it is `RouterOS <version>`]."""
    return f"RouterOS {profile.version}" if profile.at_least("7.21") else f"Mikrotik/{profile.version.major}.x Fetch"
