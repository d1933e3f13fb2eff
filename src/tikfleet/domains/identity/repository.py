"""SQL of organisations and people.

Every statement is bound to an organisation by scope or id, save for those that authentication asks before it
knows any: a person by e-mail address, and what a person may reach.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

from tikfleet.domains.identity.model import Organisation, Person, Reach, Standing
from tikfleet.kernel.ids import OrganisationId, PersonId
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.permissions import Role
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Row, Transaction

T = TypeVar("T")

# From an organisation up to its root.
LINEAGE: Final = """
    with recursive lineage (id, parent_id, name, depth) as (
        select id, parent_id, name, 0 from organisation where id = :org
        union all
        select above.id, above.parent_id, above.name, lineage.depth + 1
        from organisation above join lineage on above.id = lineage.parent_id
    )
"""
_PERSON: Final = """
    person.id, person.email, membership.name, membership.role, membership.disabled, membership.accepted_at,
    membership.created_at, membership.last_signed_in_at
"""
_PEOPLE: Final = " from membership join person on person.id = membership.person_id where membership.org_id = :org "
_ORGANISATION_SORTS: Final = {"name": "lower(name)", "created_at": "created_at"}
_PERSON_SORTS: Final = {
    "name": "lower(membership.name)",
    "email": "person.email",
    "role": "membership.role",
    "created_at": "membership.created_at",
    "last_signed_in_at": "coalesce(membership.last_signed_in_at, '')",
}


async def scope_of(transaction: Transaction, org_id: OrganisationId) -> OrgScope:
    """The scope of whoever acts in an organisation: itself, then its descendants."""
    rows = await transaction.fetch(
        """
        with recursive tree (id, depth) as (
            select id, 0 from organisation where id = :org
            union all
            select below.id, tree.depth + 1 from organisation below join tree on below.parent_id = tree.id
        )
        select id from tree order by depth, id
        """,
        org=org_id,
    )
    return OrgScope(org_id, tuple(OrganisationId(row[0]) for row in rows))


async def depth_of(transaction: Transaction, org_id: OrganisationId) -> int:
    """How many organisations stand from this one up to the root, itself included."""
    return int((await transaction.fetch(LINEAGE + "select count(*) from lineage", org=org_id))[0][0])


async def add_organisation(transaction: Transaction, organisation: Organisation) -> None:
    await transaction.execute(
        "insert into organisation (id, parent_id, name, created_at) values (:id, :parent_id, :name, :created_at)",
        id=organisation.id,
        parent_id=organisation.parent_id,
        name=organisation.name,
        created_at=organisation.created_at,
    )


async def organisation(transaction: Transaction, scope: OrgScope, org_id: str) -> Organisation | None:
    rows = await transaction.fetch(
        "select id, parent_id, name, created_at from organisation where id = :id and id in :orgs",
        id=org_id,
        orgs=scope.org_ids,
    )
    return Organisation(*rows[0]) if rows else None


async def organisation_names(transaction: Transaction, scope: OrgScope) -> dict[OrganisationId, str]:
    """The names of the organisations of a scope."""
    rows = await transaction.fetch("select id, name from organisation where id in :orgs", orgs=scope.org_ids)
    return {OrganisationId(row[0]): row[1] for row in rows}


async def organisations(
    transaction: Transaction, scope: OrgScope, request: PageRequest, like: str
) -> Page[Organisation]:
    """Organisations of the scope whose name is, whatever the case, like `like`."""
    sort = _ORGANISATION_SORTS[request.sort]
    where = "id in :orgs and name ilike :like escape '!'"
    values = {"orgs": scope.org_ids, "like": like}
    total = await transaction.fetch(f"select count(*) from organisation where {where}", **values)
    columns = f"id, parent_id, name, created_at, {sort}"
    rows = await transaction.fetch(
        f"select {columns} from organisation where {where} " + _after(request, sort, "id"),
        **values,
        **_after_values(request),
    )
    return _page(rows, request, [Organisation(*row[:4]) for row in rows], int(total[0][0]))


async def is_top(transaction: Transaction, org_id: OrganisationId) -> bool:
    """Whether no organisation is above it."""
    rows = await transaction.fetch("select 1 from organisation where id = :id and parent_id is null", id=org_id)
    return bool(rows)


async def rename_organisation(transaction: Transaction, scope: OrgScope, org_id: str, name: str) -> None:
    await transaction.execute(
        "update organisation set name = :name where id = :id and id in :orgs",
        name=name,
        id=org_id,
        orgs=scope.org_ids,
    )


async def is_occupied(transaction: Transaction, org_id: OrganisationId) -> bool:
    """Whether an organisation has people or organisations below it."""
    rows = await transaction.fetch(
        """
        select 1 from membership where org_id = :org
        union all select 1 from organisation where parent_id = :org limit 1
        """,
        org=org_id,
    )
    return bool(rows)


async def delete_organisation(transaction: Transaction, org_id: OrganisationId) -> None:
    """Delete an organisation that holds nothing but its own settings and tokens, and end what acts in it."""
    for table in ("organisation_settings", "api_token", "session", "invitation"):
        await transaction.execute(f"delete from {table} where org_id = :org", org=org_id)
    await transaction.execute("delete from organisation where id = :org", org=org_id)


async def standings(transaction: Transaction, person_id: str, org_id: str) -> list[Standing]:
    """What a person is at an organisation by memberships there and above, accepted and not disabled; nearest first."""
    rows = await transaction.fetch(
        LINEAGE
        + """
        select membership.role, membership.name from membership join lineage on lineage.id = membership.org_id
        where membership.person_id = :person and membership.disabled = 0 and membership.accepted_at is not null
        order by lineage.depth
        """,
        org=org_id,
        person=person_id,
    )
    return [Standing(*row) for row in rows]


async def reach(transaction: Transaction, person_id: str) -> list[Reach]:
    """Every organisation that a person may act in; more than once where several roles reach it."""
    rows = await transaction.fetch(
        """
        with recursive reached (id, name, parent_id, role) as (
            select organisation.id, organisation.name, organisation.parent_id, membership.role
            from membership join organisation on organisation.id = membership.org_id
            where membership.person_id = :person and membership.disabled = 0
              and membership.accepted_at is not null
            union all
            select below.id, below.name, below.parent_id, reached.role
            from organisation below join reached on below.parent_id = reached.id
        )
        select id, name, parent_id, role from reached order by lower(name), id
        """,
        person=person_id,
    )
    return [Reach(*row) for row in rows]


async def has_other_owner(transaction: Transaction, person_id: str, org_id: OrganisationId) -> bool:
    """Whether an organisation would have an active owner, there or above, without this person's membership in it."""
    rows = await transaction.fetch(
        LINEAGE
        + """
        select 1 from membership join lineage on lineage.id = membership.org_id
        where membership.role = 'owner' and membership.disabled = 0 and membership.accepted_at is not null
          and not (membership.person_id = :person and membership.org_id = :org)
        limit 1
        """,
        org=org_id,
        person=person_id,
    )
    return bool(rows)


