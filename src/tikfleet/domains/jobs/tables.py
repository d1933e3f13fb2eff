"""The relational tables of jobs. Times are RFC 3339 text; a script is stored once per organisation, by its SHA-256."""

from typing import Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(24), nullable=nullable)


JOB: Final = sa.Table(
    "job",
    METADATA,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("batch_id", sa.String(20), nullable=False),
    sa.Column("device_id", sa.String(20), nullable=False),
    sa.Column("device_name", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("job_class", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),
    sa.Column("script_digest", sa.String(64), nullable=False),
    _moment("created_at"),
    sa.Column("created_by_kind", sa.String(16), nullable=False),
    sa.Column("created_by_id", sa.String(40), nullable=False),
    sa.Column("created_by_name", sa.Text, nullable=False),
    _moment("expires_at"),
    sa.Column("timeout_s", sa.Integer, nullable=False),
    _moment("delivered_at", nullable=True),
    _moment("started_at", nullable=True),
    _moment("finished_at", nullable=True),
    _moment("deadline_at", nullable=True),
    sa.Column("boot_id", sa.String(64), nullable=False),
    sa.Column("deliveries", sa.Integer, nullable=False),
    sa.Column("reported", sa.String(16), nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("output", sa.Text, nullable=False),
    sa.Column("output_bytes", sa.Integer, nullable=False),
    sa.Column("output_truncated", sa.Integer, nullable=False),
)

_OPEN: Final = JOB.c.status.in_(("delivered", "running"))
_UNENDED: Final = JOB.c.status.in_(("queued", "delivered", "running"))

sa.Index("job_by_time", JOB.c.org_id, JOB.c.created_at, JOB.c.id)
sa.Index("job_by_batch", JOB.c.batch_id)
sa.Index("job_by_device", JOB.c.device_id, JOB.c.id)
sa.Index("job_unended", JOB.c.device_id, JOB.c.id, sqlite_where=_UNENDED, postgresql_where=_UNENDED)
sa.Index("job_expiry", JOB.c.expires_at, sqlite_where=_UNENDED, postgresql_where=_UNENDED)
sa.Index("job_deadline", JOB.c.deadline_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
# One job at a time is with a device: the promise itself, kept by the database.
sa.Index("job_one_open", JOB.c.device_id, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)

JOB_HISTORY: Final = sa.Table(
    "job_history",
    METADATA,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("job_id", sa.String(20), nullable=False),
    _moment("at"),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("actor_kind", sa.String(16), nullable=False),
    sa.Column("actor_id", sa.String(40), nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
)

sa.Index("job_history_by_job", JOB_HISTORY.c.job_id, JOB_HISTORY.c.id)

JOB_SCRIPT: Final = sa.Table(
    "job_script",
    METADATA,
    sa.Column("org_id", sa.String(20), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("script", sa.Text, nullable=False),
)
