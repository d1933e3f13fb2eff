"""The inventory's tables. Times are RFC 3339 text in UTC, `_ms` columns milliseconds since 1970."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

site_group = Table(
    "site_group",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("created_at", String(24), nullable=False),
    UniqueConstraint("org_id", "name", name="site_group_name"),
)

site = Table(
    "site",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("site_group_id", String(20)),
    Column("address", Text, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("tags", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", String(24), nullable=False),
    UniqueConstraint("org_id", "name", name="site_name"),
)

device = Table(
    "device",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("named_by_person", Integer, nullable=False),
    Column("site_id", String(20)),
    Column("tags", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("serial", String(100), nullable=False),
    Column("enrolment_key_id", String(20), nullable=False),
    Column("enrolled_at", String(24), nullable=False),
    Column("findings", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("removal_sent_at", String(24)),
    Column("deleted_at", String(24)),
    Index("device_place", "org_id", "deleted_at", "site_id", "id"),
    Index("device_serial", "org_id", "serial"),
    Index("device_site", "site_id"),
)

device_tag = Table(
    "device_tag",
    metadata,
    Column("device_id", String(20), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Index("device_tag_org", "org_id", "tag"),
)

device_state = Table(
    "device_state",
    metadata,
    Column("device_id", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("status", String(10), nullable=False),
    Column("status_since", String(24), nullable=False),
    Column("last_seen_ms", BigInteger),
    Column("offline_at_ms", BigInteger),
    Column("interval_s", Integer, nullable=False),
    Column("boot_id", String(64), nullable=False),
    Column("boot_at", String(24)),
    Column("seq", BigInteger, nullable=False),
    Column("seen_window", BigInteger, nullable=False),
    Column("last_address", String(64), nullable=False),
    Column("wan_address", String(64), nullable=False),
    Column("identity", String(200), nullable=False),
    Column("board", String(100), nullable=False),
    Column("model", String(100), nullable=False),
    Column("architecture", String(40), nullable=False),
    Column("version", String(40), nullable=False),
    Column("firmware", String(40), nullable=False),
    Column("agent_tier", String(2), nullable=False),
    Column("agent_version", String(40), nullable=False),
    Column("uptime_s", Float),
    Column("cpu_load", Float),
    Column("memory_used_percent", Float),
    Column("disk_used_percent", Float),
    Column("temperature_c", Float),
    Column("clients", Integer),
    Column("rx_bps", Float),
    Column("tx_bps", Float),
    Column("inventory_tag", String(40), nullable=False),
    Column("neighbors_tag", String(40), nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Column("counters", LargeBinary, nullable=False),
    # All that counts by what a device is read: no row of a fleet is touched for them.
    Index("device_state_kinds", "org_id", "status", "model", "version", "architecture", "device_id"),
    Index("device_state_due", "offline_at_ms"),
)

device_document = Table(
    "device_document",
    metadata,
    Column("device_id", String(20), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("updated_at", String(24), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

device_event = Table(
    "device_event",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("at", String(24), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("device_id", String(20), nullable=False),
    Column("device_name", String(200), nullable=False),
    Column("site_id", String(20)),
    Column("text", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index("device_event_org", "org_id", "id"),
    Index("device_event_of_device", "org_id", "device_id", "id"),
    Index("device_event_of_kind", "org_id", "kind", "id"),
)

applied = Table(
    "state_applied",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("pending_first", BigInteger, nullable=False),
    Column("pending_last", BigInteger, nullable=False),
)