async def account(transaction: Transaction, email: str) -> tuple[PersonId, str | None] | None:
    """The id and password hash that belong to an e-mail address, in whatever organisation."""
    rows = await transaction.fetch("select id, password_hash from person where email = :email", email=email)
    return (PersonId(rows[0][0]), rows[0][1]) if rows else None


async def email_of(transaction: Transaction, person_id: PersonId) -> str:
    return str((await transaction.fetch("select email from person where id = :id", id=person_id))[0][0])


async def password_hash(transaction: Transaction, person_id: PersonId) -> str | None:
    """The password hash of an account; None while there is none, or no account."""
    rows = await transaction.fetch("select password_hash from person where id = :id", id=person_id)
    return rows[0][0] if rows else None


async def add_account(
    transaction: Transaction, person_id: PersonId, email: str, stored_password: str | None, created_at: str
) -> None:
    await transaction.execute(
        """
        insert into person (id, email, password_hash, created_at)
        values (:id, :email, :password_hash, :created_at)
        """,
        id=person_id,
        email=email,
        password_hash=stored_password,
        created_at=created_at,
    )


async def replace_password(transaction: Transaction, person_id: str, before: str | None, after: str) -> bool:
    """Set a password hash where `before` stands; says whether it did stand there."""
    unset = "password_hash is null" if before is None else "password_hash = :before"
    values = {} if before is None else {"before": before}
    changed = await transaction.execute(
        f"update person set password_hash = :after where id = :id and {unset}", id=person_id, after=after, **values
    )
    return changed == 1


async def add_member(transaction: Transaction, org_id: OrganisationId, person: Person) -> None:
    """Add a membership as `person` describes it; accepted at its creation unless pending."""
    await transaction.execute(
        """
        insert into membership (person_id, org_id, name, role, disabled, created_at, accepted_at)
        values (:person, :org, :name, :role, :disabled, :created_at, :accepted_at)
        """,
        person=person.id,
        org=org_id,
        name=person.name,
        role=person.role,
        disabled=int(person.disabled),
        created_at=person.created_at,
        accepted_at=None if person.pending else person.created_at,
    )


