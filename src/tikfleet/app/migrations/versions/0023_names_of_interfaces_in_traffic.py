"""names of interfaces in traffic"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "traffic_interface",
        sa.Column("device_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("org_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "number"),
    )
    with op.batch_alter_table("traffic_interface", schema=None) as batch_op:
        batch_op.create_index("traffic_interface_by_organisation", ["org_id"], unique=False)
