"""The relational tables of jobs. Times are RFC 3339 text; a script is stored once per organisation, by its SHA-256."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(24), nullable=nullable)


job: Final = sa.Table(
    "job",
    metadata,
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
    sa.Column("source_digest", sa.String(64), nullable=False),
    sa.Column("script_digest", sa.String(64), nullable=False),
    sa.Column("script_bytes", sa.Integer, nullable=False),
    _moment("created_at"),
    sa.Column("created_by_kind", sa.String(16), nullable=False),
    sa.Column("created_by_id", sa.String(40), nullable=False),
    sa.Column("created_by_name", sa.Text, nullable=False),
    _moment("expires_at"),
    sa.Column("timeout_s", sa.Integer, nullable=False),
    sa.Column("confirm_s", sa.Integer, nullable=False, server_default="0"),
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
    sa.Column("notify", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("retry_attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retry_pause_s", sa.Integer, nullable=False, server_default="0"),
    sa.Column("window_json", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("backup_job_id", sa.String(20), nullable=False, server_default=sa.text("''")),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    _moment("not_before", nullable=True),
    sa.Column("told", sa.Integer, nullable=False, server_default="0"),
    sa.Column("signature", sa.String(128), nullable=False, server_default=sa.text("''")),
)

_OPEN: Final = job.c.status.in_(("delivered", "running"))
_UNTOLD: Final = sa.and_(job.c.notify != "", job.c.told == 0)
_BACKED_UP: Final = job.c.backup_job_id != ""
_SCRIPTED: Final = job.c.script_digest != ""
_SOURCED: Final = job.c.source_digest != ""
_UNENDED: Final = job.c.status.in_(("queued", "delivered", "running"))

sa.Index("job_by_time", job.c.org_id, job.c.created_at, job.c.id)
sa.Index("job_by_status", job.c.org_id, job.c.status, job.c.created_at, job.c.id)
sa.Index("job_of_device", job.c.org_id, job.c.device_id, job.c.created_at, job.c.id)
sa.Index("job_by_batch", job.c.batch_id)
sa.Index("job_by_device", job.c.device_id, job.c.id)
sa.Index("job_unended", job.c.device_id, job.c.id, sqlite_where=_UNENDED, postgresql_where=_UNENDED)
sa.Index("job_expiry", job.c.expires_at, sqlite_where=_UNENDED, postgresql_where=_UNENDED)
sa.Index("job_deadline", job.c.deadline_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
sa.Index("job_by_backup", job.c.backup_job_id, sqlite_where=_BACKED_UP, postgresql_where=_BACKED_UP)
sa.Index("job_by_script", job.c.script_digest, sqlite_where=_SCRIPTED, postgresql_where=_SCRIPTED)
sa.Index("job_by_source", job.c.source_digest, sqlite_where=_SOURCED, postgresql_where=_SOURCED)
sa.Index("job_untold", job.c.finished_at, sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)
# One job at a time is with a device: the promise itself, kept by the database.
sa.Index("job_one_open", job.c.device_id, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)

job_history: Final = sa.Table(
    "job_history",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("job_id", sa.String(20), nullable=False),
    _moment("at"),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("actor_kind", sa.String(16), nullable=False),
    sa.Column("actor_id", sa.String(40), nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
)

sa.Index("job_history_by_job", job_history.c.job_id, job_history.c.id)

# Which devices an organisation (`org_…`), a person or a token has asked within the last minute.
job_reach: Final = sa.Table(
    "job_reach",
    metadata,
    sa.Column("scope", sa.String(40), primary_key=True),
    sa.Column("device_id", sa.String(20), primary_key=True),
    _moment("asked_at"),
)

sa.Index("job_reach_by_time", job_reach.c.scope, job_reach.c.asked_at)

job_script: Final = sa.Table(
    "job_script",
    metadata,
    sa.Column("org_id", sa.String(20), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("script", sa.Text, nullable=False),
)
