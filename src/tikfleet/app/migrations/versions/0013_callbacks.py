"""callbacks"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "callback",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("source_key", sa.String(length=60), nullable=False),
        sa.Column("org_id", sa.String(length=20), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=20), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("handed", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("due_at", sa.String(length=24), nullable=False),
        sa.Column("ended_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("callback", schema=None) as batch_op:
        batch_op.create_index("callback_age", ["ended_at"], unique=False)
        batch_op.create_index("callback_by_source", ["source_key"], unique=True)
        batch_op.create_index("callback_by_subject", ["subject_id"], unique=False)
        batch_op.create_index("callback_by_time", ["org_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            "callback_waiting",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "callback_attempt",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("callback_id", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("callback_attempt", schema=None) as batch_op:
        batch_op.create_index("callback_attempt_by_callback", ["callback_id", "id"], unique=False)

    op.create_table(
        "callback_secret",
        sa.Column("org_id", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=24), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("previous_until", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("org_id"),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notify", sa.Text(), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column("told", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(
            "job_untold",
            ["finished_at"],
            unique=False,
            sqlite_where=sa.text("notify != '' AND told = 0"),
            postgresql_where=sa.text("notify != '' AND told = 0"),
        )

    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("notify", sa.Text(), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column("owed", sa.String(length=60), server_default=sa.text("''"), nullable=False))
        batch_op.create_index(
            "run_owing",
            ["id"],
            unique=False,
            sqlite_where=sa.text("owed != ''"),
            postgresql_where=sa.text("owed != ''"),
        )
