"""Commands of the language that deal with the script itself, its data forms and the clock."""

import socket
from typing import Final

from tikfleet.routeros.script.tree import Command
from tikfleet.virtual.menus.request import Caller, Request
from tikfleet.virtual.scripting import dsv_form, json_form
from tikfleet.virtual.scripting.compilation import compiled
from tikfleet.virtual.scripting.encodings import converted
from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.evaluation import Handler, Run
from tikfleet.virtual.scripting.notation import decoded
from tikfleet.virtual.scripting.scope import Scope
from tikfleet.virtual.scripting.values import (
    NIL,
    Array,
    Code,
    Empty,
    Time,
    Value,
    address6_of,
    address_of,
    text,
)

_NO_CONVERSION: Final = "json.no-string-conversion"
_PRETTY: Final = "json.pretty"
_SYSTEM: Final = Caller(user="", via="system")


def parse(run: Run, command: Command, scope: Scope) -> Value:
    value = run.given(command, "value", scope)
    return value if isinstance(value, Code) else compiled(text(value), run.host.profile.version)


def _words(run: Run, command: Command, name: str, scope: Scope) -> list[str]:
    value = run.given(command, name, scope)
    if isinstance(value, Empty):
        return []
    return [text(item) for item in value.values()] if isinstance(value, Array) else text(value).split(",")


def serialize(run: Run, command: Command, scope: Scope) -> Value:
    value = run.needed(command, "value", scope)
    form = text(run.needed(command, "to", scope))
    options = _words(run, command, "options", scope)
    if form == "json":
        writer = json_form.Writer(convert=_NO_CONVERSION not in options, pretty=_PRETTY in options)
        made = writer.written(value)
    elif form == "dsv":
        delimiter = text(run.given(command, "delimiter", scope, ","))
        made = dsv_form.written(value, delimiter, _words(run, command, "order", scope), options)
    else:
        raise RosError("input does not match any value of to")
    if "file-name" not in command.arguments:
        return made
    name = decoded(text(run.given(command, "file-name", scope)))
    run.host.files.write(name, made.encode("latin-1"))
    return ""


def deserialize(run: Run, command: Command, scope: Scope) -> Value:
    source = text(run.needed(command, "value", scope))
    form = text(run.needed(command, "from", scope))
    options = _words(run, command, "options", scope)
    if form == "json":
        split = not run.host.profile.at_least("7.15")
        return json_form.Reader(source, convert=_NO_CONVERSION not in options, split=split).read()
    if form == "dsv":
        return dsv_form.read(source, text(run.given(command, "delimiter", scope, ",")), options)
    raise RosError("input does not match any value of from")


def convert(run: Run, command: Command, scope: Scope) -> Value:
    value = run.needed(command, "value", scope)
    names = [text(run.given(command, name, scope, "")) for name in ("from", "to", "transform")]
    return converted(value, *names)


def timestamp(run: Run, command: Command, scope: Scope) -> Value:
    """Since 1970, by the router's clock."""
    return Time(round(run.host.menus.store.now_s() * 1e6) * 1_000)


def job_name(run: Run, command: Command, scope: Scope) -> Value:
    return run.name


def lock(run: Run, command: Command, scope: Scope) -> Value:
    """Scripts of this router run one at a time between their waits. [unverified: what RouterOS locks]."""
    return NIL


def resolve(run: Run, command: Command, scope: Scope) -> Value:
    """An address by `/ip/dns/static`, and `localhost`; this router asks nobody else."""
    name = text(run.needed(command, "domain-name", scope))
    found = address_of(name) or address6_of(name)
    if found is not None:
        return found
    if name == "localhost":
        return address_of(socket.inet_ntoa(b"\x7f\0\0\1")) or NIL
    rows = run.host.menus.perform(Request("/ip/dns/static", "print", caller=_SYSTEM)).rows
    for row in rows:
        if row.get("name") == decoded(name) and row.get("disabled") != "true" and row.get("address"):
            return address_of(row["address"]) or address6_of(row["address"]) or row["address"]
    raise RosError("failure: dns name does not exist")


ENVIRONMENT: Final[dict[str, Handler]] = {
    "/parse": parse,
    "/serialize": serialize,
    "/deserialize": deserialize,
    "/convert": convert,
    "/timestamp": timestamp,
    "/jobname": job_name,
    "/lock": lock,
    "/resolve": resolve,
}
