"""The relational tables of the script library. Times are RFC 3339 text; lists and people are JSON text."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

library_script: Final = sa.Table(
    "library_script",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("owner_id", sa.String(40), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("visibility", sa.String(8), nullable=False),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("latest", sa.Integer, nullable=False),
    sa.Column("created_at", sa.String(24), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.String(24), nullable=False),
)

sa.Index("library_script_by_name", library_script.c.org_id, library_script.c.name, library_script.c.id)

library_version: Final = sa.Table(
    "library_version",
    metadata,
    sa.Column("script_id", sa.String(20), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),
    sa.Column("samples", sa.Text, nullable=False),
    sa.Column("checks", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("created_at", sa.String(24), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)
