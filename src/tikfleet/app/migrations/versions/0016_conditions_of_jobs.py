"""conditions of jobs"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retry_attempts", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("retry_pause_s", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("window_json", sa.Text(), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(
            sa.Column("backup_job_id", sa.String(length=20), server_default=sa.text("''"), nullable=False)
        )
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("not_before", sa.String(length=24), nullable=True))
