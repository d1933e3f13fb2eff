"""positions in a stream"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "inbox_reader",
        sa.Column("reader", sa.String(length=80), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader"),
    )
    op.create_table(
        "inbox_shard",
        sa.Column("reader", sa.String(length=80), nullable=False),
        sa.Column("shard", sa.String(length=128), nullable=False),
        sa.Column("sequence", sa.String(length=128), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "shard"),
    )
    op.create_table(
        "inbox_stretch",
        sa.Column("reader", sa.String(length=80), nullable=False),
        sa.Column("first_position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "first_position"),
    )
