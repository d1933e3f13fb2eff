"""Variables: blocks inside blocks, and the globals of a user."""

from typing import Final

from tikfleet.virtual.scripting.values import NOTHING, Value


class _Global:
    """Marks a name that stands for the global of that name."""


GLOBAL: Final = _Global()


class Scope:
    """The names that a block declares. `outer` is `None` for a script and for a function: neither sees any further."""

    __slots__ = ("arguments", "globals", "outer", "values")

    def __init__(
        self,
        outer: "Scope | None",
        variables: dict[str, Value],
        values: "dict[str, Value | _Global] | None" = None,
        arguments: frozenset[str] = frozenset(),
    ) -> None:
        self.outer = outer
        self.globals = variables
        self.values: dict[str, Value | _Global] = {} if values is None else values
        self.arguments = arguments

    def inner(self, values: "dict[str, Value | _Global] | None" = None) -> "Scope":
        return Scope(self, self.globals, values)

    def get(self, name: str) -> Value:
        """The value; nothing for a name that nobody declared, as RouterOS has it at run time."""
        here: Scope | None = self
        while here is not None:
            found = here.values.get(name)
            if found is not None:
                return self.globals.get(name, NOTHING) if isinstance(found, _Global) else found
            here = here.outer
        return NOTHING

    def assign(self, name: str, value: Value) -> bool:
        """Change the innermost variable of that name; false if there is none."""
        here: Scope | None = self
        while here is not None:
            found = here.values.get(name)
            if found is not None:
                if isinstance(found, _Global):
                    self.set_global(name, value)
                else:
                    here.values[name] = value
                return True
            here = here.outer
        return False

    def declare(self, name: str, value: Value) -> None:
        self.values[name] = value

    def declare_global(self, name: str) -> bool:
        """Let a name stand for the global. An argument of the function of that name stays what it is (manual)."""
        if name in self.arguments:
            return False
        self.values[name] = GLOBAL
        return True

    def set_global(self, name: str, value: Value) -> None:
        """Nothing takes the global away."""
        if value is NOTHING:
            self.globals.pop(name, None)
        else:
            self.globals[name] = value
