"""How the buffer of lines stands: what people are told when lines come late, or are dropped."""

from typing import Final

from tikfleet.domains.logs.schemas import LogBufferState
from tikfleet.ports.inbox import Inbox

# Lines are searchable within seconds; what waits longer waits for something.
_LATE_S: Final = 30.0


class LogBuffer:
    """The buffer, as people see it. Without one (`None`) another process has it."""

    def __init__(self, inbox: Inbox | None, most_bytes: int) -> None:
        self._inbox = inbox
        self._most_bytes = most_bytes

    def state(self) -> LogBufferState:
        """At this moment."""
        if self._inbox is None:
            return LogBufferState(0.0, 0, self._most_bytes, "")
        age_s = round(self._inbox.age_s(), 1)
        refusal = "the buffer is full" if self._inbox.refusal() else ""
        behind_s = age_s if age_s >= _LATE_S or refusal else 0.0
        return LogBufferState(behind_s, self._inbox.size_bytes(), self._most_bytes, refusal)
