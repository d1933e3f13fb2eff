"""What a deployment would do: which resources it makes, changes and takes away, by the templates."""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec


class Resource(msgspec.Struct, frozen=True, order=True):
    """One resource of a template: its type (`AWS::SQS::Queue`) and its name there."""

    kind: str
    name: str


class Changes(msgspec.Struct, frozen=True):
    """`compared` is false where nothing is known of what runs: then everything is made."""

    made: list[Resource]
    changed: list[Resource]
    removed: list[Resource]
    compared: bool


def changes_between(deployed: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> Changes:
    """From one template to another; from None where nothing is known of what runs.

    A resource counts as changed when anything of its description differs: whether CloudFormation then replaces it, its
    own documents say.
    """
    before: Mapping[str, Any] = {} if deployed is None else deployed.get("Resources", {})
    after: Mapping[str, Any] = wanted["Resources"]
    both = before.keys() & after.keys()
    return Changes(
        _named(after, after.keys() - before.keys()),
        _named(after, {name for name in both if before[name] != after[name]}),
        _named(before, before.keys() - after.keys()),
        compared=deployed is not None,
    )


def change_lines(changes: Changes) -> Iterator[str]:
    """For people: by kind what is made, one by one what is changed and removed."""
    if not changes.compared:
        yield "What runs now was not asked, or nothing does."
    yield f"{len(changes.made)} resources would be made:"
    yield from (f"  {count:>3}  {kind}" for kind, count in sorted(Counter(one.kind for one in changes.made).items()))
    for what, resources in (("changed", changes.changed), ("removed", changes.removed)):
        if changes.compared:
            yield f"{len(resources)} would be {what}{':' if resources else '.'}"
        yield from (f"  {resource.kind}  {resource.name}" for resource in resources)


def _named(resources: Mapping[str, Any], names: AbstractSet[str]) -> list[Resource]:
    return sorted(Resource(str(resources[name]["Type"]), name) for name in names)
