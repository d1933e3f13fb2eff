"""Which organisations have rows in a table, for work that goes over all of them."""

from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.database import Transaction


async def organisations_in(transaction: Transaction, table: str) -> list[OrganisationId]:
    """Those with a row in `table`, deleted ones too. Each is one step in an index that begins with `org_id`."""
    found: list[OrganisationId] = []
    while True:
        after = found[-1] if found else ""
        rows = await transaction.fetch(f"select min(org_id) from {table} where org_id > :after", after=after)
        if rows[0][0] is None:
            return found
        found.append(OrganisationId(rows[0][0]))
