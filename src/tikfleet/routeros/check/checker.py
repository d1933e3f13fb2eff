"""Check a script for a release before it is sent: what RouterOS would refuse, and what it would do to one's regret."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from tikfleet.routeros.check import releases
from tikfleet.routeros.check.remark import Remark, Severity
from tikfleet.routeros.check.requirements import requirement
from tikfleet.routeros.check.risks import risks
from tikfleet.routeros.check.walk import constant, nodes
from tikfleet.routeros.script import catalogue
from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.tree import Command, Fault, Node, Script, UnknownCommand, Unset
from tikfleet.routeros.values import RouterOSVersion

DEFAULT_VERSION: Final = "7.22.3"
MAX_BYTES: Final = 2 << 20
MAX_REMARKS: Final = 500

# The release whose values are known, the first that passes over unknown arguments, and the first of this language.
_VALUES: Final = RouterOSVersion(7, 22, 99)
_LENIENT: Final = "7.24"
_PASSES_OVER: Final = RouterOSVersion.parse("7.23alpha1")
_FIRST_MAJOR: Final = 7
_WITHOUT_PACKAGES: Final = (7, 22)
_OLDEST: Final = RouterOSVersion(7, 9)

_END: Final = "expected end of command"
_ELSEWHERE: Final = "is only on routers that have the hardware or the package, and was not checked"
_TAB: Final = 8
_LOOK: Final = 80
_LINE_FEED: Final = 10
_NAMED: Final = re.compile(r"([a-z0-9.][A-Za-z0-9./-]*)=")
_GIVEN: Final = re.compile(r"!?[A-Za-z0-9./-]+=")
_SLASHED: Final = re.compile(r"/?[a-z0-9-]+/[a-z0-9]")
_WORD: Final = re.compile(r"[a-z][a-z0-9-]*")
_BOOLEANS: Final = frozenset({"yes", "no", "true", "false"})
# Arguments that hold a script of their own.
_SCRIPTS: Final = frozenset({"source", "on-event", "on-up", "on-down", "up-script", "down-script", "script"})
_LOOKS_LIKE_SCRIPT: Final = re.compile(r"[\s:/;{]")
_MAX_INNER: Final = 20


def check(source: str | bytes, version: str | None = None, protected: AbstractSet[str] = frozenset()) -> list[Remark]:
    """Remarks in the order of the source; none is good. Takes any text; what it costs grows with its length only.

    `version` is the release that is to run the script (`7.16.2`); a text that is no version raises `ValueError`.
    `protected` are names of schedulers and scripts whose loss is worth a warning of its own.
    """
    release = RouterOSVersion.parse(version or DEFAULT_VERSION)
    data = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BYTES:
        sentence = f"the script has {len(data)} bytes: more than {MAX_BYTES} are not checked"
        return [Remark(Severity.ERROR, 1, 1, "too-large", sentence)]
    found = _Check(data, release, protected).remarks()
    return sorted(set(found), key=lambda remark: (remark.line, remark.column, remark.severity, remark.code))[
        :MAX_REMARKS
    ]


class _Check:
    """One script for one release."""

    def __init__(self, data: bytes, release: RouterOSVersion, protected: AbstractSet[str], depth: int = 0) -> None:
        self.data = data
        self.release = release
        self.protected = protected
        self.depth = depth
        self.facts = releases.known()
        self.old = release.major < _FIRST_MAJOR
        self.sample = self.facts.sample(release)
        self._starts = [0, *(place + 1 for place, byte in enumerate(data) if byte == _LINE_FEED)]

    def remarks(self) -> Iterator[Remark]:
        if self.release < _OLDEST:
            yield self._at(0, "unverified", "menus and arguments are known from 7.9 on: those were checked", warn=True)
        refusal: ScriptError | None = None
        try:
            script: Script | None = self._parsed()
        except ScriptError as error:
            refusal = error
            script = self._whole()
        except RecursionError:
            yield self._at(0, "syntax", "nested too deeply")
            return
        explained = False
        for remark in self._tree(script):
            if refusal is not None and (remark.line, remark.column) == (refusal.line, refusal.column):
                explained = explained or remark.sentence.startswith(_END)
            yield remark
        if refusal is not None and not explained:
            yield self._refused(refusal)
        if refusal is None and (self.release.major, self.release.minor) == _WITHOUT_PACKAGES:
            yield from self._without_packages()

    def _without_packages(self) -> Iterator[Remark]:
        """What a router says that has no extra package, where that is known and the script needs one."""
        try:
            parse(self.data, str(self.release))
        except ScriptError as refusal:
            place = refusal.line, refusal.column
            sentence = f"a router without the package that this needs refuses it: {refusal.reason}"
            yield self._remark(place, "package", sentence, warn=True)

    def _parsed(self) -> Script:
        """The script as the release reads it. What v6 has is not known, so there nothing is unknown to it."""
        if self.old:
            return parse(self.data, _LENIENT, releases.root(None))
        return parse(self.data, str(self.release), releases.root(self.sample))

    def _whole(self) -> Script | None:
        """The script as a router would read it that has everything there ever was."""
        try:
            return parse(self.data, _LENIENT, releases.root(None))
        except (ScriptError, RecursionError):
            return None

    def _refused(self, refusal: ScriptError) -> Remark:
        sentence = refusal.reason
        if refusal.reason == _END and (word := self._word_at(refusal.line, refusal.column)):
            sentence = f"{sentence}: there is no argument {word} here"
        return self._remark((refusal.line, refusal.column), "syntax", sentence)

    def _tree(self, script: Script | None) -> Iterator[Remark]:
        for node in nodes(script.statements if script is not None else []):
            if isinstance(node, Command):
                yield from self._command(node)
            elif isinstance(node, UnknownCommand):
                yield from self._unknown(node)

    def _absent_argument(self, path: str, name: str) -> tuple[str, str, str]:
        """Code, sentence and the release that brought it, for an argument that the command lacks in this release."""
        span = self.facts.argument_span(path, name)
        if span is not None and span.first > self.sample:
            return "too-new", f"{path} has {name} since {self.facts.since(span)}", self.facts.since(span)
        menu = path.rpartition("/")[0]
        if any(name.startswith(start) for start in releases.HARDWARE_ARGUMENTS.get(menu, ())):
            return "hardware", f"{path} has {name} only on hardware that has it", ""
        if span is not None and span.last < self.sample:
            return "gone", f"{path} had {name} until {self.facts.until(span)}", ""
        return "unknown-argument", f"{path} has no argument {name}", ""

    def _command(self, command: Command) -> Iterator[Remark]:
        for code, sentence in risks(command, self.protected):
            yield self._at(command.at, code, sentence, warn=True)
        if command.fault is not None:
            yield self._fault(command.path, command.fault)
        if self._is_hardware(command.path):
            yield self._at(command.at, "hardware", f"{command.path} {_ELSEWHERE}", warn=True)
            return
        if self.old:
            if command.path.count("/") > 1 and _SLASHED.match(self._text_at(command.at)):
                why = "menus are written with slashes since 7.1; here with blanks"
                yield self._at(command.at, "too-new", why, since="7.1")
            return
        yield from self._newer(command)
        yield from self._required(command)
        for name, node in command.arguments.items():
            yield from self._value(command, name, node)
            if name in _SCRIPTS:
                yield from self._inner(command, name, node)

    def _fault(self, path: str, fault: Fault) -> Remark:
        """An argument that no known release has: refused before 7.23, from there on an error when the command runs."""
        code, why, since = self._absent_argument(path, fault.name)
        warn = code == "hardware" or self.old
        if self.release < _PASSES_OVER and not self.old:
            start = fault.line, fault.column - len(fault.name)
            return self._remark(start, code, f"{_END}: {why}", warn=warn, since=since)
        sentence = f"bad parameter {fault.name}: {why}"
        return self._remark((fault.line, fault.column), code, sentence, warn=warn, since=since)

    def _newer(self, command: Command) -> Iterator[Remark]:
        """What a refused script has besides that this release does not: seen only in the tree of all releases."""
        span = self.facts.span(command.path)
        if span is not None and not span.holds(self.sample):
            code, why, since = self._other_release(command.path.rpartition("/")[2], span)
            yield self._at(command.at, code, why, since=since)
            return
        for name, place in command.places.items():
            span = self.facts.argument_span(command.path, name)
            if span is not None and not span.holds(self.sample):
                code, why, since = self._absent_argument(command.path, name)
                yield self._at(place, code, f"{_END}: {why}", warn=code == "hardware", since=since)

    def _required(self, command: Command) -> Iterator[Remark]:
        menu, _, name = command.path.rpartition("/")
        needed = requirement(menu, self.release) if name == "add" else None
        if needed is None:
            return
        given = {argument for argument, node in command.arguments.items() if not isinstance(node, Unset)}
        reason = needed.missing(given, lambda argument: self._has(command.path, argument))
        if reason:
            line, column = self._place(command.at)
            sentence = f"{reason} ({command.path}; line {line})"
            yield self._remark((line, column), "missing-argument", sentence)

    def _has(self, path: str, argument: str) -> bool:
        span = self.facts.argument_span(path, argument)
        return span is not None and span.holds(self.sample)

    def _value(self, command: Command, name: str, node: Node) -> Iterator[Remark]:
        place = command.places.get(name)
        text = constant(node)
        if place is None or not text or not _GIVEN.match(self._text_at(place)):
            return
        allowed = self._allowed(command.path, name)
        if not allowed:
            return
        words = text.split(",")
        for word in words if self.facts.kind(command.path, name)[:1] in releases.LISTS else words[:1]:
            plain = word.removeprefix("!")
            if _WORD.fullmatch(plain) and not any(choice.lower().startswith(plain) for choice in allowed):
                late = self.release > _VALUES
                unsure = f"; 7.22.3 did not have the value {plain}" if late else f": it has no value {plain}"
                yield self._at(place, "value", f"input does not match any value of {name}{unsure}", warn=late)

    def _allowed(self, path: str, name: str) -> frozenset[str]:
        choice = self.facts.choice(path, name)
        if choice:
            return frozenset(choice) | (_BOOLEANS if {"yes", "no"} & set(choice) else frozenset())
        kind = self.facts.kind(path, name)
        if kind[:1] != catalogue.BOOLEAN:
            return frozenset()
        return _BOOLEANS | frozenset(kind[1:].split("|") if len(kind) > 1 else ())

    def _inner(self, command: Command, name: str, node: Node) -> Iterator[Remark]:
        """A script inside an argument is read when it runs: what is wrong with it is a warning here."""
        text = constant(node)
        if not text or self.depth or not _LOOKS_LIKE_SCRIPT.search(text):
            return
        inner = _Check(text.encode("utf-8", "surrogatepass"), self.release, self.protected, self.depth + 1)
        place = command.places.get(name, command.at)
        for count, remark in enumerate(inner.remarks()):
            if count < _MAX_INNER:
                where = f"in {name}, line {remark.line} column {remark.column}"
                yield self._at(place, remark.code, f"{where}: {remark.sentence}", warn=True, since=remark.since)

    def _unknown(self, command: UnknownCommand) -> Iterator[Remark]:
        place = command.line, command.column
        full = releases.full_path(command.menu, command.name)
        reason = f"bad command name {command.name}"
        if self._is_hardware(full):
            yield self._remark(place, "hardware", f"{reason}: {full} {_ELSEWHERE}", warn=True)
            return
        span = self.facts.span(full)
        if span is None or span.holds(self.sample):
            yield self._remark(place, "unknown-command", reason, warn=self.old)
            return
        code, sentence, since = self._other_release(command.name, span)
        yield self._remark(place, code, sentence, since=since)

    def _other_release(self, name: str, span: releases.Span) -> tuple[str, str, str]:
        if span.first > self.sample:
            since = self.facts.since(span)
            return "too-new", f"bad command name {name}: RouterOS has it since {since}", since
        return "gone", f"bad command name {name}: RouterOS had it until {self.facts.until(span)}", ""

    def _is_hardware(self, path: str) -> bool:
        """Whether a menu is one that the samples cannot tell about for this release."""
        head = next((head for head in releases.HARDWARE if f"{path}/".startswith(f"{head}/")), None)
        span = None if head is None else self.facts.span(head)
        return head is not None and (span is None or not span.holds(self.sample))

    def _text_at(self, place: int) -> str:
        return self.data[place : place + _LOOK].decode("latin-1")

    def _word_at(self, line: int, column: int) -> str:
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.data)
        # Without tabs a column is a byte; with them the word is not looked for.
        text = self.data[start:end].decode("latin-1")
        match = _NAMED.match(text, column - 1) if "\t" not in text else None
        return match[1] if match is not None else ""

    def _place(self, at: int) -> tuple[int, int]:
        """Line and column of a byte; a tab moves to the next column that eight divides, as RouterOS counts."""
        line = bisect_right(self._starts, at)
        first, *tabbed = self.data[self._starts[line - 1] : at].split(b"\t")
        column = 1 + len(first)
        for run in tabbed:
            column = (column // _TAB + 1) * _TAB + len(run)
        return line, column

    def _at(self, place: int, code: str, sentence: str, *, warn: bool = False, since: str = "") -> Remark:
        return self._remark(self._place(place), code, sentence, warn=warn, since=since)

    def _remark(
        self, place: tuple[int, int], code: str, sentence: str, *, warn: bool = False, since: str = ""
    ) -> Remark:
        return Remark(Severity.WARNING if warn else Severity.ERROR, *place, code, sentence, since)
