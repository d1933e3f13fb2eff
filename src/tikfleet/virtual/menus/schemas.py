"""Menus of one release as the engine follows them: the catalogue's arguments, made precise by the facts.

Schemas are shared by all routers of a release and class of board. The catalogue is that of x86 with extra packages;
menus of hardware are open: they take any argument until facts say otherwise. For v6 the menus of its own come from
`legacy`, and what v7 brought is taken away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Final

from tikfleet.routeros.check import releases
from tikfleet.routeros.export.menus import ORDERED, can_unset, unexported_flags
from tikfleet.routeros.export.secrets import is_sensitive
from tikfleet.routeros.script import catalogue
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.menus import legacy
from tikfleet.virtual.menus.facts.conditions import CONDITIONS, Condition
from tikfleet.virtual.menus.registry import FACTS
from tikfleet.virtual.menus.schema import Kind, MenuFacts, Property, Shape

_KINDS: Final = {
    catalogue.ADDRESS: Kind.TEXT,
    catalogue.BOOLEAN: Kind.BOOLEAN,
    catalogue.DURATION: Kind.DURATION,
    catalogue.LIST: Kind.LIST,
    catalogue.FLAGS: Kind.LIST,
    catalogue.MATCHERS: Kind.LIST,
    catalogue.MATCHER: Kind.MATCHER,
}
_NOT_PROPERTIES: Final = frozenset({"copy-from", "place-before", "numbers", "number", ".id", "value-name", "where"})
TABLE_COMMANDS: Final = frozenset(
    {"add", "comment", "disable", "edit", "enable", "export", "find", "get", "getall", "print", "remove", "set"}
)
_SINGLE_COMMANDS: Final = frozenset({"edit", "export", "get", "getall", "print", "set"})
# Radios of older chips were the main package's before 7.13: every router had their menus.
_MAIN_PACKAGE: Final = ("/interface/wireless", "/caps-man")
_RENAMED: Final = "/interface/wifiwave2"
_WIRELESS_LEFT: Final = RouterOSVersion(7, 13)
# Added, or there from the start, without `disabled`, these are off.
BORN_DISABLED: Final = frozenset(
    {f"/interface/{kind}-client" for kind in ("l2tp", "ovpn", "ppp", "pppoe", "pptp", "sstp")}
    | {"/interface/wireless", "/interface/wifi", "/interface/wifiwave2"}
)


@dataclass(slots=True)
class MenuSchema:
    """One menu of one release. `open_arguments`: nothing tells which arguments there are, so any goes."""

    path: str
    shape: Shape
    commands: frozenset[str]
    properties: dict[str, Property]
    facts: MenuFacts
    ordered: bool = False
    fixed: bool = False
    open_arguments: bool = False
    defaults: dict[str, str] = field(default_factory=dict)
    writable: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()

    @property
    def named(self) -> bool:
        return "name" in self.properties

    def property(self, name: str) -> Property | None:
        """What is known of a property; one that an open menu may have is text."""
        found = self.properties.get(name)
        if found is None and self.open_arguments:
            return Property(name)
        return found

    def can_unset(self, name: str) -> bool:
        """Whether a property can be left without a value: known so, or it has no default to fall back to."""
        if can_unset(self.path, name) or name == "comment":
            return True
        found = self.property(name)
        return found is not None and not found.required and not found.read_only and "unset" in self.commands


class Schemas:
    """The menus of a release; `hardware` tells whether it runs on a board rather than on x86 or in a cloud."""

    def __init__(self, version: RouterOSVersion, *, hardware: bool) -> None:
        self.version = version
        self._hardware = hardware
        self._known = releases.known()
        self._sample = self._known.sample(version)
        self._schemas: dict[str, MenuSchema | None] = {}
        self._paths: tuple[str, ...] = ()

    def get(self, path: str) -> MenuSchema | None:
        """The schema of a menu; `None` if the release or the board does not have it."""
        if path not in self._schemas:
            self._schemas[path] = self._make(path)
        return self._schemas[path]

    def paths(self) -> tuple[str, ...]:
        """Every menu there is, in the catalogue's order."""
        if not self._paths:
            every = dict.fromkeys((*self._known.menus, *releases.HARDWARE, *legacy.MENUS, *FACTS))
            self._paths = tuple(path for path in every if path and self.exists(path))
        return self._paths

    def exists(self, path: str) -> bool:
        facts = self._facts(path)
        if path in FACTS and facts is None and not self._is_legacy(path) and not self._had_another_form(path):
            return False
        if self.version.major < 7:  # noqa: PLR2004 - the generation
            if legacy.is_new(path):
                return False
            if path in legacy.MENUS:
                return True
        elif path in legacy.MENUS and path not in self._known.menus:
            return False
        span = self._known.menus.get(path)
        if path.startswith(_MAIN_PACKAGE) and self.version < _WIRELESS_LEFT:
            return True
        # What the trees of x86 say of hardware's menus says nothing of boards, but for a renaming.
        if self._is_hardware(path) and self._hardware and not path.startswith(_RENAMED):
            return True
        if span is not None:
            return span.holds(self._sample)
        return facts is not None and not self._is_hardware(path)

    def _facts(self, path: str) -> MenuFacts | None:
        """The facts of a menu in this release."""
        found = FACTS.get(path)
        return found if found is not None and self._holds(found.since, found.until) else None

    def _is_legacy(self, path: str) -> bool:
        return self.version.major < 7 and path in legacy.MENUS  # noqa: PLR2004 - the generation

    def _had_another_form(self, path: str) -> bool:
        """Whether the menu is older than its facts, which then describe what became of it."""
        span = self._known.menus.get(path)
        since = FACTS[path].since
        if span is None or not span.holds(self._sample) or not since:
            return False
        return RouterOSVersion.parse(since) > RouterOSVersion.parse(self._known.since(span))

    def has_command(self, path: str) -> bool:
        """Whether a release has a command, as far as any release is known to have it."""
        command = self._known.commands.get(path)
        return command is None or command[1].holds(self._sample)

    def _is_hardware(self, path: str) -> bool:
        return any(path == head or path.startswith(f"{head}/") for head in releases.HARDWARE)

    def _holds(self, since: str, until: str) -> bool:
        if since and self.version < RouterOSVersion.parse(since):
            return False
        return not until or self._minor() <= RouterOSVersion.parse(until)

    def _minor(self) -> RouterOSVersion:
        """The first release of this minor one: `until 7.12` holds for 7.12.2 too."""
        return RouterOSVersion(self.version.major, self.version.minor)

    def _make(self, path: str) -> MenuSchema | None:
        if not self.exists(path):
            return None
        facts = self._facts(path) or MenuFacts(path, shape=self._shape(path))
        commands = self._commands(path, facts)
        properties = self._properties(path, facts)
        generic = self._hardware_or_legacy(path)
        ordered = facts.ordered or path in ORDERED or "move" in commands
        schema = MenuSchema(
            path, facts.shape, commands, properties, facts, ordered, facts.fixed,
            generic or self._is_open(path, facts),
        )  # fmt: skip
        return _complete(schema)

    def _hardware_or_legacy(self, path: str) -> bool:
        return path not in self._known.menus or self._is_legacy(path)

    def _is_open(self, path: str, facts: MenuFacts) -> bool:
        return not facts.properties and self._is_legacy(path)

    def _shape(self, path: str) -> Shape:
        if self.version.major < 7 and path in legacy.SINGLES:  # noqa: PLR2004
            return Shape.SINGLE
        every = _names_in().get(path)
        if every is None:
            return Shape.TABLE
        names = {name for name in every if self.has_command(f"{path}/{name}")}
        if "add" in names or "find" in names or "remove" in names:
            return Shape.TABLE
        return Shape.SINGLE if names & {"set", "get", "print"} else Shape.COMMANDS

    def _commands(self, path: str, facts: MenuFacts) -> frozenset[str]:
        known = {
            name for name in _names_in().get(path, ()) if self._known.commands[f"{path}/{name}"][1].holds(self._sample)
        }
        if not known and facts.shape is not Shape.COMMANDS:
            known = set(TABLE_COMMANDS if facts.shape is Shape.TABLE else _SINGLE_COMMANDS)
            known |= {"move"} if facts.ordered or path in ORDERED else set()
            known |= {"unset", "monitor", "reset-counters"} if facts.shape is Shape.TABLE else set()
            known -= {"add", "remove"} if facts.fixed else set()
        return frozenset(known | {"getall"} if "print" in known else known)

    def _properties(self, path: str, facts: MenuFacts) -> dict[str, Property]:
        told = {fact.name: fact for fact in facts.properties if self._holds(fact.since, fact.until)}
        absent = {fact.name for fact in facts.properties} - set(told)
        found: dict[str, Property] = {}
        for command in ("add", "set"):
            spec = self._known.commands.get(f"{path}/{command}")
            for name, argument in self._known.sets[spec[0]].items() if spec is not None else ():
                held = argument.span.holds(self._sample) or self._is_hardware(path)
                if name in _NOT_PROPERTIES or name in absent or not held:
                    continue
                found.setdefault(name, told.get(name) or self._generic(path, command, name))
        for name, fact in told.items():
            # What other releases take as an argument, and this one does not, it does not have.
            if fact.read_only or not self._is_elsewhere(path, name):
                found.setdefault(name, fact)
        if self.version.major < 7:  # noqa: PLR2004 - the generation
            for name in legacy.PROPERTIES.get(path, ()):
                found.setdefault(name, Property(name))
        for name in found.keys() & legacy.CHOICES.get(path, {}).keys() if self.version < legacy.CHOICES_UNTIL else ():
            found[name] = replace(found[name], choices=(*found[name].choices, *legacy.CHOICES[path][name]))
        if facts.shape is Shape.TABLE:
            found.setdefault("comment", Property("comment"))
        return found

    def _is_elsewhere(self, path: str, name: str) -> bool:
        spans = [self._known.argument_span(f"{path}/{command}", name) for command in ("add", "set")]
        known = [span for span in spans if span is not None]
        return bool(known) and not self._is_hardware(path) and not any(span.holds(self._sample) for span in known)

    def _generic(self, path: str, command: str, name: str) -> Property:
        known = self._known
        letter = known.kind(f"{path}/{command}", name)
        choices = known.choice(f"{path}/{command}", name)
        kind = _KINDS.get(letter[:1], Kind.TEXT)
        if letter.startswith(catalogue.BOOLEAN) and (not choices or set(choices) == {"no", "yes"}):
            return Property(name, Kind.BOOLEAN, sensitive=is_sensitive(path, name))
        if letter.startswith((catalogue.BOOLEAN, catalogue.FREE)) and choices:
            kind = Kind.CHOICE
        # A duration next to words (`none`, `auto`): what else it takes is not in the words.
        closed = choices if kind in {Kind.CHOICE, Kind.LIST, Kind.MATCHER} else ()
        # The words are those of v7: v6 took others.
        if self.version.major < 7:  # noqa: PLR2004 - the generation
            closed = ()
        if kind is Kind.LIST and not choices:
            kind = Kind.TEXT
        return Property(name, kind, choices=closed, sensitive=is_sensitive(path, name))


