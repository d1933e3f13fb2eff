"""The boards against the vendor's product list, where a copy of it is at hand."""

import csv
import os
from pathlib import Path

import pytest

from tikfleet.virtual.light.hardware import BOARDS, Board
from tikfleet.virtual.light.links import layout

CORPUS = (
    Path(os.environ.get("TIKFLEET_CORPORA", Path(__file__).parents[5] / "shared" / "corpora"))
    / "mikrotik-product-matrix"
)
ALL = [(role, board) for role, boards in BOARDS.items() for board in boards]
PHYSICAL = [board for _, board in ALL if board.product]
ARCHITECTURES = {
    "ARM 64bit": "arm64", "ARM 32bit": "arm", "MIPSBE": "mipsbe", "MMIPS": "mmips", "SMIPS": "smips",
}  # fmt: skip


def matrix() -> dict[str, dict[str, str]]:
    files = sorted(CORPUS.glob("*.csv"))
    if not files:
        pytest.skip("no copy of the product list (TIKFLEET_CORPORA)")
    with files[-1].open(encoding="utf-8-sig") as file:
        return {row["Product name"]: row for row in csv.DictReader(file)}


def mib(text: str) -> int:
    amount, unit = text.split()
    return round(float(amount) * {"MB": 1, "GB": 1024}[unit])


def number(text: str) -> int:
    return int(text.split(maxsplit=1)[0]) if text else 0


@pytest.mark.parametrize("board", PHYSICAL, ids=lambda board: board.product)
def test_a_board_is_as_its_maker_lists_it(board: Board) -> None:
    row = matrix()[board.product]
    assert board.chip.architecture == ARCHITECTURES[row["Architecture"]]
    assert board.chip.count == int(row["CPU core count"])
    assert str(board.chip.mhz) in row["CPU nominal frequency"] or "1.4 GHz" in row["CPU nominal frequency"]
    assert board.ram_mib == mib(row["Size of RAM"])
    assert board.disk_mib == mib(row["Storage size"])
    assert board.ports.fast == number(row["10/100 Ethernet ports"])
    assert board.ports.ether == number(row["10/100/1000 Ethernet ports"])
    assert board.ports.multi == number(row["Number of 2.5G Ethernet ports"])
    assert board.ports.sfp == number(row["SFP ports"])
    assert board.ports.sfp_plus == number(row["SFP+ ports"])
    assert board.licence == int(row["License level"])
    assert board.lte == bool(row["Number of SIM slots"])
    chains = [row["Wireless 2.4 GHz number of chains"], row["Wireless 5 GHz number of chains"]]
    assert board.radios == sum(bool(chain) for chain in chains)
    assert board.oldest_major == 7 or row["Operating system"] != "RouterOS v7"


def test_there_are_boards_for_each_role() -> None:
    assert len(ALL) > 25
    assert all(BOARDS.values())


@pytest.mark.parametrize(("role", "board"), ALL, ids=lambda item: getattr(item, "model", item))
def test_every_board_has_interfaces_with_names_of_their_own(role: str, board: Board) -> None:
    links = layout(board, role)
    names = [link.name for link in links]
    assert len(set(names)) == len(names) >= 2
    ports = [link.share for link in links if link.inward and link.kind in {"ether", "wlan", "wifi"}]
    assert sum(ports) == pytest.approx(1.0, abs=0.46)
