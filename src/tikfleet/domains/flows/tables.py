"""The relational table of what people call the interfaces that flows name by numbers."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

traffic_interface: Final = sa.Table(
    "traffic_interface",
    metadata,
    sa.Column("device_id", sa.String(20), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
)

sa.Index("traffic_interface_by_organisation", traffic_interface.c.org_id)
