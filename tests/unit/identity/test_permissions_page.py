"""docs/reference/permissions.md says what the catalogue says."""

from pathlib import Path
from typing import get_args

from tikfleet.domains.identity.schemas import Permission
from tikfleet.kernel.permissions import PERMISSIONS, ROLE_PERMISSIONS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "permissions.md"
ROLES = ("owner", "admin", "operator", "viewer")


def table():
    yield f"| permission | {' | '.join(ROLES)} |"
    yield "| --- | --- | --- | --- | --- |"
    for permission in PERMISSIONS:
        marks = ("yes" if permission in ROLE_PERMISSIONS[role] else "–" for role in ROLES)
        yield f"| `{permission}` | {' | '.join(marks)} |"


def test_the_page_shows_the_catalogue():
    wanted = "\n".join(table())
    assert wanted in PAGE.read_text(), f"put this table into {PAGE.name}:\n{wanted}"


def test_the_wire_type_lists_the_catalogue():
    assert get_args(Permission) == PERMISSIONS
