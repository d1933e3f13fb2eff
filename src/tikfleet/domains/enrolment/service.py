"""Routers that become devices, and the credentials by which they are known."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.enrolment import repository
from tikfleet.domains.enrolment.errors import EnrolmentRefused, NothingToApprove
from tikfleet.domains.enrolment.model import AgentScripts, Credential, EnrolRequest, Outcome, findings_of
from tikfleet.domains.enrolment.repository import KeyRow
from tikfleet.domains.enrolment.schemas import EnrolmentAttempt
from tikfleet.domains.inventory.public import Devices, Finding, NewDevice
from tikfleet.kernel.clock import from_text, to_text
from tikfleet.kernel.ids import DeviceId, EnrolmentKeyId, SiteId, new_id
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.kernel.secrets import DEVICE_TOKEN, ENROLMENT_KEY, digest, looks_genuine, new_secret
from tikfleet.ports.database import Database

_OLD_TOKEN_STAYS: Final = timedelta(minutes=10)


class Enrolled(msgspec.Struct, frozen=True):
    """What a router learns when it became a device, or waits to be approved as one."""

    device_id: DeviceId
    token: str
    tier: str
    pending: bool
    findings: list[Finding]


class Enrolment:
    """From an enrolment key to a device, its credential, and its approval."""

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        devices: Devices,
        scripts: AgentScripts,
        now_text: Callable[[], str],
    ) -> None:
        self._database = database
        self._audit = audit
        self._devices = devices
        self._scripts = scripts
        self._now_text = now_text
        # Two routers with one serial number at once: the second must find the first.
        self._admitting = asyncio.Lock()

    async def installer(self, secret: str, version: str) -> str | None:
        """The installer script for a router of this version; None for an unknown key.

        Raises EnrolmentRefused, in words for the router, for a key that is spent or a version that is not supported.
        """
        key = await self._key(secret)
        if key is None:
            return None
        self._usable(key)
        try:
            return self._scripts.installer(version, secret)
        except ValueError as cause:
            raise EnrolmentRefused(str(cause), remedy="Upgrade RouterOS, then paste the line again.") from cause

    async def installer_known(self, secret: str) -> bool:
        """Whether a secret is a key of ours at all, usable or not."""
        return await self._key(secret) is not None

    async def enrol(self, secret: str, request: EnrolRequest, source_address: str) -> Enrolled | None:
        """Make a device of a router, or set it waiting; None for an unknown key.

        A serial number that the organisation knows already never gets in by itself: the device that exists keeps its
        credential until a person approves the new one.
        """
        key = await self._key(secret)
        if key is None:
            return None
        findings = findings_of(request)
        try:
            self._usable(key)
            tier = self._scripts.tier(request.inventory.version)
            async with self._database.write() as tx:
                if not await repository.use_key(tx, key.key.id):
                    raise EnrolmentRefused("the enrolment key has no uses left")
        except (EnrolmentRefused, ValueError) as refusal:
            await self._note(key, request, source_address, ("refused", str(refusal), findings, None))
            if isinstance(refusal, EnrolmentRefused):
                raise
            raise EnrolmentRefused(str(refusal)) from refusal
        async with self._admitting:
            known = await self._devices.by_serial(key.org_id, _serial(request))
            if known is None:
                return await self._admit(key, request, source_address, tier, findings)
            return await self._wait(
                key, request, source_address, Credential(key.org_id, known.device_id, "pending", tier)
            )

    async def credential(self, secret: str) -> Credential | None:
        """What a device token proves."""
        return (await self.credentials([secret])).get(secret)

    async def credentials(self, secrets: Sequence[str]) -> dict[str, Credential]:
        """What device tokens prove, some hundreds at once; those that prove nothing are left out."""
        digests = {digest(secret): secret for secret in secrets if looks_genuine(secret, DEVICE_TOKEN)}
        if not digests:
            return {}
        replaced_after = to_text(from_text(self._now_text()) - _OLD_TOKEN_STAYS)
        async with self._database.read() as tx:
            found = await repository.credentials(tx, list(digests), replaced_after)
        return {digests[key]: credential for key, credential in found.items()}

    async def rotate(self, credential: Credential) -> str:
        """A new token for a device; the present one stays valid until the new one has been seen."""
        secret = new_secret(DEVICE_TOKEN)
        async with self._database.write() as tx:
            await repository.drop_credentials(tx, credential.device_id, ["fresh"])
            fresh = msgspec.structs.replace(credential, state="fresh")
            await repository.add_credential(tx, digest(secret), fresh, self._now_text())
        return secret

    async def seen(self, secret: str, credential: Credential) -> None:
        """A token given in a rotation was used: it is the device's own now.

        The one before stays for ten minutes more, since a router may write the new one to its flash late.
        """
        async with self._database.write() as tx:
            await repository.drop_credentials(tx, credential.device_id, ["old"])
            await repository.retire(tx, credential.device_id, self._now_text())
            await repository.promote(tx, credential.device_id, "fresh")

    async def approve(self, scope: OrgScope, actor: Actor, device_id: DeviceId) -> DeviceId:
        """Let a waiting router in. Where it claims the place of another device, its token replaces the old one."""
        device = await self._devices.get(scope, device_id)
        async with self._database.write() as tx:
            claimed = "pending" in await repository.states_of(tx, scope, device_id)
            if claimed:
                await repository.drop_credentials(tx, device_id, ["active", "fresh", "old"])
                await repository.promote(tx, device_id, "pending")
            elif device.status != "pending":
                raise NothingToApprove(f"nothing waits for approval on {device.name}")
            await self._audit.within(tx).record(
                scope.org_id, actor, "device.approve", Target("device", device_id, device.name)
            )
        await self._devices.approve(scope, device_id)
        await self._devices.tell(
            scope.org_id, device_id, "device.approved", f"{device.name} was approved by {actor.name}"
        )
        return device_id

    async def reject(self, scope: OrgScope, actor: Actor, device_id: DeviceId) -> DeviceId:
        """Send a waiting router away. A device that exists stays as it is."""
        device = await self._devices.get(scope, device_id)
        async with self._database.write() as tx:
            claimed = "pending" in await repository.states_of(tx, scope, device_id)
            if claimed:
                await repository.drop_credentials(tx, device_id, ["pending"])
            elif device.status != "pending":
                raise NothingToApprove(f"nothing waits for approval on {device.name}")
            await self._audit.within(tx).record(
                scope.org_id, actor, "device.reject", Target("device", device_id, device.name)
            )
        if device.status == "pending":
            await self.forget(device_id)
            await self._devices.remove(scope, actor, device_id, force=True)
        else:
            await self._devices.approve(scope, device_id)
            text = f"{device.name} keeps its place: {actor.name} rejected the router that claimed it"
            await self._devices.tell(scope.org_id, device_id, "device.rejected", text)
        return device_id

    async def forget(self, device_id: DeviceId) -> None:
        """Drop every credential of a device: it is unknown from now on."""
        async with self._database.write() as tx:
            await repository.drop_credentials(tx, device_id, ["active", "pending", "fresh", "old"])

    async def _key(self, secret: str) -> KeyRow | None:
        if not looks_genuine(secret, ENROLMENT_KEY):
            return None
        async with self._database.read() as tx:
            return await repository.key_by_digest(tx, digest(secret), self._now_text())

    def _usable(self, key: KeyRow) -> None:
        reasons = {
            "expired": "the enrolment key has expired",
            "used-up": "the enrolment key has no uses left",
            "revoked": "the enrolment key was revoked",
        }
        if key.key.state in reasons:
            raise EnrolmentRefused(reasons[key.key.state])

    async def _admit(
        self, key: KeyRow, request: EnrolRequest, source_address: str, tier: str, findings: list[Finding]
    ) -> Enrolled:
        device_id = DeviceId(new_id("dev"))
        inventory, pending = request.inventory, key.key.needs_approval
        await self._devices.add(
            NewDevice(
                device_id=device_id,
                org_id=key.org_id,
                site_id=SiteId(key.key.site_id) if key.key.site_id else None,
                serial=_serial(request),
                identity=inventory.identity[:200],
                board=inventory.board_name[:100],
                model=(inventory.model or inventory.board_name)[:100],
                architecture=inventory.architecture_name[:40],
                version=inventory.version.partition(" ")[0][:40],
                agent_tier=tier,
                source_address=source_address[:64],
                tags=key.key.tags,
                enrolment_key_id=EnrolmentKeyId(key.key.id),
                findings=findings,
                pending=pending,
            )
        )
        token = await self._token(Credential(key.org_id, device_id, "active", tier))
        outcome: Outcome = "pending" if pending else "enrolled"
        await self._note(key, request, source_address, (outcome, "", findings, device_id))
        name = inventory.identity or device_id
        text = f"{name} waits for approval" if pending else f"{name} enrolled"
        await self._devices.tell(key.org_id, device_id, f"device.{outcome}", text, {"key_id": key.key.id})
        return Enrolled(device_id, token, tier, pending, findings)

    async def _wait(self, key: KeyRow, request: EnrolRequest, source_address: str, credential: Credential) -> Enrolled:
        text = (
            f"A router with the serial number of this device ({_serial(request)}) enrolled again from {source_address}."
        )
        warning = Finding(
            "enrolment.serial-seen",
            "warning",
            text,
            "Approve it if you reset or re-enrolled this router; reject it if you did not.",
        )
        async with self._database.write() as tx:
            await repository.drop_credentials(tx, credential.device_id, ["pending"])
        token = await self._token(credential)
        await self._devices.warn(credential.device_id, warning)
        await self._note(key, request, source_address, ("warning", text, [warning], credential.device_id))
        await self._devices.tell(key.org_id, credential.device_id, "device.enrolment-warning", text)
        return Enrolled(credential.device_id, token, credential.tier, True, [warning])

    async def _token(self, credential: Credential) -> str:
        secret = new_secret(DEVICE_TOKEN)
        async with self._database.write() as tx:
            await repository.add_credential(tx, digest(secret), credential, self._now_text())
        return secret

    async def _note(
        self,
        key: KeyRow,
        request: EnrolRequest,
        source_address: str,
        result: tuple[Outcome, str, list[Finding], DeviceId | None],
    ) -> None:
        outcome, reason, findings, device_id = result
        attempt = EnrolmentAttempt(
            id=new_id("enr"),
            at=self._now_text(),
            key_id=key.key.id,
            serial=_serial(request),
            identity=request.inventory.identity[:200],
            board=request.inventory.board_name[:100],
            version=request.inventory.version[:60],
            source_address=source_address[:64],
            outcome=outcome,
            reason=reason[:1000],
            findings=findings,
            device_id=device_id,
        )
        async with self._database.write() as tx:
            await repository.add_attempt(tx, key.org_id, attempt)


def _serial(request: EnrolRequest) -> str:
    """What tells one router from another: the serial number, or the software id where there is none (CHR, x86)."""
    return (request.inventory.serial_number or request.inventory.software_id).strip()[:100]
