"""Countries and networks of addresses, from files in the MaxMind DB format that an operator supplies.

Names of fields are those of GeoLite2 and DB-IP (`country.iso_code`, `autonomous_system_number` and `…_organization`)
and of IPinfo (`country` or `country_code`, `asn`, `as_name`). Format: MaxMind DB 2.0.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import maxminddb
import structlog

_LOOKED_AT_EVERY_S: Final = 60.0
_MOST_KNOWN: Final = 200_000
_MOST_CHARACTERS: Final = 100
_log = structlog.get_logger("tikfleet.places")


class PlacesUnreadable(ValueError):
    """A file is not there, or is none of this format."""


class MmdbPlaces:
    """Keeps `tikfleet.domains.flows.rows.Places`. A file that is replaced is read anew within a minute."""

    def __init__(self, files: Sequence[Path], now_s: Callable[[], float] = time.monotonic) -> None:
        """Raises PlacesUnreadable."""
        self._files = files
        self._now_s = now_s
        self._readers = [_opened(file) for file in files]
        self._marks = [_mark(file) for file in files]
        self._looked_s = now_s()
        self._known: dict[str, tuple[str, str]] = {}

    def of(self, address: str) -> tuple[str, str]:
        """Country such as `LV` and network such as `AS64500 Example`; empty where no file knows."""
        self._renew()
        found = self._known.get(address)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[address] = self._look_up(address)
        return found

    def close(self) -> None:
        """Let the files go."""
        for reader in self._readers:
            reader.close()

    def _look_up(self, address: str) -> tuple[str, str]:
        country = network = ""
        for reader in self._readers:
            try:
                record = reader.get(address)
            except (ValueError, maxminddb.InvalidDatabaseError):
                # An IPv6 address and a file of IPv4, or a file that is damaged there.
                continue
            if isinstance(record, Mapping):
                country, network = country or _country(record), network or _network(record)
        return country, network

    def _renew(self) -> None:
        if self._now_s() - self._looked_s < _LOOKED_AT_EVERY_S:
            return
        self._looked_s = self._now_s()
        for place, file in enumerate(self._files):
            try:
                mark = _mark(file)
                if mark == self._marks[place]:
                    continue
                opened = _opened(file)
            except PlacesUnreadable as error:
                _log.warning("a file of places is not read anew", detail=str(error))
                continue
            self._readers[place].close()
            self._readers[place], self._marks[place] = opened, mark
            self._known.clear()


def _opened(file: Path) -> maxminddb.Reader:
    try:
        return maxminddb.open_database(file)
    except (OSError, maxminddb.InvalidDatabaseError) as cause:
        raise PlacesUnreadable(f"{file} is not readable as a MaxMind DB file") from cause


def _mark(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError as cause:
        raise PlacesUnreadable(f"{file} is not there") from cause
    return found.st_mtime_ns, found.st_size


def _country(record: Mapping[str, Any]) -> str:
    found = record.get("country") or record.get("registered_country") or record.get("country_code")
    code = found.get("iso_code") if isinstance(found, Mapping) else found
    # IPinfo's older files have the code in `country`, its newer ones the name there.
    given = record.get("country_code")
    return _shown(given if isinstance(given, str) and given else code)


def _network(record: Mapping[str, Any]) -> str:
    number = record.get("autonomous_system_number") or record.get("asn") or ""
    name = record.get("autonomous_system_organization") or record.get("as_name") or record.get("name") or ""
    if not isinstance(number, int | str) or not number:
        return ""
    text = str(number).upper().removeprefix("AS")
    return _shown(f"AS{text} {name}" if isinstance(name, str) else f"AS{text}") if text.isdecimal() else ""


def _shown(text: object) -> str:
    if not isinstance(text, str):
        return ""
    return "".join(letter for letter in text if letter.isprintable())[:_MOST_CHARACTERS].strip()
