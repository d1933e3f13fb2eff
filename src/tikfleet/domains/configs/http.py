"""Routes of configurations. Service: `config_comparisons`."""

from typing import Any

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from tikfleet.domains.configs.schemas import ConfigDiff, ConfigDifference
from tikfleet.domains.configs.service import ConfigComparisons
from tikfleet.httpkit.policies import permits


class ConfigRoutes(Controller):
    """Configurations as text."""

    path = "/configs"
    tags = ["Configurations"]

    @post(
        "/diff",
        status_code=200,
        policy=permits("jobs:write"),
        operation_id="diffConfigs",
        summary="Compare two exports",
    )
    async def diff(
        self, config_comparisons: NamedDependency[ConfigComparisons], data: JSONBody[ConfigDiff]
    ) -> ConfigDifference:
        """Say what changed between two exports in RouterOS's terms: a rule moved, an address added.

        Exports of any release and form may be compared; the time in the header, wrapped lines and the order of items
        where RouterOS gives it no meaning make no difference. Lines that are none of an export are passed over and
        named in `problems`; a text without any line of an export is refused. Nothing is sent or kept.
        """
        return await config_comparisons.compare(data)


def routes() -> list[Any]:
    """What is mounted under /api/v1."""
    return [ConfigRoutes]
