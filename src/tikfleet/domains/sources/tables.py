"""The tables of sources. Times are RFC 3339 text in UTC."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

source_claim: Final = sa.Table(
    "source_claim",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("way", sa.String(12), nullable=False),
    sa.Column("value", sa.String(64), nullable=False),
    sa.Column("device_id", sa.String(20)),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("created_at", sa.String(24), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.UniqueConstraint("way", "value", name="source_claim_way"),
    sa.Index("source_claim_org", "org_id", "id"),
)

source_seen: Final = sa.Table(
    "source_seen",
    metadata,
    sa.Column("stream", sa.String(8), primary_key=True),
    sa.Column("way", sa.String(12), primary_key=True),
    sa.Column("value", sa.String(64), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("device_id", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(24), nullable=False),
    sa.Column("sample", sa.Text, nullable=False),
    sa.Column("first_at", sa.String(24), nullable=False),
    sa.Column("last_at", sa.String(24), nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("accepted", sa.BigInteger, nullable=False),
    sa.Column("rate", sa.BigInteger, nullable=False),
    sa.Column("buffer", sa.BigInteger, nullable=False),
    sa.Column("unattributed", sa.BigInteger, nullable=False),
    sa.Column("invalid", sa.BigInteger, nullable=False),
    sa.Index("source_seen_org", "org_id", "last_at"),
)
