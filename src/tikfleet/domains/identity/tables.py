"""Tables of organisations, people and their credentials. Times are RFC 3339 text; secrets are kept as SHA-256."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

organisation = Table(
    "organisation",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("parent_id", String(20)),
    Column("name", String(200), nullable=False),
    Column("created_at", String(24), nullable=False),
    UniqueConstraint("parent_id", "name", name="organisation_name"),
)

# What an organisation has chosen itself; null: it follows the nearest above it.
organisation_settings = Table(
    "organisation_settings",
    metadata,
    Column("org_id", String(20), primary_key=True),
    Column("checkin_interval_s", Integer),
    Column("offline_after_missed", Integer),
    Column("timezone", String(64)),
    Column("runs_need_approval", Integer),
    Column("job_devices_per_minute", Integer),
    Column("job_devices_per_person_minute", Integer),
    Column("job_devices_per_request", Integer),
    Column("traffic_addresses", String(12)),
    Column("log_retention_days", Integer),
    Column("job_retention_days", Integer),
    Column("event_retention_days", Integer),
)

person = Table(
    "person",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("email", String(254), nullable=False),
    Column("password_hash", Text),
    Column("created_at", String(24), nullable=False),
    UniqueConstraint("email", name="person_email"),
)

membership = Table(
    "membership",
    metadata,
    Column("person_id", String(20), primary_key=True),
    Column("org_id", String(20), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(10), nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("accepted_at", String(24)),
    Column("last_signed_in_at", String(24)),
    Index("membership_org", "org_id"),
)

invitation = Table(
    "invitation",
    metadata,
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("person_id", String(20), nullable=False),
    Column("org_id", String(20), nullable=False),
    Column("expires_at", String(24), nullable=False),
    Index("invitation_membership", "person_id", "org_id"),
)

session = Table(
    "session",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("secret_hash", LargeBinary(32), nullable=False),
    Column("person_id", String(20), nullable=False),
    Column("org_id", String(20), nullable=False),
    Column("csrf_nonce", String(32), nullable=False),
    Column("source_address", String(60), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("seen_at", String(24), nullable=False),
    UniqueConstraint("secret_hash", name="session_secret"),
    Index("session_person", "person_id"),
    Index("session_org", "org_id"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("org_id", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("prefix", String(20), nullable=False),
    Column("secret_hash", LargeBinary(32), nullable=False),
    Column("created_by", String(20), nullable=False),
    Column("created_by_name", String(200), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("expires_at", String(24)),
    Column("last_used_at", String(24)),
    UniqueConstraint("secret_hash", name="api_token_secret"),
    Index("api_token_org", "org_id"),
    Index("api_token_creator", "created_by"),
)

setup = Table(
    "setup",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("token_hash", LargeBinary(32)),
    Column("closed_at", String(24)),
)
