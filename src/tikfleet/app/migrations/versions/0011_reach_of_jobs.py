"""reach of jobs"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "job_reach",
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("device_id", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("scope", "device_id"),
    )
    with op.batch_alter_table("job_reach", schema=None) as batch_op:
        batch_op.create_index("job_reach_by_time", ["scope", "asked_at"], unique=False)

    with op.batch_alter_table("organisation_settings", schema=None) as batch_op:
        for name in ("job_devices_per_minute", "job_devices_per_person_minute", "job_devices_per_request"):
            batch_op.add_column(sa.Column(name, sa.Integer(), server_default="0", nullable=False))
