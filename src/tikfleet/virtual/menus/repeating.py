"""Commands that go on for a while: monitors with `duration=`, pings, `print interval=`.

Who hears rows as they come (`Request.tell`) is told each of them and may let a command without an end go on; for all
others a command without an end gives one sample. Samples are numbered in `.section`, packets of a ping are not.
[unverified: that a duration of 3 s holds three samples; how often a monitor without `interval=` tells]
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tikfleet.routeros.values import parse_duration_s
from tikfleet.virtual import waiting
from tikfleet.virtual.clock import Clock
from tikfleet.virtual.menus.checking import invalid
from tikfleet.virtual.menus.request import Answer, Request, Row

_PINGS: Final = frozenset({"/ping", "/tool/ping"})
_EVERY_S: Final = 1.0
_SHORTEST_S: Final = 0.01
_ENDLESS_PINGS: Final = "1000"


def goes_on(request: Request) -> bool:
    """Whether a command may take its time."""
    if request.command == "print":
        return "interval" in request.arguments
    if request.command.startswith("monitor"):
        return "once" not in request.arguments
    return request.path in _PINGS


def over_time(clock: Clock, request: Request, once: Callable[[Request], Answer]) -> Answer:
    """Do a command that goes on; rows that were told are not in the answer. Where nobody can wait, nothing does."""
    rows: list[Row] = []
    tell = request.tell or rows.append
    every_s = max(_SHORTEST_S, _span_s(request, "interval", _EVERY_S))
    if request.path in _PINGS:
        _pinged(clock, request, once, every_s, tell)
        return Answer(rows)
    end_s = _span_s(request, "duration", math.inf if request.tell and waiting.is_possible() else 0.0)
    single = end_s == 0.0
    section, passed_s = 0, 0.0
    while section == 0 or passed_s < end_s:
        if section:
            _sleep(clock, every_s)
        for row in once(request).rows:
            tell(row if single else {**row, ".section": str(section)})
        section, passed_s = section + 1, passed_s + every_s
    return Answer(rows)


def _pinged(
    clock: Clock, request: Request, once: Callable[[Request], Answer], every_s: float, tell: Callable[[Row], object]
) -> None:
    if request.tell is not None and "count" not in request.arguments:
        request = replace(request, arguments={**request.arguments, "count": _ENDLESS_PINGS})
    answer = once(request)
    for place, row in enumerate(answer.rows):
        if place:
            _sleep(clock, every_s)
        tell(row)


def _sleep(clock: Clock, duration_s: float) -> None:
    if waiting.is_possible():
        waiting.wait(clock.sleep(duration_s))


def _span_s(request: Request, name: str, default_s: float) -> float:
    given = request.arguments.get(name)
    try:
        span_s = default_s if given is None else parse_duration_s(given)
    except ValueError as cause:
        raise invalid(name) from cause
    if span_s is None:
        raise invalid(name)
    return span_s
