"""What AWS asks for: a table with a date, a page and a place where each figure was read (`prices.json`)."""

from importlib.resources import files
from typing import Final

import msgspec

_TABLE: Final = "prices.json"


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """US dollars for one `unit`. `read_at` is empty where nobody looked the figure up on the table's date."""

    usd: float
    unit: str
    page: str
    read_at: str


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """List prices of one region on one day, without free tiers, taxes and discounts."""

    dated: str
    region: str
    note: str
    prices: dict[str, Price]

    def __getitem__(self, name: str) -> float:
        return self.prices[name].usd


def price_table() -> Prices:
    """The table that this release came with."""
    return msgspec.json.decode((files(__package__) / _TABLE).read_bytes(), type=Prices)
