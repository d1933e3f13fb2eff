"""Five questions in SQL that each engine takes as it stands, and the same through the platform."""

from typing import Final

from bench.side_by_side.rows import Rows
from tikfleet.app.measuring.rows import ORG, device

DAY_MS: Final = 86_400_000
NAMES: Final = {
    "count_rows": "COUNT",
    "sum_cpu_count": "SUM(cpu_count)",
    "device_day": "one device's day in 5 minutes",
    "top_10": "ten busiest of a day",
    "fleet_day": "an organisation's day in 5 minutes",
}


def statements(rows: Rows, bucket: str = "received_at / 300000") -> dict[str, str]:
    """SQL by question. `bucket` is how the engine divides whole numbers into whole numbers."""
    since = rows.last_ms - DAY_MS
    day = f"received_at >= {since} and received_at < {rows.last_ms}"
    return {
        "count_rows": "select count(seq) from site_checkins",
        "sum_cpu_count": "select sum(cpu_count) from site_checkins",
        "device_day": f"select {bucket} as bucket, avg(cpu_load), sum(rx_bytes_delta), sum(tx_bytes_delta) "
        f"from site_checkins where device_id = '{device(4321)}' and {day} group by {bucket} order by 1",
        "top_10": "select device_id, avg(cpu_load) as cpu from site_checkins "
        f"where org_id = '{ORG}' and {day} group by device_id order by cpu desc limit 10",
        "fleet_day": f"select {bucket} as bucket, avg(cpu_load), sum(rx_bytes_delta), count(*) "
        f"from site_checkins where org_id = '{ORG}' and {day} group by {bucket} order by 1",
    }
