"""What a request of REST comes to on a router: commands, and what their outcome is in REST's words.

Which status and which words answer what is from the manual's REST page, the rest from public probes of 7.21 and 7.23: a
record that is not there is 404 without a detail, `PATCH` and `DELETE` hide most reasons behind one sentence.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tikfleet.routeros.rest.call import Body, RestCall, RestRefused
from tikfleet.routeros.rest.filters import every, selected
from tikfleet.routeros.rest.menus import ITEM_ID, Menus, has_names, is_single
from tikfleet.routeros.rest.rows import Row
from tikfleet.routeros.script import catalogue
from tikfleet.routeros.script.builder import FLAG, Argument, Command, Expression, ItemId, Variable, Where
from tikfleet.routeros.script.catalogue import CommandSpec, Menu

_NO_RESOURCE: Final = "missing or invalid resource identifier"
_TRUE, _FALSE = frozenset({"true", "yes"}), frozenset({"false", "no"})
# Shown over time; they change nothing.
_WATCHING: Final = frozenset({"monitor", "monitor-traffic"})
_LIMITS: Final = frozenset({"once", "duration", "count"})
# Commands that need to be told of which records. REST asks for `.id` before it looks at other arguments: unverified.
_OF_RECORDS: Final = frozenset({"get", "set", "remove", "enable", "disable"})
_NO_RECORD: Final = "missing =.id="
# How a list is shown; REST shows all properties in any case.
_SHOWING: Final = frozenset({"detail", "stats", "without-paging", "terse", "brief", "as-value", "value-list"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a router gave: rows, whether they are one set of values, and the value that a command returned."""

    rows: Sequence[Row] = ()
    single: bool = False
    ret: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """REST's answer: `value` is for JSON (nothing at all with 204), `location` the path of a new record."""

    status: int
    value: object = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One request for one release.

    `command` is run and its outcome given to `reply`. `reads` says that nothing changes. `find` names the record that
    `command` works on as `$item`; `after` shows what a change left, of `$got` (what `command` returned) or `$item`.
    `wanted` are the properties that are needed, none for all; `missing` is what is said when there is no such record.
    """

    menu: str
    command: Expression
    reply: Callable[[Outcome], Reply]
    reads: bool = True
    find: Expression | None = None
    after: Expression | None = None
    wanted: tuple[str, ...] = ()
    hides_reasons: bool = False
    missing: RestRefused | None = None


def plan(call: RestCall, menus: Menus) -> Plan:
    """What a request comes to. Raises RestRefused for what the router would refuse by its menus alone."""
    call = _modern(call)
    match call.method:
        case "GET":
            return _get(call, menus)
        case "PUT":
            return _put(call, menus)
        case "PATCH" | "DELETE":
            return _change(call, menus)
        case _:
            return _post(call, menus)


def reads_only(call: RestCall) -> bool:
    """Whether a request changes nothing, by its method and the command's name alone."""
    return call.method == "GET" or (call.method == "POST" and _modern(call).words[-1:] in _READING)


def _modern(call: RestCall) -> RestCall:
    """`getall` is what the binary API called `print` before release 3; old clients still do."""
    if call.method == "POST" and call.words[-1:] == ("getall",):
        return replace(call, words=(*call.words[:-1], "print"))
    return call


_READING: Final = {("print",), ("get",), ("find",), *((name,) for name in _WATCHING)}


def _get(call: RestCall, menus: Menus) -> Plan:
    filters = dict(call.filters)
    names = _names(filters.pop(".proplist", None))
    words = call.words
    menu = menus.menu(words) if words else None
    if menu is None:
        menu, where = _record(words, menus)
        missing = _missing(words, menus)
        return Plan(menu.path, _shown(menu, where), lambda outcome: _one(outcome, names, missing), wanted=names)
    passes = every([f"{name}={value}" for name, value in filters.items()])
    if is_single(menu):

        def shown_once(outcome: Outcome) -> Reply:
            row = outcome.rows[0] if outcome.rows and passes(outcome.rows[0]) else {}
            return Reply(200, selected(row, names))

        return Plan(menu.path, _shown(menu, None), shown_once, wanted=(*names, *filters) if names else ())
    shown = (".id", *names) if names else ()

    def listed(outcome: Outcome) -> Reply:
        return Reply(200, [selected(row, shown) for row in outcome.rows if passes(row)])

    return Plan(menu.path, _shown(menu, None), listed, wanted=(*shown, *filters) if shown else ())


