"""Fluent Bit's configuration has the structure that its documents describe, and its requests are ones that we take."""

import re
from pathlib import Path

import pytest
import yaml

from tikfleet.domains.logs.ingest_http import PATH, records_of

FILE = Path(__file__).parents[3] / "deploy" / "fluent-bit" / "fluent-bit.yaml"
WHOLE = yaml.safe_load(FILE.read_text())


def test_lines_are_kept_on_disk_within_a_bound_and_sent_until_they_are_taken() -> None:
    assert WHOLE["service"]["storage.path"]
    assert {one["storage.type"] for one in WHOLE["pipeline"]["inputs"]} == {"filesystem"}
    (output,) = WHOLE["pipeline"]["outputs"]
    assert (output["uri"], output["format"], output["compress"]) == (PATH, "json_lines", "gzip")
    assert (output["retry_limit"], output["tls"], output["tls.verify"]) == ("no_limits", True, True)
    assert output["storage.total_limit_size"]


def test_every_input_names_a_parser_that_keeps_the_line_and_the_key_of_its_sender() -> None:
    parsers = {one["name"]: one["regex"].replace("(?<", "(?P<") for one in WHOLE["parsers"]}
    assert {one["mode"] for one in WHOLE["pipeline"]["inputs"]} == {"udp", "tcp"}
    for one in WHOLE["pipeline"]["inputs"]:
        found = re.match(parsers[one["parser"]], "system,info hello")
        assert found is not None
        assert found.groupdict() == {"raw": "system,info hello"}
        assert one["source_address_key"] == "source_host"


def test_a_request_as_it_writes_them_is_understood() -> None:
    body = b'{"date":1763871611.1,"raw":"system,info hello","source_host":"192.0.2.17"}\n{"date":1.0,"raw":"<27>x"}\n'
    found = records_of(body)
    assert (found.lines, found.names) == ([b"system,info hello", b"<27>x"], ["192.0.2.17", ""])


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("udp://192.0.2.17:53124", "192.0.2.17"),
        ("tcp://2001:db8::17:53124", "2001:db8::17"),
        ("tcp://[2001:db8::17]:53124", "2001:db8::17"),
        ("192.0.2.17", "192.0.2.17"),
        ("unix:///run/log", "unix:///run/log"),
    ],
)
def test_a_sender_as_it_writes_them_is_called_by_its_address(said: str, name: str) -> None:
    assert records_of(b'{"raw":"x","source_host":"%s"}' % said.encode()).names == [name]
