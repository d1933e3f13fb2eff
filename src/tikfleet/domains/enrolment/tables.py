"""Enrolment's tables: keys, the credentials of devices, and every attempt."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

enrolment_key = Table(
    "enrolment_key",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    Column("site_id", String(20)),
    Column("expires_at", String(24)),
    Column("max_uses", Integer),
    Column("uses", Integer, nullable=False),
    Column("needs_approval", Integer, nullable=False),
    Column("tags", Text, nullable=False),
    Column("revoked_at", String(24)),
    Column("created_at", String(24), nullable=False),
    Column("created_by_id", String(20), nullable=False),
    Column("created_by_name", String(200), nullable=False),
    Index("enrolment_key_org", "org_id"),
)

device_credential = Table(
    "device_credential",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("device_id", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("tier", String(2), nullable=False),
    Column("created_at", String(24), nullable=False),
    Index("device_credential_device", "device_id"),
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("at", String(24), nullable=False),
    Column("key_id", String(20), nullable=False),
    Column("serial", String(100), nullable=False),
    Column("identity", String(200), nullable=False),
    Column("board", String(100), nullable=False),
    Column("version", String(60), nullable=False),
    Column("source_address", String(64), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("device_id", String(20)),
    Index("enrolment_org", "org_id", "id"),
)
