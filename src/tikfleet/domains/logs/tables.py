"""The relational table of saved searches. Times are RFC 3339 text; people and searches are JSON text."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

saved_search: Final = sa.Table(
    "saved_search",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("owner", sa.String(60), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("shared", sa.Integer, nullable=False),
    sa.Column("search", sa.Text, nullable=False),
    sa.Column("created_at", sa.String(24), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)

sa.Index("saved_search_by_name", saved_search.c.org_id, saved_search.c.id)
