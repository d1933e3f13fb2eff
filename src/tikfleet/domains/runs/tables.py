"""The relational tables of runs. Times are RFC 3339 text; `spec`, `waves` and persons are JSON."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

run: Final = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("org_ids", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("waves", sa.Text, nullable=False),
    sa.Column("wave", sa.Integer, nullable=False),
    sa.Column("settled_at", sa.String(24)),
    sa.Column("gate_open", sa.Integer, nullable=False),
    sa.Column("held_by", sa.String(8), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("busy", sa.Integer, nullable=False),
    sa.Column("needs_approval", sa.Integer, nullable=False),
    sa.Column("created_at", sa.String(24), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text),
    sa.Column("approved_by", sa.Text),
    sa.Column("planned_at", sa.String(24)),
    sa.Column("approved_at", sa.String(24)),
    sa.Column("started_at", sa.String(24)),
    sa.Column("finished_at", sa.String(24)),
    sa.Column("notify", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("owed", sa.String(60), nullable=False, server_default=sa.text("''")),
)

_BUSY: Final = run.c.busy == 1
_OWING: Final = run.c.owed != ""

sa.Index("run_by_time", run.c.org_id, run.c.created_at, run.c.id)
sa.Index("run_owing", run.c.id, sqlite_where=_OWING, postgresql_where=_OWING)
sa.Index("run_busy", run.c.id, sqlite_where=_BUSY, postgresql_where=_BUSY)

run_target: Final = sa.Table(
    "run_target",
    metadata,
    sa.Column("run_id", sa.String(20), primary_key=True),
    sa.Column("device_id", sa.String(20), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("device_name", sa.Text, nullable=False),
    sa.Column("wave", sa.Integer, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("job_id", sa.String(20)),
    sa.Column("placed", sa.Integer, nullable=False),
    sa.Column("forgiven", sa.Integer, nullable=False),
    sa.Column("asked_at", sa.String(24)),
    sa.Column("ended_at", sa.String(24)),
    sa.Column("error", sa.Text, nullable=False),
)

_HAS_JOB: Final = run_target.c.job_id.is_not(None)

sa.Index("run_target_by_place", run_target.c.run_id, run_target.c.place)
sa.Index("run_target_by_state", run_target.c.run_id, run_target.c.state, run_target.c.wave)
# One job belongs to one target of one run: the promise itself, kept by the database.
sa.Index("run_target_by_job", run_target.c.job_id, unique=True, sqlite_where=_HAS_JOB, postgresql_where=_HAS_JOB)

run_history: Final = sa.Table(
    "run_history",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("run_id", sa.String(20), nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
)

sa.Index("run_history_by_run", run_history.c.run_id, run_history.c.id)
