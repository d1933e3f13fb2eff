"""How busy a site is at an hour of its own day: a table for each kind of life, and weekends."""

from typing import Final

_HOURS: Final = {
    # People at home: quiet nights, an evening peak.
    "home": (0.35, 0.22, 0.14, 0.10, 0.09, 0.10, 0.16, 0.27, 0.34, 0.36, 0.38, 0.42,
             0.46, 0.47, 0.48, 0.52, 0.60, 0.70, 0.80, 0.90, 0.98, 1.00, 0.85, 0.58),
    # People at work: office hours with a dent at noon.
    "work": (0.06, 0.05, 0.05, 0.05, 0.05, 0.07, 0.14, 0.40, 0.78, 0.95, 1.00, 0.96,
             0.72, 0.85, 0.97, 0.95, 0.84, 0.55, 0.30, 0.20, 0.15, 0.12, 0.09, 0.07),
}  # fmt: skip
_WEEKEND: Final = {"home": 1.08, "work": 0.22}
_QUARTER_S: Final = 900
_QUARTERS: Final = 96
_DAY_S: Final = 86_400
_THURSDAY: Final = 3  # 1970-01-01, counted from Monday
_SATURDAY: Final = 5


def _quarters(life: str) -> tuple[float, ...]:
    hours = _HOURS[life]
    return tuple(hours[q // 4] + (hours[(q // 4 + 1) % 24] - hours[q // 4]) * (q % 4) / 4 for q in range(_QUARTERS))


_TABLES: Final = {life: _quarters(life) for life in _HOURS}


def level(life: str, local_s: float) -> float:
    """The share of its peak that a site uses at this local time (seconds since 1970 in its zone): 0 to about 1."""
    share = _TABLES[life][int(local_s // _QUARTER_S) % _QUARTERS]
    weekday = (int(local_s // _DAY_S) + _THURSDAY) % 7
    return share * _WEEKEND[life] if weekday >= _SATURDAY else share
