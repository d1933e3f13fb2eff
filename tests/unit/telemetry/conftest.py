from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.telemetry.public import (
    CheckinRow,
    InterfaceRow,
    Rankings,
    Retention,
    Telemetry,
    TelemetryRows,
    telemetry_tables,
    to_batch,
)
from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId, new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Warehouse

NOON_S = 1_795_435_200 // 86_400 * 86_400 + 43_200


class Names:
    async def devices(self, scope: OrgScope, ids: Sequence[DeviceId]) -> Mapping[DeviceId, str]:
        return {key: f"Router {key[-1]}" for key in ids if key != "dev_gone"}

    async def sites(self, scope: OrgScope, ids: Sequence[SiteId]) -> Mapping[SiteId, str]:
        return {key: f"Site {key[-1]}" for key in ids}


class Fleet:
    """An organisation whose routers report every minute until noon, and the services that answer about it."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.org = OrganisationId(new_id("org"))
        self.scope = OrgScope.only(self.org)
        self.now = datetime.fromtimestamp(NOON_S, UTC)
        self.telemetry = Telemetry(warehouse, Retention(), lambda: self.now)
        self.rankings = Rankings(warehouse, self.telemetry, Names(), Retention(), lambda: self.now)

    def checkin(self, device: str, minutes_ago: float, **values: object) -> CheckinRow:
        given = {"boot_id": "b", "seq": 1, "uptime_s": 86_400, "interval_s": 60.0, "site_id": "sit_a"} | values
        at_ms = int((NOON_S - minutes_ago * 60) * 1000)
        return CheckinRow(org_id=self.org, device_id=DeviceId(device), received_at=at_ms, **given)  # type: ignore[arg-type]

    def interface(self, device: str, name: str, minutes_ago: float, **values: object) -> InterfaceRow:
        given = {"type": "ether", "running": True, "rx_bytes": 0, "tx_bytes": 0, "interval_s": 60.0} | values
        at_ms = int((NOON_S - minutes_ago * 60) * 1000)
        return InterfaceRow(self.org, DeviceId(device), at_ms, name, **given)  # type: ignore[arg-type]

    async def reports(self, *rows: CheckinRow | InterfaceRow) -> None:
        sorted_ = TelemetryRows(
            checkins=[row for row in rows if isinstance(row, CheckinRow)],
            interfaces=[row for row in rows if isinstance(row, InterfaceRow)],
        )
        await self.warehouse.append(to_batch(new_id("bat"), sorted_))


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("telemetry")


@pytest.fixture
async def fleet(directory: Path) -> AsyncIterator[Fleet]:
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(Retention(36_500, 36_500, 36_500, 36_500)))
    yield Fleet(warehouse)
    await warehouse.close()
