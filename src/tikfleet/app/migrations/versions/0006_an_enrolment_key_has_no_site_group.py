"""an enrolment key has no site group"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("enrolment_key", schema=None) as batch_op:
        batch_op.drop_column("site_group_id")
