"""jobs"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("org_id", sa.String(length=20), nullable=False),
        sa.Column("batch_id", sa.String(length=20), nullable=False),
        sa.Column("device_id", sa.String(length=20), nullable=False),
        sa.Column("device_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("job_class", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("script_digest", sa.String(length=64), nullable=False),
        sa.Column("script_bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("created_by_kind", sa.String(length=16), nullable=False),
        sa.Column("created_by_id", sa.String(length=40), nullable=False),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column("delivered_at", sa.String(length=24), nullable=True),
        sa.Column("started_at", sa.String(length=24), nullable=True),
        sa.Column("finished_at", sa.String(length=24), nullable=True),
        sa.Column("deadline_at", sa.String(length=24), nullable=True),
        sa.Column("boot_id", sa.String(length=64), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("reported", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("output_bytes", sa.Integer(), nullable=False),
        sa.Column("output_truncated", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("job_by_batch", ["batch_id"], unique=False)
        batch_op.create_index("job_by_device", ["device_id", "id"], unique=False)
        batch_op.create_index("job_by_time", ["org_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            "job_deadline",
            ["deadline_at"],
            unique=False,
            sqlite_where=sa.text("status IN ('delivered', 'running')"),
            postgresql_where=sa.text("status IN ('delivered', 'running')"),
        )
        batch_op.create_index(
            "job_expiry",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'delivered', 'running')"),
            postgresql_where=sa.text("status IN ('queued', 'delivered', 'running')"),
        )
        batch_op.create_index(
            "job_one_open",
            ["device_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('delivered', 'running')"),
            postgresql_where=sa.text("status IN ('delivered', 'running')"),
        )
        batch_op.create_index(
            "job_unended",
            ["device_id", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('queued', 'delivered', 'running')"),
            postgresql_where=sa.text("status IN ('queued', 'delivered', 'running')"),
        )

    op.create_table(
        "job_history",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("job_id", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("job_history", schema=None) as batch_op:
        batch_op.create_index("job_history_by_job", ["job_id", "id"], unique=False)

    op.create_table(
        "job_script",
        sa.Column("org_id", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "digest"),
    )
