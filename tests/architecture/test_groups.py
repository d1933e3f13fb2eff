"""Tests of a group run on one worker, which xdist does by a mark in their id: without it each worker starts it all."""

import os

import pytest


@pytest.mark.xdist_group("groups")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="not shared out among workers")
def test_the_name_of_a_group_is_in_the_id(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@groups")
