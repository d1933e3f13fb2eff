"""Which devices have work waiting, in memory, so that a check-in without any costs one look-up."""

from collections.abc import Iterable

from tikfleet.kernel.ids import DeviceId


class OpenWork:
    """A hint that may say yes too often and never no too often, within one process.

    A device is marked after its new job is durable, and cleared only by who looked into the database and found nothing;
    the mark that was read before looking must still stand, so that a job which arrives meanwhile is not lost.

    With several processes each has its own: a job made by another one is seen after `JobDesk.load` ran again,
    so run it every few seconds there, or feed `mark` from the bus.
    """

    def __init__(self) -> None:
        self._marks: dict[DeviceId, int] = {}
        self._resting: dict[DeviceId, int] = {}
        self._last = 0

    def __contains__(self, device_id: DeviceId) -> bool:
        return device_id in self._marks

    def __len__(self) -> int:
        return len(self._marks)

    def mark(self, device_ids: Iterable[DeviceId]) -> None:
        """These devices have work."""
        self._last += 1
        self._marks.update(dict.fromkeys(device_ids, self._last))

    def mark_of(self, device_id: DeviceId) -> int:
        """What `clear` wants to see again; 0 when there is no mark."""
        return self._marks.get(device_id, 0)

    def rest(self, device_id: DeviceId, mark: int) -> None:
        """All its work that stood at `mark` has to wait for a moment: no reason to make the device report at once."""
        if mark:
            self._resting[device_id] = mark

    def is_ready(self, device_id: DeviceId) -> bool:
        """Whether there is work that was not seen to wait."""
        return device_id in self._marks and self._resting.get(device_id) != self._marks[device_id]

    def clear(self, device_id: DeviceId, mark: int) -> None:
        """There was no work when `mark` stood: forget the device, unless it was marked again since."""
        if self._marks.get(device_id) == mark:
            del self._marks[device_id]
            self._resting.pop(device_id, None)
