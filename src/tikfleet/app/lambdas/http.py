"""The function that answers routers, programs and people: `tikfleet.app.lambdas.http.handler`."""

from collections.abc import Mapping
from typing import Any

from tikfleet.app.lambdas.assembled import follow_keys, platform_of
from tikfleet.app.lambdas.start import Function
from tikfleet.app.lambdas.translation import answered

_function = Function("http", platform_of, lambda platform: platform.infra.feed, follow_keys)


def handler(event: Mapping[str, Any], context: object) -> Any:
    """A request of a load balancer or of the function's own address."""
    return _function.run(lambda platform: answered(platform.http, event))
