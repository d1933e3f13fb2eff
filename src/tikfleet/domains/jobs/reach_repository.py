"""The rows of `job_reach`: when each device was last asked, by organisation, person and token."""

from collections.abc import Mapping, Sequence

from tikfleet.ports.database import Database, Transaction


async def used(transaction: Transaction, scopes: Sequence[str], since: str) -> dict[str, int]:
    """How many devices each scope has asked since then."""
    rows = await transaction.fetch(
        "select scope, count(*) from job_reach where scope in :scopes and asked_at > :since group by scope",
        scopes=scopes,
        since=since,
    )
    return {str(scope): int(count) for scope, count in rows}


async def known(
    transaction: Transaction, scopes: Sequence[str], devices: Sequence[str], since: str
) -> set[tuple[str, str]]:
    """Which of these devices each scope has asked since then."""
    rows = await transaction.fetch(
        """
        select scope, device_id from job_reach
        where scope in :scopes and device_id in :devices and asked_at > :since
        """,
        scopes=scopes,
        devices=devices,
        since=since,
    )
    return {(str(scope), str(device)) for scope, device in rows}


async def nth_oldest(transaction: Transaction, scope: str, number: int, since: str) -> str | None:
    """When the device was asked whose leaving makes room for so many."""
    rows = await transaction.fetch(
        """
        select asked_at from job_reach where scope = :scope and asked_at > :since
        order by asked_at limit 1 offset :before
        """,
        scope=scope,
        since=since,
        before=max(0, number - 1),
    )
    return str(rows[0][0]) if rows else None


async def note(transaction: Transaction, rows: Sequence[Mapping[str, str]], since: str) -> None:
    """Keep what was asked (`scope`, `device_id`, `asked_at`); of the same scopes, forget what is older than `since`."""
    await transaction.execute_many(
        """
        insert into job_reach (scope, device_id, asked_at) values (:scope, :device_id, :asked_at)
        on conflict (scope, device_id) do update set asked_at = excluded.asked_at
        """,
        rows,
    )
    scopes = sorted({row["scope"] for row in rows})
    if scopes:
        await transaction.execute(
            "delete from job_reach where scope in :scopes and asked_at <= :since", scopes=scopes, since=since
        )


async def forget(database: Database, since: str) -> None:
    """Drop what nobody counts any more."""
    async with database.write() as transaction:
        await transaction.execute("delete from job_reach where asked_at <= :since", since=since)
