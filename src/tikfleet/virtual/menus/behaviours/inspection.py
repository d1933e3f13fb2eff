"""`/console/inspect` from scripts, answered as REST answers it. That release 6 lacks it is unverified."""

from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import GENERAL, Answer, Refused, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.servers.rest_inspection import inspected


def attach(behaviours: Behaviours) -> None:
    behaviours.command("/console/inspect", _inspect, "read")


def _inspect(store: Store, request: Request) -> Answer:
    if not store.profile.at_least("7.1"):
        raise Refused("bad command name inspect", GENERAL)
    return Answer(list(inspected(request.arguments)))