def _put(call: RestCall, menus: Menus) -> Plan:
    menu = menus.menu(call.words) if call.words else None
    if menu is None:
        raise menus.refusal(call.words)
    spec = _command(menu, "add")
    body = dict(call.body)
    names = _names(body.pop(".proplist", None))

    def added(outcome: Outcome) -> Reply:
        row = outcome.rows[0] if outcome.rows else {}
        return Reply(201, selected(row, names), location=f"{menu.path}/{row.get('.id') or outcome.ret or ''}")

    return Plan(
        menu.path,
        Command(menu.path, "add", _arguments(spec, body)),
        added,
        reads=False,
        after=_shown(menu, (".id", Variable("got"))),
    )


def _change(call: RestCall, menus: Menus) -> Plan:
    words = call.words
    if not words or menus.menu(words) is not None:
        raise RestRefused(400, _NO_RESOURCE)
    holder = menus.menu(words[:-1]) if len(words) > 1 else None
    if holder is None:
        raise menus.refusal(words[:-1])
    menu, where = _record(words, menus)
    body = dict(call.body) if call.method == "PATCH" else {}
    # Clients send a record back as they read it: the path says which one it is.
    body.pop(".id", None)
    names = _names(body.pop(".proplist", None))
    deleting = call.method == "DELETE"
    name = "remove" if deleting else "set"
    by_id = words[-1].startswith("*")
    missing = _missing(words, menus)
    try:
        arguments = _arguments(_command(menu, name), body)
    except RestRefused as refused:
        if by_id and refused.detail.startswith("unknown parameter"):
            raise
        raise RestRefused(400, _NO_RESOURCE) from refused
    return Plan(
        menu.path,
        Command(menu.path, name, {"numbers": Variable("item"), **arguments}),
        (lambda _: Reply(204)) if deleting else (lambda outcome: _one(outcome, names, missing)),
        reads=False,
        find=Where(Command(menu.path, "find"), *where),
        after=None if deleting else _shown(menu, (".id", Variable("item"))),
        hides_reasons=True,
        missing=missing,
    )


def _post(call: RestCall, menus: Menus) -> Plan:
    words = call.words
    if words and menus.menu(words) is not None and menus.command(words) is None:
        raise RestRefused(400, "no such command")
    spec = menus.command(words)
    if spec is None:
        raise menus.refusal(words)
    body = dict(call.body)
    names = _names(body.pop(".proplist", None))
    query = body.pop(".query", None)
    asks = [query] if isinstance(query, str) and query else list(query or ())
    # `get` works on one record and calls it `number`.
    numbers = next((one for one in ("numbers", "number") if one in spec.arguments), "")
    for given in (".id", "numbers"):
        if numbers and given in body and given != numbers:
            body[numbers] = body.pop(given)
    if body.get("once") == "false":
        del body["once"]
    name = words[-1]
    menu = spec.menu
    if name == "print":
        return _printed(menu, spec, body, names, asks)
    passes = every(asks)
    if name in _OF_RECORDS and numbers and numbers not in body:
        raise RestRefused(400, _NO_RECORD)
    arguments = _arguments(spec, body)
    watching = name in _WATCHING
    if watching and not _LIMITS & body.keys():
        raise RestRefused(400, "this command goes on for ever: give once, or duration")
    if "as-value" in spec.arguments:
        arguments["as-value"] = FLAG

    def done(outcome: Outcome) -> Reply:
        if name == "find":
            # A script gets an array of ids, one a row here; REST gets one text.
            ids = [value for row in outcome.rows for value in row.values()]
            return Reply(200, {"ret": ";".join(ids) or outcome.ret or ""})
        if outcome.rows:
            also = (".section", *names) if names else ()
            return Reply(200, [selected(row, also) for row in outcome.rows if passes(row)])
        # REST ends the lines of a script's output as HTTP does, and the last one not at all.
        ret = (outcome.ret or "").removesuffix("\n").replace("\n", "\r\n") if name == "execute" else outcome.ret
        return Reply(200, {"ret": ret} if ret else [])

    command = Command(menu.path, name, arguments)
    return Plan(menu.path, command, done, reads=(name,) in _READING)


def _printed(menu: Menu, spec: CommandSpec, body: Body, names: tuple[str, ...], asks: Sequence[str]) -> Plan:
    passes = every(asks)
    for name in body:
        if name not in spec.arguments:
            raise RestRefused(400, f"unknown parameter {name}")
    if "count-only" in body and asks:
        return Plan(
            menu.path,
            _shown(menu, None),
            lambda outcome: Reply(200, {"ret": str(sum(passes(row) for row in outcome.rows))}),
        )
    if "count-only" in body:
        command = Command(menu.path, "print", {"count-only": FLAG})
        return Plan(menu.path, command, lambda outcome: Reply(200, {"ret": outcome.ret or "0"}))
    if others := [name for name in body if name not in _SHOWING]:
        raise RestRefused(400, f"{others[0]} is not understood here: use .query")
    return Plan(
        menu.path,
        _shown(menu, None),
        lambda outcome: Reply(200, [selected(row, names) for row in outcome.rows if passes(row)]),
    )


