"""The console over SSH: a session with prompt and echo, and single commands.

The prompt, the path in it, and the options behind a user's name are from the manual's page on the command line.
[unverified: the banner beyond its first line, and that a command without a terminal is not folded]
"""

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final

import asyncssh

from tikfleet.virtual import waiting
from tikfleet.virtual.menus.request import Caller
from tikfleet.virtual.servers.router import Console, Router
from tikfleet.virtual.servers.ssh_line import Echo, Key, Line, LineEditor, Typing

_OPTION: Final = re.compile(r"(\d*)([a-z])")
_AUTOMATIC_WIDTH: Final = 80
_UNFOLDED_WIDTH: Final = 4_096
_WIDEST: Final = 4_096
_CHUNK_BYTES: Final = 4_096
_QUIT: Final = frozenset({"quit", "/quit", ":quit"})
_SEVEN: Final = 7


@dataclass(frozen=True, slots=True)
class LoginOptions:
    """A user's name without its options, and the width of the terminal that they ask for, in characters."""

    user: str
    width: int | None = None


def login_options(name: str) -> LoginOptions:
    """Read `admin+ct511w4098h`: colours and detection off, 511 wide and 4,098 high.

    Nothing here sends colours or asks a terminal what it is, so only the width makes a difference.
    """
    user, plus, letters = name.partition("+")
    if not plus:
        return LoginOptions(user)
    widths = [int(number) for number, letter in _OPTION.findall(letters) if letter == "w" and number]
    return LoginOptions(user, min(widths[-1], _WIDEST) if widths else None)


def prompt(router: Router, caller: Caller, menu: str) -> str:
    """`[admin@MikroTik] > ` in the root, `[admin@MikroTik] /ip/address> ` below; 6 puts blanks between menus."""
    place = menu if router.profile.version.major >= _SEVEN else "/" + menu[1:].replace("/", " ") if menu else ""
    return f"[{caller.user}@{router.identity()}] {place}> "


def banner(router: Router) -> str:
    """What a login shows before its first prompt."""
    version = str(router.profile.version)
    return f"\r\n\r\n  MikroTik RouterOS {version} (c) 1999-2026       https://www.mikrotik.com/\r\n\r\n"


@dataclass(slots=True)
class ConsoleProcess:
    """What runs in one channel of a connection, until it ends or the client leaves."""

    router: Router
    caller: Caller
    process: "asyncssh.SSHServerProcess[bytes]"
    width: int | None = None

    async def run(self) -> None:
        """Serve a command or a person, then tell the client that it is over: with status 1 if by a mistake of ours."""
        status = 1
        try:
            command = self.process.command
            if command is not None:
                await self._single(command)
            elif self.process.subsystem is None:
                await self._interactive()
            status = 0
        except (asyncssh.Error, ConnectionError):
            return  # the client has left
        except Exception as mistake:
            # Raised further it would end the connection with all its channels.
            report = {"message": "a command over SSH failed by a mistake of ours", "exception": mistake}
            asyncio.get_running_loop().call_exception_handler(report)
        finally:
            self.process.exit(status)

    def _console(self, *, terminal: bool) -> Console:
        width = self.width or self.process.term_size[0] or (_AUTOMATIC_WIDTH if terminal else _UNFOLDED_WIDTH)
        return self.router.console(replace(self.caller, via="ssh"), min(width, _WIDEST))

    async def _single(self, command: str) -> None:
        console = self._console(terminal=self.process.term_type is not None)
        self._write(await waiting.run(console.run, command))
        await self.process.stdout.drain()

    async def _interactive(self) -> None:
        console = self._console(terminal=True)
        keyboard = Keyboard(self.process)
        typing, editor = Typing(), LineEditor()
        self.process.stdout.write(banner(self.router).encode())
        self._ask(console, typing)
        reading = asyncio.get_running_loop().create_task(keyboard.read())
        try:
            while data := await keyboard.typed():
                for event in editor.feed(data):
                    match event:
                        case Echo(data=echo):
                            self.process.stdout.write(echo)
                        case Line(text=text):
                            if await self._line(console, keyboard, typing, text):
                                return
                        case Key.INTERRUPT:
                            typing.drop()
                            self.process.stdout.write(b"\r\n")
                            self._ask(console, typing)
                        case Key.END:
                            return
                await self.process.stdout.drain()
        finally:
            reading.cancel()

    async def _line(self, console: Console, keyboard: "Keyboard", typing: Typing, text: str) -> bool:
        """Run a line that is complete; whether it ends the session."""
        command = typing.take(text)
        if command is not None:
            if command.strip() in _QUIT:
                self._write("interrupted\n")
                return True
            if command.strip():
                self._write(await keyboard.interruptible(waiting.run(console.run, command)))
        self._ask(console, typing)
        return False

    def _ask(self, console: Console, typing: Typing) -> None:
        text = typing.prompt or prompt(self.router, self.caller, console.menu)
        self.process.stdout.write(text.encode("utf-8", "surrogateescape"))

    def _write(self, text: str) -> None:
        lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
        self.process.stdout.write(lines.encode("utf-8", "surrogateescape"))


class Keyboard:
    """What the client types, also while a command runs: Ctrl-C ends the command, the rest waits for it."""

    def __init__(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        self._process = process
        self._pressed: asyncio.Queue[bytes] = asyncio.Queue(maxsize=64)
        self._running: asyncio.Task[str] | None = None

    async def read(self) -> None:
        """Take bytes from the channel until it ends; an empty piece is the end."""
        while True:
            try:
                data = await self._process.stdin.read(_CHUNK_BYTES)
            except asyncssh.TerminalSizeChanged:
                continue
            except (asyncssh.BreakReceived, asyncssh.SignalReceived):
                data = b"\x03"
            if self._running is not None and b"\x03" in data:
                self._running.cancel()
                data = data.rpartition(b"\x03")[2]
                if not data:
                    continue
            await self._pressed.put(data)
            if not data:
                if self._running is not None:
                    self._running.cancel()
                return

    async def typed(self) -> bytes:
        return await self._pressed.get()

    async def interruptible(self, command: Coroutine[Any, Any, str]) -> str:
        """The output of a command; of one that was ended by the keyboard, nothing but a line's end."""
        task = self._running = asyncio.get_running_loop().create_task(command)
        try:
            await asyncio.wait({task})
        finally:
            self._running = None
            task.cancel()
        return "\n" if task.cancelled() else task.result()
