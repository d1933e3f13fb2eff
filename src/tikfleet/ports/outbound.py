"""Requests that the platform makes of addresses that people name."""

from collections.abc import Mapping
from typing import ClassVar, Protocol

from tikfleet.kernel.errors import Conflict, Unavailable


class AddressRefused(Conflict):
    """The address is none that the platform may reach; nothing was sent."""

    code: ClassVar[str] = "callback.address-refused"
    title: ClassVar[str] = "This address may not be called"
    remedy: ClassVar[str] = (
        "Give an https:// address of the public internet, or have its network named in TIKFLEET_CALLBACK_NETWORKS."
    )


class OutboundFailed(Unavailable):
    """No answer came: the name is unknown, nobody took the connection, TLS failed, or it took too long."""

    code: ClassVar[str] = "callback.no-answer"
    title: ClassVar[str] = "The receiver did not answer"
    remedy: ClassVar[str] = "Look whether the receiver is up, and whether its certificate is one that is trusted."


class Outbound(Protocol):
    """One way out for everything whose address came from outside.

    A name is resolved anew each time, and the connection goes to the very address that was looked at: never to this
    machine, its network, or anything that is not the public internet, unless that network was allowed by name. No
    redirect is followed, no proxy asked, and what comes back is bounded in time and size.
    """

    def check(self, url: str) -> None:
        """Raise `AddressRefused` for what can be told from the text alone."""
        ...

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send, and give the status of the answer. Raises `AddressRefused` and `OutboundFailed`."""
        ...