async def member(transaction: Transaction, org_id: OrganisationId, person_id: str) -> Person | None:
    rows = await transaction.fetch(
        f"select {_PERSON} {_PEOPLE} and membership.person_id = :person", org=org_id, person=person_id
    )
    return _person(rows[0]) if rows else None


async def members(transaction: Transaction, org_id: OrganisationId, request: PageRequest, like: str) -> Page[Person]:
    """People of one organisation whose name, whatever the case, or e-mail address is like `like`."""
    sort = _PERSON_SORTS[request.sort]
    where = _PEOPLE + "and (membership.name ilike :like escape '!' or person.email like :like escape '!')"
    total = await transaction.fetch("select count(*)" + where, org=org_id, like=like)
    rows = await transaction.fetch(
        f"select {_PERSON}, {sort} {where} " + _after(request, sort, "person.id"),
        org=org_id,
        like=like,
        **_after_values(request),
    )
    return _page(rows, request, [_person(row) for row in rows], int(total[0][0]))


async def change_member(transaction: Transaction, org_id: OrganisationId, person: Person) -> None:
    """Write the name, role and disabled state of a membership."""
    await transaction.execute(
        """
        update membership set name = :name, role = :role, disabled = :disabled
        where person_id = :person and org_id = :org
        """,
        name=person.name,
        role=person.role,
        disabled=int(person.disabled),
        person=person.id,
        org=org_id,
    )


async def accept_membership(
    transaction: Transaction, org_id: OrganisationId, person_id: str, name: str, at: str
) -> None:
    await transaction.execute(
        "update membership set name = :name, accepted_at = :at where person_id = :person and org_id = :org",
        name=name,
        at=at,
        person=person_id,
        org=org_id,
    )


async def signed_in(transaction: Transaction, org_id: OrganisationId, person_id: str, at: str) -> None:
    """Note when a person last signed in through the membership in an organisation."""
    await transaction.execute(
        "update membership set last_signed_in_at = :at where person_id = :person and org_id = :org",
        at=at,
        person=person_id,
        org=org_id,
    )


async def home_of(transaction: Transaction, person_id: str) -> OrganisationId | None:
    """The organisation that a person who signs in lands in: of the membership used last, else of the oldest."""
    rows = await transaction.fetch(
        """
        select org_id from membership where person_id = :person and disabled = 0 and accepted_at is not null
        order by coalesce(last_signed_in_at, '') desc, created_at, org_id limit 1
        """,
        person=person_id,
    )
    return OrganisationId(rows[0][0]) if rows else None


async def remove_member(transaction: Transaction, scope: OrgScope, person_id: str) -> None:
    """End a membership in the scope's organisation, with the person's tokens in the whole scope.

    The account goes with its last membership.
    """
    values = {"person": person_id, "org": scope.org_id}
    await transaction.execute("delete from membership where person_id = :person and org_id = :org", **values)
    await transaction.execute("delete from invitation where person_id = :person and org_id = :org", **values)
    await transaction.execute(
        "delete from api_token where created_by = :person and org_id in :orgs", person=person_id, orgs=scope.org_ids
    )
    await transaction.execute(
        "delete from person where id = :person and not exists (select 1 from membership where person_id = :person)",
        person=person_id,
    )


def like_of(text: str) -> str:
    """The pattern of `like … escape '!'` for texts that contain this one."""
    escaped = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def _after(request: PageRequest, sort: str, key: str) -> str:
    compared, direction = ("<", "desc") if request.descending else (">", "asc")
    start = f"and ({sort}, {key}) {compared} (:after_value, :after_id)" if request.after else ""
    return f"{start} order by {sort} {direction}, {key} {direction} limit :limit"


def _after_values(request: PageRequest) -> dict[str, str | int]:
    start = {"after_value": str(request.after.value or ""), "after_id": request.after.id} if request.after else {}
    return {**start, "limit": request.limit + 1}


def _page(rows: Sequence[Row], request: PageRequest, items: Sequence[T], total: int) -> Page[T]:
    """A page of rows whose first column is the id and whose last is the sort value, one more than asked for."""
    if len(rows) <= request.limit:
        return Page(items, None, total)
    last = rows[request.limit - 1]
    return Page(items[: request.limit], Cursor(last[-1], last[0]).encode(), total)


def _person(row: Row) -> Person:
    person_id, email, name, role, disabled, accepted_at, created_at, last_signed_in_at, *_ = row
    as_role: Role = role
    return Person(
        PersonId(person_id), email, name, as_role, bool(disabled), accepted_at is None, created_at, last_signed_in_at
    )
