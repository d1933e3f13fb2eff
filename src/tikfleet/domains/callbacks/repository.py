"""All relational SQL of callbacks. People's side takes an `OrgScope`; the delivery works on what was permitted."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.callbacks.model import Attempt, Callback, CallbackState
from tikfleet.kernel.ids import is_id, new_id
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Row, Transaction

_NAMES: Final = Callback.__struct_fields__
_COLUMNS: Final = ", ".join(_NAMES)
_VALUES: Final = ", ".join(f":{name}" for name in _NAMES)


class CallbackFilters(msgspec.Struct, frozen=True):
    """Which callbacks are wanted; empty is no condition."""

    state: Sequence[CallbackState] = ()
    subject_id: Sequence[str] = ()


class Secrets(msgspec.Struct, frozen=True):
    """An organisation's secret, sealed, and the one before it for as long as that signs, too."""

    sealed: str
    made_at: str
    previous: str = ""
    previous_until: str | None = None


async def page_of_callbacks(
    tx: Transaction, org: OrgScope, filters: CallbackFilters, page: PageRequest
) -> list[Callback]:
    """The page's callbacks and one more when there is another page, newest first."""
    where, values = _conditions(org, filters)
    if page.after:
        where += " and (created_at, id) < (:after_at, :after_id)"
        values |= {"after_at": page.after.value, "after_id": page.after.id}
    rows = await tx.fetch(
        f"select {_COLUMNS} from callback where {where} order by created_at desc, id desc limit :most",
        most=page.limit + 1,
        **values,
    )
    return [_callback(row) for row in rows]


async def find_callback(tx: Transaction, org: OrgScope, callback_id: str) -> Callback | None:
    """One callback within the scope. Text that is no callback's id names none."""
    if not is_id(callback_id, "cbk"):
        return None
    rows = await tx.fetch(
        f"select {_COLUMNS} from callback where id = :id and org_id in :orgs", id=callback_id, orgs=org.org_ids
    )
    return _one(rows)


async def attempts_of(tx: Transaction, org: OrgScope, callback: Callback) -> list[Attempt]:
    """The log of a callback within the scope, oldest first, 100 at most."""
    rows = await tx.fetch(
        """select a.at, a.status, a.error, a.took_ms from callback_attempt a join callback c on c.id = a.callback_id
        where c.id = :id and c.org_id in :orgs order by a.id limit 100""",
        id=callback.id,
        orgs=org.org_ids,
    )
    return [Attempt(*row) for row in rows]


async def secrets_of(tx: Transaction, org: OrgScope) -> Secrets | None:
    """The secrets of the organisation in whose name somebody acts."""
    rows = await tx.fetch(
        "select sealed, made_at, previous, previous_until from callback_secret where org_id = :org", org=org.org_id
    )
    return Secrets(*rows[0]) if rows else None


async def put_secrets(tx: Transaction, org: OrgScope, secrets: Secrets) -> None:
    """Keep the secrets in the place of those that were."""
    await tx.execute(
        """insert into callback_secret (org_id, sealed, made_at, previous, previous_until)
        values (:org, :sealed, :made_at, :previous, :previous_until)
        on conflict (org_id) do update set sealed = excluded.sealed, made_at = excluded.made_at,
            previous = excluded.previous, previous_until = excluded.previous_until""",
        org=org.org_id,
        **msgspec.structs.asdict(secrets),
    )


# -- delivery: over all organisations ---------------------------------------------------------------------------------


async def add_callbacks(tx: Transaction, callbacks: Sequence[Callback]) -> None:
    """Keep fresh callbacks; one whose source was noticed before stays as it is."""
    await tx.execute_many(
        f"insert into callback ({_COLUMNS}) values ({_VALUES}) on conflict (source_key) do nothing",
        [msgspec.structs.asdict(one) for one in callbacks],
    )


async def load_callback(tx: Transaction, callback_id: str) -> Callback | None:
    """One callback, for the delivery."""
    return _one(await tx.fetch(f"select {_COLUMNS} from callback where id = :id", id=callback_id))


async def due_callbacks(tx: Transaction, moment: str, of_one: int) -> list[Callback]:
    """Waiting ones that are due and that the queue does not have: as many as give it `of_one` of an organisation."""
    rows = await tx.fetch(
        """select org_id, sum(handed) from callback where state = 'waiting' and due_at <= :moment
        group by org_id having sum(handed) < :of_one and min(handed) = 0 order by min(due_at) limit 100""",
        moment=moment,
        of_one=of_one,
    )
    found: list[Callback] = []
    for org_id, handed in rows:
        due = await tx.fetch(
            f"""select {_COLUMNS} from callback
            where state = 'waiting' and due_at <= :moment and handed = 0 and org_id = :org_id
            order by due_at, id limit :most""",
            moment=moment,
            org_id=org_id,
            most=of_one - int(handed),
        )
        found += [_callback(row) for row in due]
    return found


async def lost(tx: Transaction, moment: str, limit: int) -> list[Callback]:
    """Waiting ones that were due before a moment although the queue was given them: it has lost them."""
    rows = await tx.fetch(
        f"""select {_COLUMNS} from callback where state = 'waiting' and due_at <= :moment and handed = 1
        order by due_at, id limit :most""",
        moment=moment,
        most=limit,
    )
    return [_callback(row) for row in rows]


async def change_callback(tx: Transaction, before: Callback, after: Callback) -> bool:
    """Compare and set. False, and nothing written, when it is not as `before` any more."""
    return (
        await tx.execute(
            """update callback set state = :state, round = :round, attempts = :attempts, handed = :handed,
                error = :error, due_at = :due_at, ended_at = :ended_at
            where id = :id and state = :expected and round = :expected_round""",
            id=before.id,
            expected=before.state,
            expected_round=before.round,
            **{
                name: getattr(after, name)
                for name in ("state", "round", "attempts", "handed", "error", "due_at", "ended_at")
            },
        )
        == 1
    )


async def add_attempt(tx: Transaction, callback: Callback, attempt: Attempt) -> None:
    """Write a try into the log."""
    await tx.execute(
        """insert into callback_attempt (id, callback_id, at, status, error, took_ms)
        values (:id, :callback_id, :at, :status, :error, :took_ms)""",
        id=new_id("cba"),
        callback_id=callback.id,
        **msgspec.structs.asdict(attempt),
    )


async def forget(tx: Transaction, before: str) -> None:
    """Remove what ended before a moment, with its log."""
    await tx.execute(
        "delete from callback_attempt where callback_id in (select id from callback where ended_at < :before)",
        before=before,
    )
    await tx.execute("delete from callback where ended_at < :before", before=before)


def _conditions(org: OrgScope, filters: CallbackFilters) -> tuple[str, dict[str, Any]]:
    where, values = "org_id in :orgs", dict[str, Any](orgs=org.org_ids)
    for name, wanted in (("state", filters.state), ("subject_id", filters.subject_id)):
        if wanted:
            where += f" and {name} in :{name}"
            values[name] = list(wanted)
    return where, values


def _one(rows: Sequence[Row]) -> Callback | None:
    return _callback(rows[0]) if rows else None


def _callback(row: Row) -> Callback:
    return Callback(**dict(zip(_NAMES, row, strict=True)))
