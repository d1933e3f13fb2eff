"""A router that knows `find`, `add`, `set`, `remove` and `move`, and no RouterOS: to run scripts of ours on."""

from dataclasses import dataclass, field
from typing import Any

from tikfleet.routeros.export.menus import default
from tikfleet.routeros.export.model import Configuration, Item, Verb
from tikfleet.routeros.script.builder import FLAG, UNSET, Command, Comparison, Result, Variable


def text(value: Any) -> Any:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


class Refused(Exception):
    pass


@dataclass
class Router:
    menus: dict[str, list[Item]] = field(default_factory=dict)
    variables: dict[str, list[Item]] = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: Configuration) -> "Router":
        return cls(
            {
                menu: [Item(item.verb, item.selector, dict(item.values)) for item in items]
                for menu, items in configuration.menus.items()
            }
        )

    def configuration(self) -> Configuration:
        menus: dict[str, list[Item]] = {}
        for menu, items in self.menus.items():
            kept = [self._compact(menu, item) for item in items]
            menus[menu] = [item for item in kept if item.verb is Verb.ADD or item.values]
        return Configuration(menus={menu: items for menu, items in menus.items() if items})

    def run(self, commands: list[Command]) -> None:
        for command in commands:
            path = "/" + "/".join(command.menu)
            getattr(self, f"_{command.name}")(path, {name: text(value) for name, value in command.arguments.items()})

    def _compact(self, menu: str, item: Item) -> Item:
        values = {n: value for n, value in item.values.items() if value is None or value != default(menu, item, n)}
        return Item(item.verb, item.selector, values)

    def _items(self, menu: str) -> list[Item]:
        return self.menus.setdefault(menu, [])

    def _local(self, _: str, arguments: dict[str, Any]) -> None:
        self.variables[arguments["name"]] = self._value(arguments["value"])

    def _if(self, _: str, arguments: dict[str, Any]) -> None:
        condition: Comparison = arguments["condition"]
        assert isinstance(condition.left, Result)
        variable = condition.left.command.arguments["value"]
        assert isinstance(variable, Variable)
        if len(self.variables[variable.name]) != condition.right:
            raise Refused(arguments["do"].commands[0].arguments["message"])

    def _value(self, argument: Any) -> list[Item]:
        command: Command = argument.command
        if command.name == "pick":
            counter = command.arguments["counter"]
            items = self.variables[counter.name] if isinstance(counter, Variable) else self._value(counter)
            return [items[int(str(command.arguments["begin"]))]]
        assert command.name == "find"
        items = self._items("/" + "/".join(command.menu))
        wanted = {name: text(value) for name, value in command.arguments.items() if value is not False}
        if any(item.selector == tuple(wanted.items()) and item.selector for item in items):
            return [item for item in items if item.selector == tuple(wanted.items())]
        return [
            item
            for item in items
            if item.verb is Verb.ADD and all(item.values.get(name) == value for name, value in wanted.items())
        ]

    def _one(self, menu: str, argument: Any) -> Item:
        if isinstance(argument, Result):
            found = self._value(argument)
            if not found and argument.command.arguments:
                selector = tuple((name, str(text(value))) for name, value in argument.command.arguments.items())
                found = [Item(Verb.SET, selector, {})]
                self._items(menu).extend(found)
            assert len(found) == 1, f"{argument.render()} means {len(found)} items"
            return found[0]
        return self._setting(menu, (("", str(argument)),))

    def _setting(self, menu: str, selector: tuple[tuple[str, str], ...]) -> Item:
        for item in self._items(menu):
            if item.verb is Verb.SET and item.selector == selector:
                return item
        item = Item(Verb.SET, selector, {})
        self._items(menu).append(item)
        return item

    def _place(self, menu: str, argument: Any) -> int:
        anchor = self._value(argument)[0]
        return next(place for place, item in enumerate(self._items(menu)) if item is anchor)

    def _add(self, menu: str, arguments: dict[str, Any]) -> None:
        before = arguments.pop("place-before", None)
        values = {name: None if value is FLAG else value for name, value in arguments.items()}
        item = Item(Verb.ADD, (), values)
        items = self._items(menu)
        items.insert(len(items) if before is None else self._place(menu, before), item)

    def _set(self, menu: str, arguments: dict[str, Any]) -> None:
        numbers = arguments.pop("numbers", None)
        item = self._setting(menu, ()) if numbers is None else self._one(menu, numbers)
        for name, value in arguments.items():
            if value is UNSET:
                item.values.pop(name, None)
            else:
                item.values[name] = None if value is FLAG else value

    def _remove(self, menu: str, arguments: dict[str, Any]) -> None:
        gone = self._one(menu, arguments["numbers"])
        self.menus[menu] = [item for item in self._items(menu) if item is not gone]

    def _move(self, menu: str, arguments: dict[str, Any]) -> None:
        moved = self._one(menu, arguments["numbers"])
        items = self.menus[menu] = [item for item in self._items(menu) if item is not moved]
        destination = arguments.get("destination")
        items.insert(len(items) if destination is None else self._place(menu, destination), moved)
