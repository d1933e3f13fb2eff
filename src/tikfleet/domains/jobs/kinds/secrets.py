"""Values that jobs carry and nobody may read again: sealed wherever they rest, taken out of whatever comes back."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from tikfleet.domains.jobs.kinds.catalogue import secret_names
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.vault import SealBroken, Vault

MASK: Final = "********"
_PREFIX: Final = "sealed:"
_PURPOSE: Final = "job-parameter"
_REDACTED: Final = b"[redacted]"
_LEAST_BYTES: Final = 4


class JobSecrets:
    """Seals the secret parameters of kinds. The text says under whose key: an organisation above may have asked."""

    def __init__(self, vault: Vault | None = None) -> None:
        """Without a vault nothing can be sealed: kinds with secrets are refused then."""
        self._vault = vault

    async def sealed(self, org_id: OrganisationId, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters, as people gave them, with their secrets sealed."""
        kept = dict(given)
        for name in secret_names(kind) & given.keys():
            content = await self._own().seal(org_id, _PURPOSE, str(given[name]).encode())
            kept[name] = f"{_PREFIX}{org_id}:{base64.b64encode(content).decode()}"
        return kept

    async def opened(self, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters as they were given. Raises SealBroken."""
        plain = dict(given)
        for name in secret_names(kind) & given.keys():
            plain[name] = await self._open(given[name])
        return plain

    async def without(self, kind: str, given: Mapping[str, Any], content: bytes) -> bytes:
        """What a router sent back, without the job's own secrets."""
        for name in secret_names(kind) & given.keys():
            value = (await self._open(given[name])).encode()
            if len(value) >= _LEAST_BYTES:
                content = content.replace(value, _REDACTED)
        return content

    async def _open(self, text: str) -> str:
        org_id, _, content = text.removeprefix(_PREFIX).partition(":")
        if not text.startswith(_PREFIX):
            raise SealBroken("a parameter that is a secret was not sealed")
        try:
            sealed = base64.b64decode(content, validate=True)
        except binascii.Error as cause:
            raise SealBroken("a sealed parameter is not whole") from cause
        return (await self._own().open(OrganisationId(org_id), _PURPOSE, sealed)).decode()

    def _own(self) -> Vault:
        if self._vault is None:
            raise RuntimeError("kinds with secrets need a vault")
        return self._vault


def masked(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as people may see them."""
    return {name: MASK if name in secret_names(kind) else value for name, value in given.items()}