@cache
def _names_in() -> dict[str, set[str]]:
    """The commands of each menu in any release."""
    found: dict[str, set[str]] = {}
    for path in releases.known().commands:
        menu, _, name = path.rpartition("/")
        found.setdefault(menu, set()).add(name)
    return found


def _complete(schema: MenuSchema) -> MenuSchema:
    defaults = {".id": ""} if schema.shape is Shape.TABLE else {}
    if "disable" in schema.commands or "disabled" in schema.properties:
        schema.properties.setdefault("disabled", Property("disabled", Kind.BOOLEAN))
    defaults |= {name: fact.default for name, fact in schema.properties.items() if fact.default is not None}
    if "disabled" in schema.properties and schema.shape is Shape.TABLE:
        born_disabled = schema.path in BORN_DISABLED
        defaults["disabled"] = "true" if born_disabled else defaults.get("disabled", "false")
    for flag in unexported_flags(schema.path):
        defaults.setdefault(flag, "false")
    schema.defaults = defaults
    schema.writable = frozenset(name for name, fact in schema.properties.items() if not fact.read_only)
    schema.secrets = frozenset(
        name for name, fact in schema.properties.items() if fact.sensitive or is_sensitive(schema.path, name)
    )
    schema.references = _references(schema)
    schema.conditions = CONDITIONS.get(schema.path, ())
    return schema


_INTERFACES: Final = ("/interface",)
_GUESSED: Final = {
    "interface": _INTERFACES, "in-interface": _INTERFACES, "out-interface": _INTERFACES, "bridge": _INTERFACES,
    "in-interface-list": ("/interface/list",), "out-interface-list": ("/interface/list",), "slaves": _INTERFACES,
    "master-interface": _INTERFACES, "gateway": _INTERFACES, "tagged": _INTERFACES, "untagged": _INTERFACES,
}  # fmt: skip


def _references(schema: MenuSchema) -> dict[str, tuple[str, ...]]:
    """Which properties follow the renaming of an item elsewhere: those of the facts, and names that always do."""
    guessed = {name: _GUESSED[name] for name, fact in schema.properties.items() if name in _GUESSED and not fact.refers}
    return guessed | {name: fact.refers for name, fact in schema.properties.items() if fact.refers}


@lru_cache(maxsize=64)
def schemas(version: RouterOSVersion, *, hardware: bool) -> Schemas:
    """Shared: a fleet of one release has one."""
    return Schemas(version, hardware=hardware)
