"""Every typed kind of job, in one place: API, CLI, dashboard and runs learn of kinds here."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tikfleet.domains.jobs.errors import JobContradictory, JobParametersInvalid
from tikfleet.domains.jobs.kinds import logs, looks, settings, traffic
from tikfleet.domains.jobs.kinds.kind import Kind, Parameters
from tikfleet.domains.jobs.model import JobClass
from tikfleet.routeros.script.builder import Dialect, script

# Long enough for fetch, start and end around what the script does by itself.
_MARGIN_S: Final = 30
_LONGEST_S: Final = 3_600
_PLACE: Final = re.compile(r" - at `\$(?P<place>[^`]*)`$")

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("reboot", "Restart the router", settings.Reboot, ("once",), elsewhere=True),
        Kind("identity", "Set the router's name", settings.Identity, ("desired-state", "once"), elsewhere=True),
        Kind("export", "Read the configuration", looks.Export, ("query", "once"), elsewhere=True),
        Kind("user-password", "Change a user's password", settings.UserPassword, ("desired-state", "once")),
        Kind("address-list", "Make an address list hold these", settings.AddressList, ("desired-state", "once")),
        Kind("wireless-key", "Change a wireless key", settings.WirelessKey, ("desired-state", "once")),
        Kind("dns", "Set the resolvers", settings.Dns, ("desired-state", "once")),
        Kind("ntp", "Set the time servers", settings.Ntp, ("desired-state", "once")),
        Kind("traffic-flow", "Send flows to a collector", traffic.TrafficFlow, ("desired-state", "once")),
        Kind("logging", "Send log lines to a collector", logs.Logging, ("desired-state", "once")),
        Kind("firmware-check", "Look for a newer version", looks.FirmwareCheck, ("query", "once")),
        Kind("ping", "Ping from the router", looks.Ping, ("query", "once")),
        Kind("traceroute", "Show the way to a host", looks.Traceroute, ("query", "once")),
        Kind("bandwidth-test", "Measure speed to a router", looks.BandwidthTest, ("once", "query")),
        Kind("torch", "Show traffic of an interface", looks.Torch, ("query", "once")),
        Kind("wifi-scan", "List the networks in the air", looks.WifiScan, ("once", "query")),
        Kind("packet-capture", "Write packets to a file", looks.PacketCapture, ("once",)),
    )
}


def parameters_of(kind: str, given: Mapping[str, Any]) -> Parameters:
    """The typed parameters. Raises JobParametersInvalid, which names the place, and JobContradictory."""
    if kind not in KINDS:
        raise JobContradictory(f"the kind {kind} takes no parameters")
    found = KINDS[kind]
    required = msgspec.structs.fields(found.parameters)
    missing = [one.encode_name for one in required if one.required and one.encode_name not in given]
    if missing and not given:
        raise JobContradictory(f"the kind {kind} needs parameters.{missing[0]}")
    try:
        return msgspec.convert({**given, "kind": kind}, found.parameters)
    except msgspec.ValidationError as cause:
        text, place = _located(str(cause))
        name = place.removeprefix("/parameters").strip("/")
        said = f"{name}: {text}" if name else text
        raise JobParametersInvalid(f"the parameters do not fit {kind}: {said}", fields={place: text}) from cause


def render(kind: str, given: Mapping[str, Any], tier: str) -> str:
    """The script for a tier. Raises ValueError, with the reason, when there is none."""
    try:
        parameters = msgspec.convert({**given, "kind": kind}, KINDS[kind].parameters)
    except msgspec.ValidationError as cause:
        raise ValueError(_located(str(cause))[0]) from cause
    dialect = Dialect.V6 if tier == "D" else Dialect.V7
    return f"# Tikfleet job: {kind}\n" + script(parameters.script(tier), dialect)


def default_class(kind: str) -> JobClass:
    """The class that a job of the kind has when none is asked for."""
    return KINDS[kind].classes[0] if kind in KINDS else "once"


def is_written_here(kind: str) -> bool:
    """Whether `render` writes the kind; the agent writes the others."""
    return kind in KINDS and not KINDS[kind].elsewhere


def timeout_s(kind: str, given: Mapping[str, Any], asked_s: int) -> int:
    """The time-out that was asked for, or what the kind takes by its own doing and a margin, when that is more."""
    if not is_written_here(kind):
        return asked_s
    lasts_s = parameters_of(kind, given).lasts_s()
    return asked_s if not lasts_s else min(_LONGEST_S, max(asked_s, lasts_s + _MARGIN_S))


def schema_of(kind: Kind) -> dict[str, Any]:
    """JSON Schema of the parameters alone: the kind itself stands beside them."""
    _, definitions = msgspec.json.schema_components([kind.parameters], ref_template="{name}")
    schema = dict(definitions[kind.parameters.__name__])
    schema["properties"] = {name: one for name, one in schema["properties"].items() if name != "kind"}
    schema["required"] = [name for name in schema.get("required", []) if name != "kind"]
    return schema


def secret_names(kind: str) -> frozenset[str]:
    """Which parameters are secrets."""
    if kind not in KINDS:
        return frozenset()
    return _SECRETS[kind]


def _located(text: str) -> tuple[str, str]:
    """A sentence and the JSON pointer of the request that it is about."""
    found = _PLACE.search(text)
    place = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", found["place"]) if found else ""
    sentence = _PLACE.sub("", text)
    if "matching regex" in sentence:
        sentence = "the text does not have the form that the kind's schema gives it"
    return sentence, "/parameters" + place.replace(".", "/")


_SECRETS: Final = {
    name: frozenset(key for key, one in schema_of(kind)["properties"].items() if one.get("writeOnly"))
    for name, kind in KINDS.items()
}
