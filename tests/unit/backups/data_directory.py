"""A data directory as a platform leaves it, without the platform, and what backs it up at little cost."""

from pathlib import Path

import msgspec

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.sqlite import inbox as sqlite_inbox
from tikfleet.app.backups import seal
from tikfleet.app.backups.manifest import BUFFERS
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.domains.telemetry.public import Retention, telemetry_tables
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope

LINE = Envelope(OrganisationId("org_x"), DeviceId("dev_x"), 1_763_871_611_000, "log", "", "192.0.2.1", b"waiting")
PASSPHRASE = "ten green bottles, standing"


async def a_platform(data: Path) -> None:
    warehouse = await ChdbWarehouse.open(data / "warehouse")
    await warehouse.prepare(telemetry_tables(Retention()))
    await warehouse.close()
    await migrate(sqlite_url(data / "tikfleet.sqlite"))
    sqlite_inbox.connect(data / "inbox.sqlite").close()
    for name in BUFFERS:
        waiting = sqlite_inbox.SqliteInbox(data / name)
        await waiting.append(LINE)
        await waiting.close()
    for name in ("keys/root.key", "blobs/org_x/one", "blobs/org_x/two"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(name.encode() * 7)


def quick() -> seal.Seal:
    """A seal that costs little: what is tried here is not how long guessing takes."""
    return msgspec.structs.replace(seal.new_seal(), passes=1, memory_kib=8, lanes=1)
