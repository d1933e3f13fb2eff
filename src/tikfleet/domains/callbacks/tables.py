"""The relational tables of callbacks. Times are RFC 3339 text; secrets and addresses are sealed."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

callback: Final = sa.Table(
    "callback",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("source_key", sa.String(60), nullable=False),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("event", sa.String(20), nullable=False),
    sa.Column("subject_id", sa.String(20), nullable=False),
    sa.Column("aim", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("handed", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("created_at", sa.String(24), nullable=False),
    sa.Column("due_at", sa.String(24), nullable=False),
    sa.Column("ended_at", sa.String(24)),
)

_WAITING: Final = callback.c.state == "waiting"

# One callback for each thing that happened, however often it is noticed: kept by the database.
sa.Index("callback_by_source", callback.c.source_key, unique=True)
sa.Index("callback_by_time", callback.c.org_id, callback.c.created_at, callback.c.id)
sa.Index("callback_by_subject", callback.c.subject_id)
sa.Index("callback_waiting", callback.c.due_at, sqlite_where=_WAITING, postgresql_where=_WAITING)
sa.Index("callback_age", callback.c.ended_at)

callback_attempt: Final = sa.Table(
    "callback_attempt",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("callback_id", sa.String(20), nullable=False),
    sa.Column("at", sa.String(24), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("took_ms", sa.Integer, nullable=False),
)

sa.Index("callback_attempt_by_callback", callback_attempt.c.callback_id, callback_attempt.c.id)

callback_subscription: Final = sa.Table(
    "callback_subscription",
    metadata,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("org_id", sa.String(20), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("aim", sa.Text, nullable=False),
    sa.Column("created_at", sa.String(24), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)

sa.Index("callback_subscription_by_org", callback_subscription.c.org_id, callback_subscription.c.id)

# How far each history was read for subscriptions.
callback_feed: Final = sa.Table(
    "callback_feed",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("position", sa.String(20), nullable=False),
)

callback_secret: Final = sa.Table(
    "callback_secret",
    metadata,
    sa.Column("org_id", sa.String(20), primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("made_at", sa.String(24), nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("previous_until", sa.String(24)),
)
