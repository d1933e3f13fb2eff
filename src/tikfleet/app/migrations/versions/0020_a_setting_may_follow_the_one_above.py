"""a setting may follow the one above

Rows that are there stay as they are: what an organisation had copied from above counts as its own until it is given
back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    with op.batch_alter_table("organisation_settings", schema=None) as batch_op:
        for name in ("checkin_interval_s", "offline_after_missed"):
            batch_op.alter_column(name, existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column("timezone", existing_type=sa.String(64), nullable=True)
        for name in (
            "runs_need_approval",
            "job_devices_per_minute",
            "job_devices_per_person_minute",
            "job_devices_per_request",
            "log_retention_days",
        ):
            batch_op.alter_column(name, existing_type=sa.Integer(), nullable=True, server_default=None)
        batch_op.alter_column("traffic_addresses", existing_type=sa.String(12), nullable=True, server_default=None)
