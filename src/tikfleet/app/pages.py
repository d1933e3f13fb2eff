"""The dashboard's files, built by `make web`: compressed beforehand, cached by their names, under a strict CSP."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.httpkit.asgi import Receive, Scope, Send, header, respond

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
_INLINE: Final = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_MISSING: Final = b"""<!doctype html><title>Tikfleet</title>
<p>The dashboard has not been built. Run <code>make web</code>; the API works without it.</p>"""


class Page(msgspec.Struct, frozen=True):
    """One file in its encodings (`br`, `gzip`, plain)."""

    bodies: dict[str, bytes]
    headers: list[tuple[bytes, bytes]]


class Pages:
    """Serves the files of one directory. A path without a file is the dashboard's own: it gets `index.html`."""

    def __init__(self, directory: Path) -> None:
        self._pages = dict(_load(directory)) if directory.is_dir() else {}
        fallback = Page({"": _MISSING}, [(b"content-type", b"text/html; charset=utf-8")])
        self._index = self._pages.get("/200.html") or self._pages.get("/index.html") or fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            await respond(send, 405, [(b"allow", b"GET, HEAD")], b"")
            return
        path = scope["path"]
        page = self._pages.get(path) or self._pages.get(path.rstrip("/") + "/index.html")
        if page is None and "." in path.rpartition("/")[2]:
            await respond(send, 404, [(b"content-type", b"text/plain")], b"There is no such file.")
            return
        page = page or self._index
        accepted = header(scope, b"accept-encoding")
        encoding = next((name for name in ("br", "gzip") if name in accepted and name in page.bodies), "")
        body = page.bodies[encoding]
        headers = [*page.headers, (b"vary", b"accept-encoding"), (b"content-length", str(len(body)).encode())]
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        await respond(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def _load(directory: Path) -> list[tuple[str, Page]]:
    found = []
    for file in sorted(directory.rglob("*")):
        if not file.is_file() or file.suffix in {".br", ".gz"}:
            continue
        bodies = {"": file.read_bytes()}
        for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
            compressed = file.with_name(file.name + ending)
            if compressed.is_file():
                bodies[encoding] = compressed.read_bytes()
        path = "/" + file.relative_to(directory).as_posix()
        found.append((path, Page(bodies, _headers(path, file.suffix, bodies[""]))))
    return found


def _headers(path: str, suffix: str, body: bytes) -> list[tuple[bytes, bytes]]:
    kept = b"public, max-age=31536000, immutable" if path.startswith("/_nuxt/") else b"no-cache"
    headers = [
        (b"content-type", _TYPES.get(suffix, "application/octet-stream").encode()),
        (b"cache-control", kept),
    ]
    if suffix == ".html":
        headers.append((b"content-security-policy", _policy(body).encode()))
    return headers


def _policy(body: bytes) -> str:
    """Only our own scripts run: those in files, and the inline ones that the build wrote, by their hash."""
    hashes = [b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(body) if script]
    scripts = " ".join(["'self'", *(f"'sha256-{item}'" for item in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
