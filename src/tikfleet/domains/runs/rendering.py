"""From a run's change to the script of one device: typed values, RouterOS's own quoting, nothing else."""

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address, ip_interface
from typing import Any, Final

import msgspec

from tikfleet.domains.inventory.public import DeviceValues
from tikfleet.domains.jobs.public import JobContradictory, Kind, masked, parameters_of, require_class, secret_names
from tikfleet.domains.runs.errors import RunContradictory
from tikfleet.domains.runs.spec import Change, MenuState, Parameter, ParameterValue
from tikfleet.domains.runs.template import Template, TemplateFault, Value, expand
from tikfleet.kernel.errors import TikfleetError
from tikfleet.routeros.script.builder import Argument, Block, Command, Comparison, Dialect, find, script
from tikfleet.routeros.values import parse_duration_s

_V6: Final = re.compile(r"\s*6\.")
_OF_DEVICE: Final = ("id", "name", "identity", "serial", "model", "architecture", "version", "site", "tags")
_LONGEST: Final = 16_384
_PLACE: Final = "${"


class Rendered(msgspec.Struct, frozen=True):
    """The job of one device: its kind, the operator's script with values in it, or the parameters of a typed kind."""

    kind: Kind
    script: str | None = None
    parameters: Mapping[str, Any] = {}


class Rendering:
    """Writes one change for one device after another; what does not depend on the device is done once.

    Raises RunContradictory when the change can't be written for any device.
    """

    def __init__(self, change: Change) -> None:
        self._change = change
        self._given = {} if change.is_typed else {one.name: value_of(one) for one in change.parameters}
        try:
            self._template = Template(change.script) if change.script is not None else None
        except TemplateFault as cause:
            raise RunContradictory(str(cause), fields={"/script": str(cause)}) from cause
        self._require_known()

    def write(self, device: DeviceValues) -> Rendered:
        """Raises TemplateFault, with the reason, when there is no script for this device."""
        values = self._given | values_of(device)
        match self._change.kind:
            case "script":
                text = self._template.fill(values) if self._template else ""
                if len(text) > _LONGEST:
                    raise TemplateFault(f"with its values the script is longer than {_LONGEST} characters")
                return Rendered("script", text)
            case "menu" if self._change.desired is not None:
                return Rendered("script", menu_script(self._change.desired, values, device.version))
            case "script" | "menu":
                raise TemplateFault("the change says nothing")
            case kind:
                return Rendered(kind, parameters=self._typed(values))

    def _typed(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """A typed kind's parameters for one device; secrets stay as they are sealed."""
        kind = self._change.kind
        secrets = secret_names(kind)
        found = {
            one.name: one.value if one.name in secrets else expanded(one.value, values)
            for one in self._change.parameters
        }
        try:
            parameters_of(kind, masked(kind, found))
        except TikfleetError as cause:
            raise TemplateFault(cause.detail) from cause
        return found

    def _require_known(self) -> None:
        names = self._template.names if self._template else []
        known = self._given.keys() | {f"device.{name}" for name in _OF_DEVICE}
        if unknown := sorted(set(names) - known):
            sentence = f"the script names ${{{unknown[0]}}}, which is neither a parameter nor a value of devices"
            raise RunContradictory(sentence, fields={"/script": sentence})
        unused = self._given.keys() - set(names)
        if self._change.kind == "script" and unused:
            sentence = f"the script does not use the parameter {min(unused)}"
            raise RunContradictory(sentence, fields={"/parameters": sentence})
        if self._change.is_typed:
            require_typed(self._change)
        if self._change.kind == "menu" and self._change.desired is not None:
            _require_menu(self._change.desired)


def require_typed(change: Change) -> None:
    """Raises RunContradictory and JobParametersInvalid for what no device can be asked."""
    given = masked(change.kind, {one.name: one.value for one in change.parameters})
    if any(_PLACE in text for value in given.values() for text in (value if isinstance(value, list) else [str(value)])):
        return
    try:
        parameters_of(change.kind, given)
        require_class(change.kind, change.job_class, confirmed=change.confirm_s > 0)
    except JobContradictory as cause:
        raise RunContradictory(cause.detail) from cause


def expanded(value: ParameterValue, values: Mapping[str, Value]) -> ParameterValue:
    """A typed kind's value with `${device.…}` in it filled."""
    if isinstance(value, list):
        return [expand(text, values) for text in value]
    return expand(value, values) if isinstance(value, str) else value


def values_of(device: DeviceValues) -> dict[str, Value]:
    """What `${device.…}` stands for."""
    return {
        "device.id": str(device.id),
        "device.name": device.name,
        "device.identity": device.identity,
        "device.serial": device.serial,
        "device.model": device.model,
        "device.architecture": device.architecture,
        "device.version": device.version,
        "device.site": device.site,
        "device.tags": list(device.tags),
    }


def value_of(parameter: Parameter) -> Value:
    """The typed value that a parameter gives. Raises RunContradictory when its text is none of its type."""
    value = parameter.value
    try:
        match parameter.type, value:
            case ("string", str()) | ("boolean", bool()):
                return value
            case "integer", int() if not isinstance(value, bool):
                return value
            case "address", str():
                return ip_interface(value) if "/" in value else ip_address(value)
            case "duration", str():
                if (seconds := parse_duration_s(value)) is not None:
                    return timedelta(seconds=seconds)
            case "list", list():
                return value
            case _:
                pass
    except ValueError as cause:
        raise RunContradictory(f"the parameter {parameter.name} is no {parameter.type}: {cause}") from cause
    raise RunContradictory(f"the parameter {parameter.name} is no {parameter.type}")


def menu_script(wanted: MenuState, values: Mapping[str, Value], version: str) -> str:
    """The script that makes one item of a menu as wanted, whatever it was: it may run any number of times."""
    dialect = Dialect.V6 if _V6.match(version) else Dialect.V7
    properties: dict[str, Argument] = {name: expand(text, values) for name, text in wanted.values.items()}
    if not wanted.match:
        return script([Command(wanted.menu, "set", properties)], dialect)
    key: dict[str, Argument] = {name: expand(text, values) for name, text in wanted.match.items()}
    found = find(wanted.menu, key)
    add = Command(wanted.menu, "add", {**key, **properties})
    # `numbers` is `set`'s own name for the items that it changes.
    change = Command(wanted.menu, "set", {"numbers": found, **properties})
    missing = Comparison(found, "=", "")
    return script([Command("", "if", {"condition": missing, "do": Block([add]), "else": Block([change])})], dialect)


def _require_menu(wanted: MenuState) -> None:
    try:
        menu_script(wanted, _Any(), "7")
    except (ValueError, TemplateFault) as cause:
        raise RunContradictory(f"the menu cannot be written: {cause}", fields={"/desired": str(cause)}) from cause


class _Any(dict[str, Value]):
    """Every name has a value: to try whether menus and names of properties are RouterOS's."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.removeprefix("device.") in _OF_DEVICE

    def __missing__(self, name: str) -> Value:
        return "x"
