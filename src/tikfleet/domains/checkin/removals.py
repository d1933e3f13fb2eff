"""Devices that leave: the router removes the agent, then the device is no more."""

from typing import Final

from tikfleet.domains.checkin.sessions import Sessions
from tikfleet.domains.enrolment.public import Enrolment
from tikfleet.domains.inventory.public import Devices
from tikfleet.domains.jobs.public import JobDesk
from tikfleet.kernel.ids import DeviceId, OrganisationId

_NOTE: Final = "the device leaves the fleet"


class Removals:
    """Ends a removal that a person began, when the router has fetched the script that takes the agent away."""

    def __init__(self, devices: Devices, enrolment: Enrolment, desk: JobDesk, sessions: Sessions) -> None:
        self._devices = devices
        self._enrolment = enrolment
        self._desk = desk
        self._sessions = sessions

    async def sent(self, org_id: OrganisationId, device_id: DeviceId) -> None:
        """The removal script goes out with this answer.

        A router whose script fails goes on checking in and is told again, so its credential stays until it has been
        silent for a while (`settle`).
        """
        await self._desk.withdraw(device_id, _NOTE)
        await self._devices.removal_sent(device_id)

    async def settle(self) -> int:
        """Forget the devices whose removal script went out and that have been silent since; gives how many."""
        gone = await self._devices.removals_to_settle()
        for org_id, device_id in gone:
            await self._enrolment.forget(device_id)
            await self._devices.removed(org_id, device_id)
            self._sessions.forget(device_id)
        return len(gone)
