"""What came from each sender and what became of it: exact, in memory, written down every few seconds."""

from collections import Counter
from typing import Final

import msgspec

from tikfleet.domains.sources import repository
from tikfleet.domains.sources.model import Arrival, Counted, Origin, Seen, Stream, Way
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.ports.database import Database

_MAX_PENDING: Final = 20_000
_MAX_UNKNOWN: Final = 10_000
_MAX_SAMPLE: Final = 200
_AT_ONCE: Final = 1_000
# Who has no row of its own any more is counted here.
OTHERS: Final = "*"

_Key = tuple[Stream, Way, str]


class _Pending(msgspec.Struct):
    origin: Origin
    sample: str
    first_at: str
    last_at: str
    counted: Counted


class SourceTally:
    """`note` counts; `flush` writes. What is not written yet when the process dies is lost, the lines are not."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending: dict[_Key, _Pending] = {}
        self.totals: dict[Stream, Counted] = {}

    def note(self, arrival: Arrival, origin: Origin, counted: Counted, sample: bytes = b"") -> None:
        """Count for a sender. `sample` is something that it sent; its start is shown to people as text."""
        self.totals.setdefault(arrival.stream, Counted()).add(counted)
        key = (arrival.stream, origin.way, origin.value)
        if key not in self._pending and len(self._pending) >= _MAX_PENDING:
            key, origin, sample = (arrival.stream, "address", OTHERS), Origin(value=OTHERS), b""
        now = to_text(self._clock())
        pending = self._pending.get(key)
        if pending is None:
            self._pending[key] = _Pending(origin, shown(sample), now, now, msgspec.structs.replace(counted))
            return
        pending.counted.add(counted)
        pending.last_at, pending.origin = now, origin
        if sample and not pending.sample:
            pending.sample = shown(sample)

    def dropped(self) -> Counter[tuple[str, str]]:
        """All that was dropped since this process began, by stream and cause."""
        found: Counter[tuple[str, str]] = Counter()
        for stream, counted in self.totals.items():
            for cause in ("rate", "buffer", "unattributed", "invalid"):
                found[stream, cause] = getattr(counted, cause)
        return found

    async def flush(self) -> None:
        """Write down what was counted since the last time. Raises DatabaseUnavailable, and loses nothing."""
        taken, self._pending = self._pending, {}
        rows = [_seen(key, pending) for key, pending in taken.items()]
        done = 0
        try:
            while done < len(rows):
                async with self._database.write() as tx:
                    await repository.add_seen(tx, rows[done : done + _AT_ONCE], _MAX_UNKNOWN)
                done += _AT_ONCE
        except BaseException:
            for key, pending in list(taken.items())[done:]:
                self._put_back(key, pending)
            raise

    def _put_back(self, key: _Key, pending: _Pending) -> None:
        newer = self._pending.get(key)
        if newer is None:
            self._pending[key] = pending
            return
        newer.counted.add(pending.counted)
        newer.first_at, newer.sample = pending.first_at, newer.sample or pending.sample


def shown(sample: bytes) -> str:
    """The start of what somebody sent as one line of text that is safe to show."""
    text = sample[: _MAX_SAMPLE * 4].decode("utf-8", "replace")[:_MAX_SAMPLE]
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _seen(key: _Key, pending: _Pending) -> Seen:
    origin = pending.origin
    return Seen(
        stream=key[0],
        way=key[1],
        value=key[2],
        org_id=origin.org_id,
        device_id=origin.device_id,
        reason=origin.reason,
        sample=pending.sample,
        first_at=pending.first_at,
        last_at=pending.last_at,
        **msgspec.structs.asdict(pending.counted),
    )
