"""What Prometheus is told of lines and flows: what came, what became of it, and how their buffers stand."""

import msgspec

from tikfleet.domains.flows.public import FlowCounts
from tikfleet.domains.logs.public import LogConsumer
from tikfleet.domains.sources.public import SourceTally
from tikfleet.ports.inbox import Inbox

Values = dict[str, dict[tuple[str, ...], float]]


class Arrivals(msgspec.Struct, frozen=True):
    """Where it is counted. Without a buffer of lines (`lines`) the process takes none."""

    tally: SourceTally
    flows: FlowCounts
    consumer: LogConsumer | None
    lines: Inbox | None
    most_bytes: int
    most_flow_bytes: int

    def counters(self) -> Values:
        """By metric and labels."""
        totals, dropped = self.tally.totals, self.tally.dropped()
        return {
            "tikfleet_source_received": {(stream,): counted.received for stream, counted in totals.items()},
            "tikfleet_source_accepted": {(stream,): counted.accepted for stream, counted in totals.items()},
            "tikfleet_source_dropped": {(stream, cause): count for (stream, cause), count in dropped.items()},
            **self._flows(),
            "tikfleet_log_lines_stored": {(): self.consumer.stored} if self.consumer else {},
        }

    def gauges(self) -> Values:
        """By metric and labels."""
        lines = self.lines
        return {
            "tikfleet_flow_exporters": {(): self.flows.exporters},
            "tikfleet_flow_templates": {(): self.flows.templates},
            "tikfleet_flow_buffer_bytes": {(): self.flows.buffer_bytes},
            "tikfleet_flow_buffer_limit_bytes": {(): self.most_flow_bytes},
            "tikfleet_flow_buffer_age_seconds": {(): self.flows.buffer_age_s},
            "tikfleet_log_buffer_bytes": {(): lines.size_bytes()} if lines else {},
            "tikfleet_log_buffer_limit_bytes": {(): self.most_bytes} if lines else {},
            "tikfleet_log_buffer_age_seconds": {(): lines.age_s()} if lines else {},
        }

    def _flows(self) -> Values:
        flows = self.flows
        return {
            "tikfleet_flow_records_decoded": {(): flows.decoded},
            "tikfleet_flow_records_buffered": {(): flows.stored},
            "tikfleet_flow_records_dropped": {("buffer",): flows.dropped, ("impossible",): flows.impossible},
            "tikfleet_flow_sequence_lost": {(): flows.lost},
            "tikfleet_flow_sets_unread": {(): flows.unread},
            "tikfleet_flow_batches_set_aside": {(): flows.set_aside},
        }
