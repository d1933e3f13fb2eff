"""What became of flows since the process started."""

import msgspec


class FlowCounts(msgspec.Struct):
    """Flows since the start. Those decoded are stored or dropped; the others never were flows of ours.

    `lost` packets or records never came, by the sequence numbers; `unread` sets came without a template.
    `exporters` and `templates` are how many are remembered now; `buffer_bytes` is what waits on the disk for the
    telemetry store, some of it for `buffer_age_s`, as it was a second ago.
    """

    decoded: int = 0
    stored: int = 0
    dropped: int = 0
    impossible: int = 0
    lost: int = 0
    unread: int = 0
    set_aside: int = 0
    exporters: int = 0
    templates: int = 0
    buffer_bytes: int = 0
    buffer_age_s: float = 0.0
