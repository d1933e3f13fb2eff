"""The SSH server of one router: logins by password and key, the console, and files by SFTP and SCP."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import asyncssh

from tikfleet.virtual import waiting
from tikfleet.virtual.menus.request import Caller, Refused
from tikfleet.virtual.servers.router import Router
from tikfleet.virtual.servers.ssh_console import ConsoleProcess, LoginOptions, login_options
from tikfleet.virtual.servers.ssh_files import RouterFiles

_VIA: Final = "ssh"
_GATE: Final = "gate"


def new_host_key() -> str:
    """A private Ed25519 key in OpenSSH's form, for a router to keep: clients remember it."""
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()


@dataclass(frozen=True, slots=True)
class SshOptions:
    """How a server is reached.

    `host_key` is what `new_host_key` made; "" makes one for as long as the server lives. `admits` is `available-from`
    of the service: whom it does not let in loses the connection, and so does who comes when `most_sessions`
    (`max-sessions`) are open. `passwords_beside_keys` is
    `always-allow-password-login` of `/ip/ssh`. [unverified: how long a wrong password takes, and the time for a login]
    """

    host: str = "127.0.0.1"
    port: int = 0
    host_key: str = ""
    admits: Callable[[str], bool] = lambda address: True
    most_sessions: int = 20
    passwords_beside_keys: Callable[[], bool] = lambda: False
    wrong_password_s: float = 1.0
    login_s: float = 60.0


class SshServer:
    """A listening server; `start` opens the port and `close` ends it with every session."""

    def __init__(self, router: Router, options: SshOptions | None = None) -> None:
        self._router = router
        self._options = options or SshOptions()
        self._key = asyncssh.import_private_key(self._options.host_key or new_host_key())
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._gates: set[Gate] = set()

    @property
    def port(self) -> int:
        """The port that is open, or 0."""
        return self._acceptor.get_port() if self._acceptor else 0

    async def start(self) -> None:
        options = self._options
        self._acceptor = await asyncssh.listen(
            options.host,
            options.port,
            server_factory=lambda: Gate(self._router, options, self._gates),
            server_host_keys=[self._key],
            server_version="ROSSSH",
            process_factory=self._serve,
            sftp_factory=self._files,
            allow_scp=True,
            encoding=None,
            line_editor=False,
            login_timeout=options.login_s,
            agent_forwarding=False,
            x11_forwarding=False,
        )

    async def close(self) -> None:
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        await asyncio.gather(*(gate.abort() for gate in list(self._gates)))

    async def _serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        gate = _gate(process.channel)
        await ConsoleProcess(self._router, gate.admitted, process, gate.login.width).run()

    def _files(self, channel: "asyncssh.SSHServerChannel[bytes]") -> RouterFiles:
        return RouterFiles(channel, self._router, _gate(channel).admitted, self._router.profile.disk_bytes)


class Gate(asyncssh.SSHServer):
    """One connection: who it is, from the first name to the end."""

    def __init__(self, router: Router, options: SshOptions, gates: "set[Gate]") -> None:
        self._router = router
        self._options = options
        self._gates = gates
        self._connection: asyncssh.SSHServerConnection | None = None
        self._caller: Caller | None = None
        self._end: Callable[[], None] | None = None
        self._address = ""
        self._keys: Sequence[str] = ()
        self.login = LoginOptions("")

    @property
    def admitted(self) -> Caller:
        """Who has logged in; channels open only then."""
        if self._caller is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "not logged in")
        return self._caller

    async def abort(self) -> None:
        if self._connection is not None:
            self._connection.abort()
            await self._connection.wait_closed()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._gates.add(self)
        conn.set_extra_info(**{_GATE: self})
        self._address = str(conn.get_extra_info("peername", ("",))[0])
        if len(self._gates) > self._options.most_sessions or not self._options.admits(self._address):
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gates.discard(self)
        if self._end is not None:
            self._end()

    async def begin_auth(self, username: str) -> bool:
        self.login = login_options(username)
        self._keys = await waiting.run(self._router.ssh_keys, self.login.user)
        return True

    def password_auth_supported(self) -> bool:
        return not self._keys or self._options.passwords_beside_keys()

    def kbdint_auth_supported(self) -> bool:
        return False

    async def validate_password(self, username: str, password: str) -> bool:
        return await self._admit(password)

    def public_key_auth_supported(self) -> bool:
        return bool(self._keys)

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        offered = key.public_data
        # Asked once whether a key would do and once with its signature: neither is a login yet.
        return any(_public_data(line) == offered for line in self._keys)

    async def auth_completed(self) -> None:
        if self._caller is None and not await self._admit(None) and self._connection is not None:
            self._connection.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "login failure")
        if self._caller is not None:
            self._end = await waiting.run(self._router.opened, self._caller)

    async def _admit(self, password: str | None) -> bool:
        authenticate = self._router.authenticate
        try:
            self._caller = await waiting.run(authenticate, self.login.user, password, _VIA, self._address)
        except Refused:
            await asyncio.sleep(self._options.wrong_password_s)
            return False
        return True


def _gate(channel: "asyncssh.SSHServerChannel[bytes]") -> Gate:
    gate = channel.get_extra_info(_GATE)
    if not isinstance(gate, Gate):
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "not logged in")
    return gate


def _public_data(line: str) -> bytes:
    try:
        return asyncssh.import_public_key(line).public_data
    except asyncssh.KeyImportError:
        return b""
