"""What goes wrong around a platform that runs `handicapped.py`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HANDICAPPED: Final = Path(__file__).with_name("handicapped.py")


class Order:
    """One fault at a time, until all is well again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def give(self, fault: str) -> None:
        self.path.write_text(fault)

    def all_well(self) -> None:
        self.path.unlink(missing_ok=True)


@contextmanager
def orders() -> Iterator[Order]:
    with tempfile.TemporaryDirectory(prefix="tikfleet-orders-") as name:
        yield Order(Path(name) / "orders")
