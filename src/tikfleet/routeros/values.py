"""Values as RouterOS writes them, to Python values with their unit in the function's name, and back.

The same value has several spellings: the binary API and REST write `1w2d3h4m5s` and plain byte counts, scripts
write `1w2d03:04:05`, the terminal writes `12.5MiB` and `27.8kbps`. Every parser takes all of them. Input that is
none of them raises `ValueError` with one sentence; `never` is `None`, because it is an answer and not a fault.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

NEVER: Final = "never"
TRUE_WORDS: Final = frozenset({"true", "yes"})
FALSE_WORDS: Final = frozenset({"false", "no"})

_UNITS_S: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_DURATION: Final = re.compile(
    r"(?=[\d:])(?P<units>(?:\d+(?:\.\d+)?(?:ms|us|ns|[wdhms]))*)(?:(?P<h>\d+):(?P<m>\d+):(?P<s>\d+(?:\.\d+)?))?"
)
_UNIT: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|us|ns|[wdhms])")
_PLAIN_S: Final = re.compile(r"\d{1,300}(\.\d+)?")
_GAUGE: Final = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:[A-Za-z%]*)", re.ASCII)
_QUANTITY: Final = re.compile(r"(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_BINARY: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
_DECIMAL: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIGNAL: Final = re.compile(r"(-?\d+(?:\.\d+)?)(?:\s*dBm)?(?:@(\S+))?")
_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:(alpha|beta|rc)(\d+))?(?:\s+\(([\w-]+)\))?")
_STAGES: Final = ("alpha", "beta", "rc", "")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OLD_DATE: Final = re.compile(r"([A-Za-z]{3})/(\d{1,2})(?:/(\d{4}))?(?:\s+(\d{1,2}:\d{2}:\d{2}))?")
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}:\d{2}")


def parse_duration_s(text: str) -> float | None:
    """Seconds; `None` for `never`. Takes `1w2d3h4m5s`, `1w2d03:04:05`, `00:00:01.500`, `453us`, `1ms200us`, `-5s`.

    A bare number counts seconds, as in a script.
    """
    word = text.strip()
    if word == NEVER:
        return None
    sign, digits = (-1.0, word[1:]) if word.startswith("-") else (1.0, word)
    if _PLAIN_S.fullmatch(digits):
        return sign * float(digits)
    match = _DURATION.fullmatch(digits)
    if match is None:
        raise ValueError(f"{text!r} is not a RouterOS duration")
    total = sum(float(count) * _UNITS_S[unit] for count, unit in _UNIT.findall(match["units"]))
    if match["h"] is not None:
        total += int(match["h"]) * 3_600 + int(match["m"]) * 60 + float(match["s"])
    if total == float("inf"):
        raise ValueError("the duration is too long for a number")
    # Nanoseconds are the finest that RouterOS writes: rounding there hides the binary fractions of the sum.
    return sign * round(total, 9)


def format_duration(duration_s: float) -> str:
    """The spelling of the API, which every RouterOS reads as an argument: `1w2d3h4m5s`, `1s500ms`, `0s`."""
    left_ns = round(abs(duration_s) * 1e9)
    parts: list[str] = []
    for unit, size_s in _UNITS_S.items():
        count, left_ns = divmod(left_ns, round(size_s * 1e9))
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if duration_s < 0 and parts else "") + ("".join(parts) or "0s")


def format_script_time(duration_s: float) -> str:
    """The spelling a script prints: `1w2d03:04:05`, `00:00:00.200`; the fraction in groups of three digits."""
    left_ns = round(abs(duration_s) * 1e9)
    seconds, fraction_ns = divmod(left_ns, 1_000_000_000)
    weeks, seconds = divmod(seconds, 604_800)
    days, seconds = divmod(seconds, 86_400)
    date = (f"{weeks}w" if weeks else "") + (f"{days}d" if days else "")
    clock = f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    fraction = f".{fraction_ns:09}" if fraction_ns else ""
    while fraction.endswith("000"):
        fraction = fraction[:-3]
    return ("-" if duration_s < 0 and left_ns else "") + date + clock + fraction


def parse_moment(text: str, near: datetime) -> datetime | None:
    """A date as any release writes it; `None` for `never` and the empty string.

    Takes `mmm/dd/yyyy HH:MM:SS` (before 7.10), ISO with `T` or a space, and the short forms of the log,
    `mmm/dd HH:MM:SS` and `HH:MM:SS`. `near` is the router's clock when it wrote the text: a short form means the
    latest such moment that is not after it. The answer has a time zone only if the text had one.
    """
    word = text.strip()
    if word in ("", NEVER):
        return None
    old = _OLD_DATE.fullmatch(word)
    try:
        if old is not None:
            return _old_moment(old, near)
        if _CLOCK.fullmatch(word):
            moment = datetime.combine(near.date(), _clock(word).time())
            return moment if moment <= near.replace(tzinfo=None) else moment - timedelta(days=1)
        return datetime.fromisoformat(word)
    except ValueError as cause:
        raise ValueError(f"{text!r} is not a RouterOS date") from cause


def _clock(word: str) -> datetime:
    return datetime.strptime(word, "%H:%M:%S")  # noqa: DTZ007 - only its time of day is read


def _old_moment(match: re.Match[str], near: datetime) -> datetime:
    month_name, day, year, clock = match.groups()
    month = _MONTHS.index(month_name.lower()) + 1
    time = _clock(clock or "00:00:00").time()
    if year is not None:
        return datetime.combine(datetime(int(year), month, int(day)), time)  # noqa: DTZ001 - router-local
    # feb/29 exists only in some years, hence a search; eight years always hold one.
    for candidate in range(near.year, near.year - 9, -1):
        try:
            moment = datetime.combine(datetime(candidate, month, int(day)), time)  # noqa: DTZ001 - router-local
        except ValueError:
            continue
        if moment <= near.replace(tzinfo=None):
            return moment
    raise ValueError("no such day")


def parse_bool(text: str) -> bool:
    """`true`/`yes` and `false`/`no`: one type in RouterOS, two spellings."""
    word = text.strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueError(f"{text!r} is not a RouterOS boolean")


def parse_int(text: str) -> int:
    """A whole number, decimal or `0x` hexadecimal."""
    word = text.strip()
    if re.fullmatch(r"-?\d+", word, re.ASCII):
        return int(word)
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", word):
        return int(word, 16)
    raise ValueError(f"{text!r} is not a whole number")


def parse_number(text: str) -> float:
    """A number with the unit that the terminal appends to gauges dropped: `12.5`, `24.1V`, `-3.2dB`, `45C`, `7%`."""
    match = _GAUGE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a number")
    return float(match[1])


def parse_size_bytes(text: str) -> int:
    """Bytes: a plain count, or the terminal's `12.5MiB`, `4096KiB`, `64k`; prefixes count in 1,024."""
    return _quantity(text, _BINARY, ("ib", "b"), "size")


