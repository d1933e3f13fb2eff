"""Tests of the stack share one synthesis, so they share a process."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/deploy/test_stack" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("stack"))
