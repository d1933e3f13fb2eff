"""What it costs to read routers' sessions again, one by one as they report, and ahead of it, many at once.

`python -m bench.sessions --routers 5000`. Processor time of the whole process, SQLite on the disk.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.pipeline import ORG, device, enrolled
from tikfleet.app.infra import Infra, open_infra
from tikfleet.app.settings import load_settings
from tikfleet.domains.checkin.sessions import Sessions
from tikfleet.domains.enrolment.model import Credential
from tikfleet.domains.enrolment.repository import add_credential
from tikfleet.domains.enrolment.service import Enrolment
from tikfleet.domains.inventory.public import DeviceStates
from tikfleet.kernel.clock import to_text, utc_now
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.secrets import DEVICE_TOKEN, digest, new_secret

_LATER_S = 250.0


class _Clock:
    ahead_s = 0.0

    def now_s(self) -> float:
        """Seconds, further each time somebody says so."""
        return time.monotonic() + self.ahead_s


class _OnePace:
    async def checkin_interval_s(self, org_id: OrganisationId) -> int:
        """The same for all."""
        return 60


async def _tokens(infra: Infra, routers: int) -> list[str]:
    await enrolled(infra, routers)
    secrets = [new_secret(DEVICE_TOKEN) for _ in range(routers)]
    now = to_text(utc_now())
    async with infra.database.write() as tx:
        for number, secret in enumerate(secrets):
            await add_credential(tx, digest(secret), Credential(ORG, device(number), "active", "A"), now)
    return secrets


async def _cpu_us(work: Callable[[], Awaitable[object]], times: int) -> float:
    before = time.process_time()
    await work()
    return (time.process_time() - before) / times * 1e6


async def measure(routers: int) -> None:
    """Print both costs, in microseconds of processor time a router."""
    with tempfile.TemporaryDirectory() as directory:
        settings = load_settings({}, data=str(Path(directory)), http_port=8080, https_port=0)
        async with open_infra(settings) as infra:
            secrets = await _tokens(infra, routers)
            clock = _Clock()
            states = DeviceStates(infra.database, utc_now)
            # Only what a credential proves is asked for: that needs the database and the time.
            unused: Any = None
            enrolment = Enrolment(infra.database, unused, unused, unused, lambda: to_text(utc_now()))
            sessions = Sessions(enrolment, states, _OnePace(), clock.now_s)

            async def one_by_one() -> None:
                for secret in secrets:
                    await sessions.find(secret)

            async def at_once() -> None:
                for start in range(0, routers, 64):
                    await asyncio.gather(*map(sessions.find, secrets[start : start + 64]))

            alone = await _cpu_us(one_by_one, routers)
            clock.ahead_s += _LATER_S
            await sessions.read_ahead()
            sessions.forget_all()
            returning = await _cpu_us(at_once, routers)
            clock.ahead_s += _LATER_S
            together = await _cpu_us(sessions.read_ahead, routers)
    print(f"routers                              {routers}")
    print(f"one by one, as they report           {alone:.0f} us of processor time each")
    print(f"64 at once, as a fleet returns       {returning:.0f} us")
    print(f"ahead of it, many with one question  {together:.0f} us")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routers", type=int, default=5_000)
    asyncio.run(measure(parser.parse_args().routers))
