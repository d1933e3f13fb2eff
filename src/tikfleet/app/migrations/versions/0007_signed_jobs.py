"""signed jobs"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Jobs that wait are signed when the first key is made, after this: the key is not in the database.
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("signature", sa.String(length=128), server_default=sa.text("''"), nullable=False))
