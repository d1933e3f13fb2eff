"""The variables of a platform on every adapter of AWS, on servers of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.on_aws import standing
from tests.contract.clouds import MiniStack

# A house has its own, whatever its adapters are.
_OWN = frozenset({"TIKFLEET_DATA", "TIKFLEET_HTTPS_PORT", "TIKFLEET_BESIDE_FUNCTIONS", "TIKFLEET_LOG_LEVEL"})


@contextmanager
def aws_settings() -> Iterator[dict[str, str]]:
    """Until the block ends; skips the test, saying why, where the servers cannot be had."""
    if missing := MiniStack.missing():
        pytest.skip(f"{missing}: the API is not tried on AWS")
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        pytest.skip("PostgreSQL is not installed: the API is not tried on AWS")
    with pytest.MonkeyPatch.context() as environment:
        # Those that `standing` sets too, so that they go with it.
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
            environment.setenv(name, "until they are set")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        with standing(0) as stands:
            yield {name: value for name, value in stands.settings.items() if name not in _OWN}
