"""Lines over a logarithmic axis as SVG, readable on light and on dark pages, without a drawing library."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final

import msgspec

_WIDTH: Final = 460
_HEIGHT: Final = 320
_LEFT: Final = 64
_RIGHT: Final = 130
_TOP: Final = 44
_BOTTOM: Final = 46
_LINE: Final = 14
_ACROSS: Final = 2
_MARKS: Final = 5
_STEPS: Final = (1, 2, 2.5, 5, 10, 20)
_GREAT: Final = 1e6
_THOUSAND: Final = 1e3
_STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600; font-size: 13px }
.quiet { fill: #59636e } .grid { stroke: #d1d9e0; stroke-width: 1 }
.line { fill: none; stroke-width: 2 } .c0 { --c: #0969da } .c1 { --c: #bc4c00 } .c2 { --c: #1a7f37 }
.c3 { --c: #8250df } .c4 { --c: #bf3989 } .c5 { --c: #59636e } .c6 { --c: #9a6700 }
.line { stroke: var(--c) } .dot, .name { fill: var(--c) }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #3d444d }
.c0 { --c: #58a6ff } .c1 { --c: #f0883e } .c2 { --c: #3fb950 } .c3 { --c: #bc8cff } .c4 { --c: #f778ba }
.c5 { --c: #9198a1 } .c6 { --c: #d29922 } .dot, .name { fill: var(--c) } }
"""

Points = Sequence[tuple[float, float]]


class Chart(msgspec.Struct, frozen=True):
    """Lines by name over one axis of sizes; both axes are logarithmic unless `linear`, whose y begins at 0."""

    title: str
    across: str
    lines: dict[str, Points]
    linear: bool = False


def svg(charts: Sequence[Chart]) -> str:
    """The charts, two in a row."""
    width, height = _WIDTH * min(_ACROSS, len(charts)), _HEIGHT * -(-len(charts) // _ACROSS)
    places = [(_WIDTH * (number % _ACROSS), _HEIGHT * (number // _ACROSS)) for number in range(len(charts))]
    drawn = "\n".join(
        f'<g transform="translate({x} {y})">{_drawn(chart)}</g>' for (x, y), chart in zip(places, charts, strict=True)
    )
    label = escape("; ".join(chart.title for chart in charts))
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
        f"<style>{_STYLE}</style>\n{drawn}\n</svg>\n"
    )


def short(value: float) -> str:
    """A figure as an axis shows it: 50.9M, 20k, 0.5."""
    for unit, size in (("M", _GREAT), ("k", _THOUSAND)):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


class _Axis:
    """From values to pixels, and where its marks are."""

    def __init__(self, values: Sequence[float], first_px: float, last_px: float, *, linear: bool) -> None:
        self._first_px, self._span_px, self._linear = first_px, last_px - first_px, linear
        if linear:
            power = 10.0 ** (math.floor(math.log10(max(values))) - 1)
            step = next(power * n for n in _STEPS if max(values) <= power * n * _MARKS)
            self.marks = [step * n for n in range(math.ceil(max(values) / step) + 1)]
            self._low, self._high = 0.0, self.marks[-1]
        else:
            low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
            self.marks = [10.0**power for power in range(low, high + 1)]
            self._low, self._high = float(low), float(max(high, low + 1))

    def px(self, value: float) -> float:
        place = value if self._linear else math.log10(value)
        return round(self._first_px + self._span_px * (place - self._low) / (self._high - self._low), 1)


def _drawn(chart: Chart) -> str:
    sizes = sorted({x for points in chart.lines.values() for x, _ in points})
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    low, high = math.log10(sizes[0]), math.log10(sizes[-1])
    across = {size: round(_LEFT + (right - _LEFT) * (math.log10(size) - low) / (high - low), 1) for size in sizes}
    up = _Axis([y for points in chart.lines.values() for _, y in points], bottom, _TOP, linear=chart.linear)
    parts = [f'<text class="title" x="{_LEFT}" y="20">{escape(chart.title)}</text>']
    for mark in up.marks:
        y = up.px(mark)
        parts.append(f'<path class="grid" d="M{_LEFT} {y}H{right}"/>')
        parts.append(f'<text class="quiet" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{short(mark)}</text>')
    for size, x in across.items():
        parts.append(f'<text class="quiet" x="{x}" y="{bottom + 18}" text-anchor="middle">{short(size)}</text>')
    parts.append(
        f'<text class="quiet" x="{(_LEFT + right) / 2}" y="{bottom + 38}" text-anchor="middle">'
        f"{escape(chart.across)}</text>"
    )
    ends = _apart({name: up.px(points[-1][1]) for name, points in chart.lines.items()}, bottom)
    for number, (name, points) in enumerate(chart.lines.items()):
        places = [(across[x], up.px(y)) for x, y in points]
        path = "L".join(f"{x} {y}" for x, y in places)
        dots = "".join(f'<circle class="dot" cx="{x}" cy="{y}" r="3"/>' for x, y in places)
        text = f'<text class="name" x="{right + 10}" y="{ends[name] + 4}">{escape(name)}</text>'
        parts.append(f'<g class="c{number}"><path class="line" d="M{path}"/>{dots}{text}</g>')
    return "".join(parts)


def _apart(wanted: dict[str, float], bottom: float) -> dict[str, float]:
    """Labels at the ends of their lines, moved so far that none covers another."""
    ordered = sorted(wanted, key=lambda name: wanted[name])
    placed: dict[str, float] = {}
    above = -math.inf
    for name in ordered:
        above = placed[name] = max(wanted[name], above + _LINE)
    below = math.inf
    for name in reversed(ordered):
        below = placed[name] = min(placed[name], below - _LINE, bottom)
    return placed
