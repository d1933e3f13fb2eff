"""A router's own time: its zone, and how its release writes dates (ISO since 7.10, `jan/02/2006` before)."""

from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from tikfleet.virtual.menus.store import Store

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def zone(store: Store) -> tzinfo:
    """The zone that `/system/clock` names; UTC for `manual` and for one that this machine does not know."""
    return _zone(store.table("/system/clock").values.get("time-zone-name", "manual"))


@cache
def _zone(name: str) -> tzinfo:
    with suppress(KeyError, ValueError, OSError):
        return ZoneInfo(name)
    return UTC


def local(store: Store, moment_s: float) -> datetime:
    return datetime.fromtimestamp(moment_s, zone(store))


def date(store: Store, moment_s: float) -> str:
    moment = local(store, moment_s)
    if store.profile.at_least("7.10"):
        return f"{moment:%Y-%m-%d}"
    return f"{_MONTHS[moment.month - 1]}/{moment:%d/%Y}"


def stamp(store: Store, moment_s: float) -> str:
    """A date and a time, as this release writes them."""
    return f"{date(store, moment_s)} {local(store, moment_s):%H:%M:%S}"
