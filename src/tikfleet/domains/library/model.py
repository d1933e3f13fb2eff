"""A script of the library and its numbered versions, which never change. No I/O."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from tikfleet.domains.library.errors import LibraryContradictory, LibraryTestsFailed, LibraryValuesUnfit
from tikfleet.domains.runs.public import (
    Parameter,
    ParameterType,
    ParameterValue,
    Template,
    TemplateFault,
    Value,
    value_of,
)
from tikfleet.kernel.errors import TikfleetError
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import Actor
from tikfleet.routeros.check.checker import check
from tikfleet.routeros.check.remark import Severity

Visibility = Literal["private", "shared"]
_OF_DEVICE: Final = "device."
_SHOWN: Final = 20


class LibraryScript(msgspec.Struct, frozen=True, kw_only=True):
    """A script by its name. `latest` is its newest version's number; `owner_id` who sees it while it is private."""

    id: str
    org_id: OrganisationId
    owner_id: str
    name: str
    description: str
    visibility: Visibility
    tags: tuple[str, ...]
    latest: int
    created_at: str
    created_by: Actor
    updated_at: str


class LibraryParameter(msgspec.Struct, frozen=True):
    """A value that the script names as `${name}`. One without a default is required."""

    name: str
    type: ParameterType = "string"
    description: str = ""
    default: ParameterValue | None = None


class Sample(msgspec.Struct, frozen=True):
    """A test: with these values the script must be one that RouterOS would take."""

    name: str
    values: dict[str, ParameterValue]


class ReleaseCheck(msgspec.Struct, frozen=True):
    """What the check said for one release, over all samples."""

    release: str
    error_count: int
    warning_count: int
    remarks: tuple[str, ...]


class LibraryVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a script, with what the check said when it was stored."""

    script_id: str
    number: int
    source: str
    parameters: tuple[LibraryParameter, ...]
    samples: tuple[Sample, ...]
    checks: tuple[ReleaseCheck, ...]
    note: str
    created_at: str
    created_by: Actor


def given_values(version: LibraryVersion, values: Mapping[str, ParameterValue | None]) -> tuple[Parameter, ...]:
    """The values with defaults, each of its type. Raises LibraryValuesUnfit."""
    known = {one.name: one for one in version.parameters}
    if surplus := sorted(values.keys() - known.keys()):
        raise LibraryValuesUnfit(f"the script has no parameter {surplus[0]}")
    found = []
    for one in version.parameters:
        value = values.get(one.name)
        value = one.default if value is None else value
        if value is None:
            raise LibraryValuesUnfit(f"the parameter {one.name} has no value")
        found.append(Parameter(one.name, value, one.type))
    for parameter in found:
        try:
            value_of(parameter)
        except TikfleetError as cause:
            raise LibraryValuesUnfit(cause.detail) from cause
    return tuple(found)


def filled(version: LibraryVersion, values: Mapping[str, ParameterValue | None]) -> str:
    """The script with its values, as a job sends it. Raises LibraryValuesUnfit."""
    typed: dict[str, Value] = {one.name: value_of(one) for one in given_values(version, values)}
    template = Template(version.source)
    if any(name.startswith(_OF_DEVICE) for name in template.names):
        raise LibraryValuesUnfit("the script names values of devices, which only a run fills")
    try:
        return template.fill(typed)
    except TemplateFault as cause:
        raise LibraryValuesUnfit(str(cause)) from cause


def require_whole(version: LibraryVersion) -> None:
    """Raise LibraryContradictory when script, parameters and samples do not fit each other."""
    names = [one.name for one in version.parameters]
    if len(set(names)) < len(names):
        raise LibraryContradictory("a parameter is named twice")
    try:
        used = {name for name in Template(version.source).names if not name.startswith(_OF_DEVICE)}
    except TemplateFault as cause:
        raise LibraryContradictory(str(cause), fields={"/source": str(cause)}) from cause
    if missing := sorted(used - set(names)):
        raise LibraryContradictory(f"the script names ${{{missing[0]}}}, which is no parameter")
    if unused := sorted(set(names) - used):
        raise LibraryContradictory(f"the script does not use the parameter {unused[0]}")
    if names and not version.samples:
        raise LibraryContradictory("a script with parameters needs a sample of values to be tested with")
    for number, sample in enumerate(version.samples):
        try:
            given_values(version, sample.values)
        except LibraryValuesUnfit as cause:
            sentence = f"the sample {sample.name}: {cause.detail}"
            raise LibraryContradictory(sentence, fields={f"/samples/{number}": cause.detail}) from cause


def tested(version: LibraryVersion, releases: tuple[str, ...]) -> tuple[ReleaseCheck, ...]:
    """Fill and check each sample for each release: CPU work, call it in a thread. Raises LibraryTestsFailed."""
    template = Template(version.source)
    devices: dict[str, Value] = {name: "x" for name in template.names if name.startswith(_OF_DEVICE)}
    if "device.tags" in devices:
        devices["device.tags"] = ["x"]
    samples = version.samples or (Sample("the script", {}),)
    checks = []
    for release in releases:
        errors, warnings, said = 0, 0, []
        for sample in samples:
            typed = devices | {one.name: value_of(one) for one in given_values(version, sample.values)}
            try:
                text = template.fill(typed)
            except TemplateFault as cause:
                raise LibraryTestsFailed(f"{sample.name}: {cause}") from cause
            for remark in check(text, release):
                failed = remark.severity is Severity.ERROR
                errors, warnings = errors + failed, warnings + (not failed)
                said.append(f"{sample.name}: line {remark.line} column {remark.column}: {remark.sentence}")
                if failed:
                    raise LibraryTestsFailed(f"RouterOS {release} would refuse {said[-1]}")
        checks.append(ReleaseCheck(release, errors, warnings, tuple(said[:_SHOWN])))
    return tuple(checks)