def parse_rate_bps(text: str) -> int:
    """Bits a second: a plain count, or `27.8kbps`, `1Gbps`, `10M`; prefixes count in 1,000."""
    return _quantity(text, _DECIMAL, ("bps",), "rate")


def _quantity(text: str, prefixes: dict[str, int], endings: tuple[str, ...], what: str) -> int:
    match = _QUANTITY.fullmatch(text.strip())
    if match is not None:
        unit = match[2].lower()
        ending = next((e for e in endings if unit.endswith(e)), "")
        factor = prefixes.get(unit.removesuffix(ending))
        if factor is not None:
            whole, _, fraction = match[1].partition(".")
            scaled = int(whole + fraction) * factor
            return scaled if not fraction else round(scaled / 10 ** len(fraction))
    raise ValueError(f"{text!r} is not a RouterOS {what}")


@dataclass(frozen=True, slots=True)
class Signal:
    """Strength in dBm, and what it was measured at (`6Mbps`) where the wireless driver says so."""

    dbm: float
    at: str | None = None


def parse_signal(text: str) -> Signal:
    """`-58@6Mbps`, `-61dBm` or `-61`."""
    match = _SIGNAL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a signal strength")
    return Signal(float(match[1]), match[2])


@dataclass(frozen=True, slots=True, order=True)
class RouterOSVersion:
    """Ordered as MikroTik releases: alpha < beta < rc < release. `7.1` equals `7.1.0`; the channel is not part."""

    major: int
    minor: int
    patch: int = 0
    stage: int = len(_STAGES) - 1
    stage_number: int = 0

    @classmethod
    def parse(cls, text: str) -> "RouterOSVersion":
        """`7.22.3`, `7.23rc1`, and with the channel as `/system/resource` shows it: `7.22.3 (stable)`."""
        match = _VERSION.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a RouterOS version")
        major, minor, patch, stage, number, _ = match.groups()
        return cls(int(major), int(minor), int(patch or 0), _STAGES.index(stage or ""), int(number or 0))

    def __str__(self) -> str:
        patch = f".{self.patch}" if self.patch else ""
        stage = _STAGES[self.stage]
        return f"{self.major}.{self.minor}{patch}{stage}{self.stage_number if stage else ''}"


def parse_channel(text: str) -> str | None:
    """The channel in brackets: `stable` from `7.22.3 (stable)`; `None` where the text has none."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a RouterOS version")
    return match[6]


def parse_list(text: str, separator: str = ",") -> list[str]:
    """The elements; the empty text has none. Scripts join with `;`, the API and exports with `,`."""
    return [part.strip() for part in text.split(separator)] if text.strip() else []


def split_pair(text: str, separator: str = ",") -> tuple[str, str]:
    """Both halves of `tx,rx` (wireless counters) or, with `/`, of `up/down` (simple queues)."""
    halves = text.split(separator)
    if len(halves) != 2:  # noqa: PLR2004 - a pair
        raise ValueError(f"{text!r} is not a pair separated by {separator!r}")
    return halves[0].strip(), halves[1].strip()
