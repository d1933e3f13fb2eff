"""The boards of a virtual fleet: facts of real products, as the boards themselves tell them.

`product` is the name in the vendor's product list, `board_name` what `/system resource` prints, `model` what
`/system routerboard` prints.
"""

from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Chip:
    architecture: str
    cpu: str
    count: int
    mhz: int


@dataclass(frozen=True, slots=True)
class Ports:
    """How many of each. `fast` is 10/100, `ether` is gigabit, `multi` is 2.5 gigabit."""

    fast: int = 0
    ether: int = 0
    multi: int = 0
    sfp: int = 0
    sfp_plus: int = 0

    @property
    def copper(self) -> int:
        return self.fast + self.ether + self.multi


@dataclass(frozen=True, slots=True)
class Board:
    product: str
    board_name: str
    model: str
    chip: Chip
    ram_mib: int
    disk_mib: int
    ports: Ports
    licence: int = 4
    radios: int = 0
    wifi: str = ""  # the menu of its radios: "wireless" (older chips) or "wifi" (802.11ax)
    lte: bool = False
    oldest_major: int = 6

    @property
    def is_cloud_hosted(self) -> bool:
        """A CHR: no serial number, no sensors, a system id where a board has a software id."""
        return not self.model


_QCA9533: Final = Chip("smips", "MIPS 24Kc V7.4", 1, 650)
_QCA9531: Final = Chip("mipsbe", "MIPS 24Kc V7.4", 1, 650)
_QCA9533_BE: Final = Chip("mipsbe", "MIPS 24Kc V7.4", 1, 850)
_QCA9557: Final = Chip("mipsbe", "MIPS 74Kc V5.0", 1, 800)
_QCA9557_LOW: Final = Chip("mipsbe", "MIPS 74Kc V5.0", 1, 720)
_AR9344: Final = Chip("mipsbe", "MIPS 74Kc V4.12", 1, 600)
_MT7621: Final = Chip("mmips", "MIPS 1004Kc V2.15", 2, 880)
_IPQ4018: Final = Chip("arm", "ARM", 4, 896)
_IPQ5010: Final = Chip("arm", "ARM", 2, 800)
_EN7562: Final = Chip("arm", "ARM", 2, 950)
_AL21400: Final = Chip("arm", "ARM", 4, 1400)
_AL21400_AUTO: Final = Chip("arm", "ARM", 4, 1900)
_MARVELL_1: Final = Chip("arm", "ARM", 1, 800)
_MARVELL_2: Final = Chip("arm", "ARM", 2, 800)
_IPQ6010: Final = Chip("arm64", "ARM64", 4, 864)
_IPQ6010_AUTO: Final = Chip("arm64", "ARM64", 4, 1800)
_ARMADA: Final = Chip("arm64", "ARM64", 4, 1400)
_AL32400: Final = Chip("arm64", "ARM64", 4, 1700)
_AL73400: Final = Chip("arm64", "ARM64", 16, 2000)
_CLOUD: Final = Chip("x86_64", "Intel(R)", 2, 2400)

W: Final = "wireless"
X: Final = "wifi"

