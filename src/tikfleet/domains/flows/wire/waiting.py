"""Data sets whose template has not come yet: kept for a while, within bounds."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Final

import msgspec

from tikfleet.domains.flows.wire.records import Section

# Beside its bytes, what one set costs in memory.
_OVERHEAD_BYTES: Final = 400


class WaitingLimits(msgspec.Struct, frozen=True):
    """How long sets wait, and how many bytes of one exporter and in all."""

    patience_ms: int = 300_000
    exporter_bytes: int = 256 << 10
    total_bytes: int = 16 << 20


class Key(msgspec.Struct, frozen=True):
    """Which template is awaited."""

    exporter: int
    version: int
    domain: int
    template: int


class Waiting:
    """Sets by the template that they await. What is dropped is told by exporter, in sets."""

    def __init__(self, limits: WaitingLimits) -> None:
        self._limits = limits
        self._sections: OrderedDict[Key, deque[Section]] = OrderedDict()
        self._by_exporter: dict[int, int] = {}
        self.size_bytes = 0

    def keep(self, key: Key, section: Section) -> bool:
        """Keep a set; False where there is no place for it."""
        cost = len(section.body) + _OVERHEAD_BYTES
        held = self._by_exporter.get(key.exporter, 0)
        if held + cost > self._limits.exporter_bytes or self.size_bytes + cost > self._limits.total_bytes:
            return False
        self._sections.setdefault(key, deque()).append(section)
        self._account(key.exporter, cost)
        return True

    def take(self, key: Key) -> list[Section]:
        """All that waited for a template."""
        sections = self._sections.pop(key, None)
        if sections is None:
            return []
        self._account(key.exporter, -sum(len(section.body) + _OVERHEAD_BYTES for section in sections))
        return list(sections)

    def expired(self, now_ms: int) -> Iterator[tuple[int, int]]:
        """Drop what waited too long: exporter, and how many sets."""
        for key in list(self._sections):
            sections, dropped = self._sections[key], 0
            while sections and now_ms - sections[0].received_ms > self._limits.patience_ms:
                self._account(key.exporter, -len(sections.popleft().body) - _OVERHEAD_BYTES)
                dropped += 1
            if not sections:
                del self._sections[key]
            if dropped:
                yield key.exporter, dropped

    def _account(self, exporter: int, change: int) -> None:
        self.size_bytes += change
        held = self._by_exporter.get(exporter, 0) + change
        if held:
            self._by_exporter[exporter] = held
        else:
            self._by_exporter.pop(exporter, None)
