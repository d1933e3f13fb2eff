"""Every metric of `/metrics`: its kind, its labels and what it says. The reference page is made of this."""

from typing import Final

import msgspec


class Described(msgspec.Struct, frozen=True):
    """A counter shows as `…_total`, a histogram as `…_bucket`, `…_sum` and `…_count`."""

    kind: str
    text: str
    labels: tuple[str, ...] = ()


METRICS: Final = {
    "tikfleet_build_info": Described("gauge", "1, with what this platform is.", ("version", "python", "warehouse")),
    "tikfleet_ready": Described("gauge", "1 when `/readyz` says ready."),
    "tikfleet_checkins_accepted": Described("counter", "Reports that were stored durably and answered."),
    "tikfleet_checkins_processed": Described("counter", "Reports that reached history and last state."),
    "tikfleet_checkins_duplicate": Described("counter", "Reports that had been counted before."),
    "tikfleet_checkins_set_aside": Described("counter", "Stored reports that could not be read again."),
    "tikfleet_checkin_duration_seconds": Described("histogram", "From a check-in's headers to the end of its answer."),
    "tikfleet_values_unreadable": Described("counter", "Values of reports that could not be read and were left out."),
    "tikfleet_agent_refused": Described("counter", "Requests of routers that were refused, by cause.", ("cause",)),
    "tikfleet_http_request_duration_seconds": Described(
        "histogram",
        "From a request's headers to those of its answer, check-ins apart; `status` is 2xx and so on.",
        ("group", "status"),
    ),
    "tikfleet_http_requests_in_progress": Described("gauge", "Requests that have no whole answer yet.", ("group",)),
    "tikfleet_event_streams": Described("gauge", "Open streams of events (`/api/v1/events/stream`)."),
    "tikfleet_event_loop_lateness_seconds": Described(
        "histogram", "How late the event loop comes to what is due, asked four times a second."
    ),
    "tikfleet_event_loop_mean_lateness_seconds": Described(
        "gauge", "The same as a mean of the last seconds: at 1 s dashboards are refused, at 1.7 s check-ins."
    ),
    "tikfleet_inbox_depth": Described("gauge", "Reports that wait to be processed."),
    "tikfleet_inbox_limit": Described("gauge", "Reports that may wait before new ones are refused."),
    "tikfleet_inbox_bytes": Described("gauge", "What the inbox takes on its disk."),
    "tikfleet_inbox_age_seconds": Described("gauge", "How long the oldest report that waits has been waiting."),
    "tikfleet_consumer_stretches": Described("counter", "Stretches of the inbox that were processed."),
    "tikfleet_consumer_lag_seconds": Described(
        "gauge", "Age of the oldest report of the last stretch when it was done."
    ),
    "tikfleet_source_received": Described(
        "counter", "Log lines, and packets of flows, that came to this process, by way in.", ("stream",)
    ),
    "tikfleet_source_accepted": Described("counter", "Those of them that the buffer on disk took.", ("stream",)),
    "tikfleet_source_dropped": Described(
        "counter", "Those that were dropped: over a sender's rate, no room, nobody's, unreadable.", ("stream", "cause")
    ),
    "tikfleet_flow_records_decoded": Described("counter", "Flows that were read out of packets."),
    "tikfleet_flow_records_buffered": Described("counter", "Those of them that the buffer on disk took."),
    "tikfleet_flow_records_dropped": Described(
        "counter", "Flows that were dropped: no room in the buffer, or counters that no line could carry.", ("cause",)
    ),
    "tikfleet_flow_sequence_lost": Described("counter", "Packets or flows that never came, by sequence numbers."),
    "tikfleet_flow_sets_unread": Described("counter", "Sets of flows whose template did not come in time."),
    "tikfleet_flow_batches_set_aside": Described("counter", "Stored flows that could not be read again, in batches."),
    "tikfleet_flow_exporters": Described("gauge", "Senders whose templates or sequence numbers are remembered."),
    "tikfleet_flow_templates": Described("gauge", "Templates of flows that are remembered."),
    "tikfleet_flow_buffer_bytes": Described("gauge", "What flows that wait take on the disk."),
    "tikfleet_flow_buffer_limit_bytes": Described("gauge", "What they may take before new ones are dropped."),
    "tikfleet_flow_buffer_age_seconds": Described("gauge", "How long the oldest flow that waits has been waiting."),
    "tikfleet_log_lines_stored": Described("counter", "Log lines that this process brought to the telemetry store."),
    "tikfleet_log_buffer_bytes": Described("gauge", "What log lines that wait take on the disk."),
    "tikfleet_log_buffer_limit_bytes": Described("gauge", "What they may take before new ones are dropped."),
    "tikfleet_log_buffer_age_seconds": Described("gauge", "How long the oldest log line that waits has been waiting."),
    "tikfleet_sessions": Described("gauge", "Device sessions in memory."),
    "tikfleet_devices": Described("gauge", "Devices, by status.", ("status",)),
    "tikfleet_jobs": Described("gauge", "Jobs that have not ended, by state.", ("state",)),
    "tikfleet_removed": Described("counter", "Things that were removed as kept no longer, by kind.", ("kind",)),
    "tikfleet_jobs_refused": Described(
        "counter", "Jobs that the job service had not signed so, and that were not handed out.", ("code",)
    ),
    "tikfleet_warehouse_duration_seconds": Described(
        "histogram", "What the telemetry store takes: `append` for a batch, `select` for a question.", ("operation",)
    ),
    "tikfleet_warehouse_failures": Described(
        "counter", "Requests to the telemetry store that failed, by the error's code.", ("operation", "code")
    ),
    "tikfleet_warehouse_slow_queries": Described("counter", "Questions over `slow_query_ms`, each in the log too."),
    "tikfleet_database_connections": Described("gauge", "Connections to the database that are in use.", ("pool",)),
    "tikfleet_database_connections_limit": Described("gauge", "Connections that may be in use.", ("pool",)),
    "tikfleet_disk_free_bytes": Described("gauge", "Free space where the data directory is."),
    "tikfleet_disk_size_bytes": Described("gauge", "Size of the disk where the data directory is."),
    "tikfleet_certificate_expiry_timestamp_seconds": Described(
        "gauge", "When the HTTPS listener's certificate ends, in seconds since 1970."
    ),
    "tikfleet_backup_last_success_timestamp_seconds": Described(
        "gauge", "When the last complete backup was made; absent before the first."
    ),
    "tikfleet_backup_last_size_bytes": Described("gauge", "How large the last complete backup is."),
    "process_cpu_seconds": Described("counter", "Processor time of this process (Linux)."),
    "process_resident_memory_bytes": Described("gauge", "Memory of this process (Linux)."),
    "process_virtual_memory_bytes": Described("gauge", "Address space of this process (Linux)."),
    "process_open_fds": Described("gauge", "Files and sockets that this process has open (Linux)."),
    "process_max_fds": Described("gauge", "Files and sockets that it may have open (Linux)."),
    "process_start_time_seconds": Described("gauge", "When this process started, in seconds since 1970 (Linux)."),
}