CORE: Final = (
    Board("CCR2004-16G-2S+", "CCR2004-16G-2S+", "CCR2004-16G-2S+", _AL32400, 4096, 128,
          Ports(ether=16, sfp_plus=2), 6, oldest_major=7),
    Board("CCR2116-12G-4S+", "CCR2116-12G-4S+", "CCR2116-12G-4S+", _AL73400, 16384, 128,
          Ports(ether=13, sfp_plus=4), 6, oldest_major=7),
    Board("RB1100AHx4", "RB1100AHx4", "RB1100x4", _AL21400, 1024, 128, Ports(ether=13), 6),
    Board("RB4011iGS+RM", "RB4011iGS+", "RB4011iGS+", _AL21400_AUTO, 1024, 512,
          Ports(ether=10, sfp_plus=1), 5, oldest_major=7),
    Board("RB5009UG+S+IN", "RB5009UG+S+", "RB5009UG+S+", _ARMADA, 1024, 1024,
          Ports(ether=7, multi=1, sfp_plus=1), 5, oldest_major=7),
    Board("", "CHR", "", _CLOUD, 1024, 128, Ports(ether=2), 6, oldest_major=7),
)  # fmt: skip
BRANCH: Final = (
    Board("hEX", "hEX", "RB750Gr3", _MT7621, 256, 16, Ports(ether=5)),
    Board("hEX S", "hEX S", "RB760iGS", _MT7621, 256, 16, Ports(ether=5, sfp=1)),
    Board("hEX refresh", "hEX", "E50UG", _EN7562, 512, 128, Ports(ether=5), oldest_major=7),
    Board("hEX lite", "hEX lite", "RB750r2", _QCA9533_BE, 64, 16, Ports(fast=5)),
    Board("hEX PoE", "hEX PoE", "RB960PGS", _QCA9557, 128, 16, Ports(ether=5, sfp=1)),
    Board("L009UiGS-RM", "L009UiGS", "L009UiGS", _IPQ5010, 512, 128, Ports(ether=8, sfp=1), 5,
          oldest_major=7),
    Board("RB450Gx4", "RB450Gx4", "RB450Gx4", _IPQ4018, 1024, 512, Ports(ether=5), 5),
    Board("hAP ac lite", "hAP ac lite", "RB952Ui-5ac2nD", _QCA9531, 64, 16, Ports(fast=5), 4, 2, W),
    Board("hAP ac²", "hAP ac^2", "RBD52G-5HacD2HnD", _IPQ4018, 128, 16, Ports(ether=5), 4, 2, W),
    Board("hAP ac³", "hAP ac^3", "RBD53iG-5HacD2HnD", _IPQ4018, 256, 128, Ports(ether=5), 4, 2, W),
    Board("hAP ax²", "hAP ax^2", "C52iG-5HaxD2HaxD", _IPQ6010, 1024, 128, Ports(ether=5), 4, 2, X,
          oldest_major=7),
    Board("hAP ax³", "hAP ax^3", "C53UiG+5HPaxD2HPaxD", _IPQ6010_AUTO, 1024, 128, Ports(ether=4, multi=1), 6,
          2, X, oldest_major=7),
    Board("hAP lite", "hAP lite", "RB941-2nD", _QCA9533, 32, 16, Ports(fast=4), 4, 1, W),
)  # fmt: skip
SWITCH: Final = (
    Board("CRS326-24G-2S+RM", "CRS326-24G-2S+", "CRS326-24G-2S+", _MARVELL_2, 512, 16,
          Ports(ether=24, sfp_plus=2), 5),
    Board("CRS328-24P-4S+RM", "CRS328-24P-4S+", "CRS328-24P-4S+", _MARVELL_1, 512, 16,
          Ports(ether=24, sfp_plus=4), 5),
    Board("CRS309-1G-8S+IN", "CRS309-1G-8S+", "CRS309-1G-8S+", _MARVELL_2, 512, 16,
          Ports(ether=1, sfp_plus=8), 5),
)  # fmt: skip
ACCESS_POINT: Final = (
    Board("cAP ac", "cAP ac", "RBcAPGi-5acD2nD", _IPQ4018, 128, 16, Ports(ether=2), 4, 2, W),
    Board("cAP ax", "cAP ax", "cAPGi-5HaxD2HaxD", _IPQ6010_AUTO, 1024, 128, Ports(ether=2), 4, 2, X,
          oldest_major=7),
    Board("wAP ax", "wAP ax", "wAPG-5HaxD2HaxD", _IPQ5010, 256, 128, Ports(ether=2), 4, 2, X, oldest_major=7),
    Board("OmniTIK 5 PoE ac", "OmniTIK PoE ac", "RBOmniTikPG-5HacD", _QCA9557_LOW, 128, 16, Ports(ether=5), 4,
          1, W),
)  # fmt: skip
SUBSCRIBER: Final = (
    Board("SXTsq 5 ac", "SXTsq 5 ac", "RBSXTsqG-5acD", _IPQ4018, 256, 16, Ports(ether=1), 3, 1, W),
    Board("LHG 5", "LHG 5", "RBLHG-5nD", _AR9344, 64, 16, Ports(fast=1), 3, 1, W),
    Board("LHG XL 5 ax", "LHG XL 5 ax", "LHG-5axD", _IPQ5010, 256, 128, Ports(ether=1), 3, 1, X,
          oldest_major=7),
)  # fmt: skip
CELLULAR: Final = (
    Board("wAP LTE kit", "wAP R", "RBwAPR-2nD", _QCA9531, 64, 16, Ports(fast=1), 4, 1, W, True, 7),
    Board("Chateau LTE12 (2025)", "Chateau LTE12", "D53G-5HacD2HnD", _IPQ4018, 256, 32, Ports(ether=5), 4, 2, W,
          True, 7),
    Board("LtAP mini LTE kit", "LtAP mini", "RB912R-2nD", _QCA9531, 64, 16, Ports(fast=1), 4, 1, W, True, 7),
)  # fmt: skip

BOARDS: Final = {
    "core": CORE,
    "branch": BRANCH,
    "switch": SWITCH,
    "access-point": ACCESS_POINT,
    "subscriber": SUBSCRIBER,
    "cellular": CELLULAR,
}
