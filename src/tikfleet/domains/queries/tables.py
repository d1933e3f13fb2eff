"""The relational tables of saved queries. Times are RFC 3339 text; specifications, persons and counts are JSON."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

saved_query: Final = sa.Table(
    "saved_query",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("org_ids", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("ask", sa.Text, nullable=False),
    sa.Column("shared", sa.Integer, nullable=False),
    sa.Column("interval_s", sa.Integer, nullable=False),
    sa.Column("keep", sa.Integer, nullable=False),
    sa.Column("next_at", sa.String(24)),
    sa.Column("created_at", sa.String(24), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("owner", sa.String(60), nullable=False),
)

sa.Index("saved_query_by_time", saved_query.c.org_id, saved_query.c.created_at, saved_query.c.id)
sa.Index("saved_query_due", saved_query.c.next_at)

query_result: Final = sa.Table(
    "query_result",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("query_id", sa.String(20), nullable=False),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("started_at", sa.String(24), nullable=False),
    sa.Column("ended_at", sa.String(24)),
    sa.Column("tally", sa.Text, nullable=False),
    sa.Column("unanswered", sa.Text, nullable=False),
    sa.Column("columns", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
)

sa.Index("query_result_by_query", query_result.c.query_id, query_result.c.id)