def _missing(words: tuple[str, ...], menus: Menus) -> RestRefused:
    """What is said of a record that is not there: by its id 404, by its name that the path is none."""
    return RestRefused(404) if words[-1].startswith("*") else menus.refusal(words)


def _one(outcome: Outcome, names: Sequence[str], missing: RestRefused) -> Reply:
    if not outcome.rows:
        raise missing
    return Reply(200, selected(outcome.rows[0], names))


def _record(words: tuple[str, ...], menus: Menus) -> tuple[Menu, tuple[str, str | ItemId]]:
    """The menu of a path that ends in the id or the name of a record, and what is true of the record."""
    menu = menus.menu(words[:-1]) if len(words) > 1 else None
    if menu is None or is_single(menu):
        raise menus.refusal(words)
    _command(menu, "print", menus.refusal(words))
    key = words[-1]
    if key.startswith("*"):
        if ITEM_ID.fullmatch(key.upper()) is None:
            raise RestRefused(404)
        return menu, (".id", ItemId(key.upper()))
    if not has_names(menu) and menus.command(words) is None:
        raise RestRefused(400, "no such command prefix")
    if menus.command(words) is not None:
        raise menus.refusal(words)
    return menu, ("name", key)


def _command(menu: Menu, name: str, refusal: RestRefused | None = None) -> CommandSpec:
    found = menu.entries.get(name)
    if not isinstance(found, CommandSpec):
        raise refusal or RestRefused(400, "no such command")
    return found


def _shown(menu: Menu, where: "tuple[str, str | ItemId | Variable] | None") -> Expression:
    """`print as-value` with every property that the release shows in detail."""
    spec = _command(menu, "print")
    flags: dict[str, Argument] = {"detail": FLAG} if dict.__contains__(spec.arguments, "detail") else {}
    command = Command(menu.path, "print", {**flags, "as-value": FLAG})
    return command if where is None else Where(command, *where)


def _arguments(spec: CommandSpec, body: Body) -> dict[str, Argument]:
    """Members of a body as arguments. Raises RestRefused for what the command does not take."""
    found: dict[str, Argument] = {}
    for name, value in body.items():
        bare = name.removeprefix("!")
        if bare not in spec.arguments:
            raise RestRefused(400, f"unknown parameter {name}")
        text = value if isinstance(value, str) else ",".join(value)
        kind = spec.arguments.get(bare, catalogue.FREE)
        argument = _argument(kind, bare, text)
        if argument is not None:
            found[bare] = argument
    try:
        Command("", "x", found)
    except ValueError as cause:
        raise RestRefused(400, "unknown parameter") from cause
    return found


def _argument(kind: str, name: str, text: str) -> "Argument | None":
    lowered = text.lower()
    if kind == catalogue.FLAG:
        return None if lowered in _FALSE else FLAG
    if kind == catalogue.BOOLEAN and lowered in _TRUE | _FALSE:
        return lowered in _TRUE
    if name in {"numbers", "number"} and ITEM_ID.fullmatch(text.upper()):
        return ItemId(text.upper())
    return text


def _names(proplist: "str | list[str] | None") -> tuple[str, ...]:
    if proplist is None:
        return ()
    return tuple(name for name in (proplist.split(",") if isinstance(proplist, str) else proplist) if name)


_PLACE: Final = re.compile(r"\s*\((?:/[^();]*; )?line \d+(?: column \d+)?\)\s*$")
_UNKNOWN: Final = re.compile(r"bad command name (\S+)")
_PERMISSIONS: Final = ("not enough permissions", "std failure: not allowed")


def refusal_of(error: str, made: Plan, *, old: bool = False) -> RestRefused:
    """An error of a script in the words of REST. `old`: a release before 7.9, which says 406 where others say 400.

    Scripts end an error with its place, and an import begins it with `Script Error:`; REST does neither.
    """
    text = _PLACE.sub("", error.strip().removeprefix("Script Error: "))
    status = 406 if old else 400
    if text.startswith("no such item"):
        return RestRefused(404)
    if text.startswith(_PERMISSIONS):
        return RestRefused(500, text)
    if made.hides_reasons:
        return RestRefused(status, _NO_RESOURCE)
    if unknown := _UNKNOWN.match(text):
        return RestRefused(status, f"no such command or directory ({unknown[1]})")
    return RestRefused(status, text)


def sensitive_free(reply: Reply, hidden: Callable[[str, str], str]) -> Reply:
    """The reply with each value as `hidden(name, value)` shows it."""

    def row(value: object) -> object:
        if isinstance(value, Mapping):
            return {name: hidden(str(name), str(text)) for name, text in value.items()}
        return value

    value = [row(one) for one in reply.value] if isinstance(reply.value, list) else row(reply.value)
    return Reply(reply.status, value, reply.location)
