"""What the commands that need no server ask of our knowledge of RouterOS."""

from tikfleet.agent.names import AGENT_NAMES
from tikfleet.cli.scripts import Comparison, Finding, Offline
from tikfleet.routeros.check.checker import DEFAULT_VERSION, check
from tikfleet.routeros.export.difference import difference
from tikfleet.routeros.export.migration import migration
from tikfleet.routeros.export.reader import read
from tikfleet.routeros.export.wording import document, sentences
from tikfleet.routeros.script.builder import Dialect
from tikfleet.routeros.script.errors import FormTooLarge, ScriptError
from tikfleet.routeros.script.intermediate import intermediate_form
from tikfleet.routeros.script.parser import parse


def offline() -> Offline:
    """The functions for `tikfleet check` and `tikfleet diff`."""
    return Offline(check=_check, form=_form, compare=_compare, version=DEFAULT_VERSION)


def _check(source: bytes, version: str) -> list[Finding]:
    return [
        Finding(remark.severity.value, remark.line, remark.column, remark.code, remark.sentence)
        for remark in check(source, version, AGENT_NAMES)
    ]


def _form(source: bytes, version: str) -> tuple[bool, str]:
    """Whether RouterOS takes the script, and the intermediate form or its refusal."""
    try:
        return True, intermediate_form(parse(source, version))
    except (ScriptError, FormTooLarge) as refusal:
        return False, str(refusal)


def _compare(old: bytes, new: bytes) -> Comparison:
    before, after = read(old), read(new)
    found = difference(before, after)
    plan = migration(before, after)
    dialect = Dialect.V6 if after.header.version.startswith("6.") else Dialect.V7
    return Comparison(list(sentences(found)), document(found), plan.text(dialect), plan.notes)
