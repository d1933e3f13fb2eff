"""ClickHouse's HTTP protocol in front of chDB's engine, as a child process: enough for clickhouse-connect as it is.

Run: `python clickhouse_server.py DIRECTORY PORT [CERTIFICATE KEY]`. A POST carries the statement in its body, or an
INSERT's statement in its first line or in the URL and the data after it; settings and `param_…` stand in the URL.
Errors are answered as the real server answers them: status 500, the text, and the code in a header.
"""

import json
import os
import re
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from chdb.state.sqlitelike import Connection

from tikfleet.adapters.chdb.recovery import recover

CONNECTIONS: Final = 6
PASSWORD: Final = "secret"
_TRANSPORT: Final = {"database", "query", "wait_end_of_query", "client_protocol_version", "session_id", "query_id"}
_FORMAT: Final = re.compile(r"\s+FORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
# Blanks at the end of the line are no more than that: a block of 11 columns and 10 rows begins with two more.
_INSERT: Final = re.compile(rb"\s*INSERT\s+INTO\s+([^\n]*?)\s+FORMAT\s+(\w+)[ \t\r]*\n", re.IGNORECASE)


class Refusal(Exception):
    """A statement that the engine refused, with its code."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        found = re.search(r"Code: (\d+)", text)
        self.code = int(found[1]) if found else 1002


class Engine:
    """Some connections to one directory; a request takes one that is idle."""

    def __init__(self, directory: Path) -> None:
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._idle.put(Connection(f"{directory}?background_pool_size=2&max_thread_pool_size=200"))

    def run(self, url: dict[str, str], body: bytes) -> tuple[bytes, str]:
        connection = self._idle.get()
        try:
            return self._run(connection, url, body)
        except RuntimeError as cause:
            raise Refusal(str(cause)) from cause
        finally:
            self._idle.put(connection)

    def _run(self, connection: Connection, url: dict[str, str], body: bytes) -> tuple[bytes, str]:
        statement = url["query"].encode() + b"\n" + body if url.get("query") else body
        settings = {key: value for key, value in url.items() if key not in _TRANSPORT and not key.startswith("param_")}
        if head := _INSERT.match(statement):
            insert = f"INSERT INTO {head[1].decode()}{_settings(settings)}"
            with connection.send_insert(insert, head[2].decode()) as rows:
                rows.append(statement[head.end() :])
                rows.finish()
            return b"", ""
        text = statement.decode().strip()
        asked = _FORMAT.search(text)
        form = asked[1] if asked else "TabSeparated"
        if asked:
            text = text[: asked.start()]
        parameters = {key.removeprefix("param_"): value for key, value in url.items() if key.startswith("param_")}
        if re.match(r"(SELECT|WITH|DESCRIBE|SHOW)\b", text, re.IGNORECASE):
            # An answer in Native stays as old clients know it unless the newer protocol was asked for; it never is.
            result = connection.query(
                text + ("" if " SETTINGS " in text else _settings(settings)), form, params=parameters
            )
            return result.bytes() or b"", form
        connection.query(text)
        return b"", ""


def _settings(settings: dict[str, str]) -> str:
    if not settings:
        return ""
    pairs = (f"{key} = '{value}'" if not _number(value) else f"{key} = {value}" for key, value in settings.items())
    return " SETTINGS " + ", ".join(pairs)


def _number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are two writes, and the second must not wait for the first to be acknowledged.
    disable_nagle_algorithm = True
    engine: Engine

    def do_GET(self) -> None:
        self._answer(200, b"Ok.\n", {})

    def do_POST(self) -> None:
        body = self._body()
        url = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.headers.get("Authorization", "").startswith("Basic d3Jvbmc6"):
            self._answer(403, b"Code: 516. DB::Exception: wrong: Authentication failed", {"Exception-Code": "516"})
            return
        try:
            data, form = self.engine.run(url, body)
        except Refusal as refusal:
            self._answer(500, str(refusal).encode(), {"Exception-Code": str(refusal.code)})
            return
        summary = {"Summary": json.dumps({"read_rows": "0", "written_rows": "0"}), "Timezone": "UTC"}
        self._answer(200, data, summary | ({"Format": form} if form else {}))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(f"X-ClickHouse-{name}", value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """The tests say what they expect."""


def main(directory: str, port: str, chain: str = "", key: str = "") -> None:
    path = Path(directory)
    path.mkdir(parents=True, exist_ok=True)
    # What a crash left undecided is decided as the embedded engine does it; a real server has no such step.
    recover(path)
    Handler.engine = Engine(path)
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    server.daemon_threads = True
    if chain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        os._exit(0)
