"""Each route says who may use it, and a route that says nothing is refused when the application is built."""

from collections.abc import Iterable
from typing import Final

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from tikfleet.kernel.permissions import PERMISSIONS


class Policy(msgspec.Struct, frozen=True):
    """Who may use a route: everybody (`public`), anybody signed in, or who holds `permission`."""

    public: bool = False
    permission: str = ""


PUBLIC: Final = Policy(public=True)
SIGNED_IN: Final = Policy()


def permits(permission: str) -> Policy:
    """The policy of a route that needs a permission of the catalogue. Raises ValueError for an unknown one."""
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission!r} is not in the catalogue of permissions")
    return Policy(permission=permission)


def routes_without_policy(app: Litestar) -> list[str]:
    """The routes that declare none, such as `GET /api/v1/x`. An application with any must not start."""
    return sorted(f"{method} {path}" for path, method, handler in all_routes(app) if not policy_of(handler))


def all_routes(app: Litestar) -> Iterable[tuple[str, str, HTTPRouteHandler]]:
    """Every path, method and handler, without the answers to OPTIONS that the framework adds."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                yield route.path_format, method, handler


def policy_of(handler: HTTPRouteHandler) -> Policy | None:
    """What a handler declares by `policy=`."""
    policy = handler.opt.get("policy")
    return policy if isinstance(policy, Policy) else None
