"""The audit trail's table. Rows are added and read, never changed."""

from sqlalchemy import Column, Index, MetaData, Table, Text

metadata = MetaData()

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", Text, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("source_address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target_kind", Text, nullable=False),
    Column("target_id", Text, nullable=False),
    Column("target_name", Text, nullable=False),
    Column("before_state", Text),
    Column("after_state", Text),
    Column("search_text", Text, nullable=False),
    Index("ix_audit_entry_org", "org_id", "id"),
    Index("ix_audit_entry_target", "target_id", "id"),
    Index("ix_audit_entry_actor", "actor_id", "id"),
)
