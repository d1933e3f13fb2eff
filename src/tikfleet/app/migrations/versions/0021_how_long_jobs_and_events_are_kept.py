"""how long jobs and events are kept"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    with op.batch_alter_table("organisation_settings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("job_retention_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("event_retention_days", sa.Integer(), nullable=True))
    for name, column in (
        ("job_by_backup", "backup_job_id"),
        ("job_by_script", "script_digest"),
        ("job_by_source", "source_digest"),
    ):
        given = sa.text(f"{column} != ''")
        op.create_index(name, "job", [column], unique=False, sqlite_where=given, postgresql_where=given)
