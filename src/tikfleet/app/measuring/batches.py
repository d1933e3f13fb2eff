"""A fleet's check-ins as values, row after row as real devices report: what the append path is given."""

import random
from collections.abc import Iterator
from typing import Final

from tikfleet.app.measuring.rows import ORG, device
from tikfleet.domains.telemetry.public import CheckinRow, HealthRow, InterfaceRow, TelemetryRows
from tikfleet.kernel.ids import DeviceId, OrganisationId

DEVICES: Final = 2_000
REPORTS: Final = 500
ROWS_A_BATCH: Final = 100_000
_BUSY_PORTS: Final = 2
BOARDS: Final = (("RB5009UG+S+", "arm64", 4, 1 << 30), ("hAP ax^3", "arm64", 4, 1 << 30), ("mAP", "mipsbe", 1, 1 << 26))


class Router:
    """One device's state, so that its rows follow each other as a real one's do."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self._chance = chance
        self._id = DeviceId(device(number))
        self._board, self._architecture, self._cores, self._memory = BOARDS[number % len(BOARDS)]
        self._load = chance.randrange(5, 40)
        self._leases = chance.randrange(0, 60)
        self._uptime_s = chance.randrange(1_000, 4_000_000)
        self._boot = f"{chance.getrandbits(64):x}"

    def row(self, seq: int, at_ms: int) -> CheckinRow:
        chance = self._chance
        every_s = 60 + chance.randrange(-6000, 6000) / 1000
        self._uptime_s += int(every_s)
        self._leases = max(0, self._leases + chance.choice((-1, 0, 0, 0, 1)))
        return CheckinRow(
            OrganisationId(ORG),
            self._id,
            self._id.replace("dev", "sit"),
            at_ms + chance.randrange(12_000),
            self._boot,
            seq,
            self._uptime_s,
            cpu_count=self._cores,
            cpu_load=self._load + chance.randrange(10),
            cpu_frequency_mhz=1400,
            memory_total_bytes=self._memory,
            memory_free_bytes=self._memory // 2 - 4096 * chance.randrange(600),
            disk_total_bytes=1 << 27,
            disk_free_bytes=90 << 20,
            version="7.20.4",
            board=self._board,
            model=self._board,
            architecture=self._architecture,
            temperature_c=float(40 + chance.randrange(3)),
            dhcp_leases=self._leases,
            interfaces_total=10,
            interfaces_running=7,
            rx_bytes_delta=int(chance.lognormvariate(15, 1.5)),
            tx_bytes_delta=int(chance.lognormvariate(13, 1.5)),
            interval_s=every_s,
        )


def batches(start_ms: int) -> Iterator[list[CheckinRow]]:
    """Rows in the order in which a fleet reports: minute by minute, every device once."""
    chance = random.Random(1)
    routers = [Router(number, chance) for number in range(DEVICES)]
    rows: list[CheckinRow] = []
    for minute in range(REPORTS):
        rows += [router.row(minute + 1, start_ms + minute * 60_000) for router in routers]
        if len(rows) >= ROWS_A_BATCH:
            yield rows
            rows = []
    if rows:
        yield rows


def sections(devices: int, minute: int, at_ms: int) -> TelemetryRows:
    """What comes with one report of each device besides its row: seven interfaces, two of them busy; two sensors."""
    chance, rows = random.Random(minute), TelemetryRows()
    for number in range(devices):
        device_id, at = DeviceId(device(number)), at_ms + chance.randrange(12_000)
        for port in range(7):
            rx, tx = (chance.randrange(2_000_000), chance.randrange(500_000)) if port < _BUSY_PORTS else (0, 0)
            rows.interfaces.append(
                InterfaceRow(OrganisationId(ORG), device_id, at, f"ether{port + 1}", "ether", port < _BUSY_PORTS,
                             minute * 2_000_000 + rx, minute * 500_000 + tx, rx, tx, rx // 900, tx // 900, 0, 0, 0, 0,
                             2, 60.0)
            )  # fmt: skip
        for name, value, unit in (("temperature", 40.0 + chance.randrange(4), "C"), ("voltage", 24.1, "V")):
            rows.health.append(HealthRow(OrganisationId(ORG), device_id, at, name, value, unit))
    return rows
