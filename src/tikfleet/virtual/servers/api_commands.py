"""The commands of one API session: any number under way, each answered under its own tag.

Order of the replies to `/cancel` is the manual's: the interrupted command's `!trap`, the `!done` of the cancel, the
`!done` of the interrupted one. [unverified: that a cancel of a tag that nothing has, and of all with nothing under way,
is just done; that commands without a tag run side by side as well; how many may be under way]
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from tikfleet.virtual import waiting
from tikfleet.virtual.menus.repeating import goes_on
from tikfleet.virtual.menus.request import GENERAL, INTERRUPTED, MISSING, Answer, Caller, Refused, Request, Row
from tikfleet.virtual.servers import api_sentences
from tikfleet.virtual.servers.api_sentences import API, Asked
from tikfleet.virtual.servers.queries import Predicate, compiled, projected
from tikfleet.virtual.servers.router import Router

_log = logging.getLogger(__name__)
_READS: Final = frozenset({"print", "getall", "listen"})
_FOLLOWS: Final = ("follow", "follow-only")
_MOST_PATHS: Final = 4_096
_INTERRUPTED: Final = Refused("interrupted", INTERRUPTED)


class Paths:
    """Menus and commands by path, remembered: they are the release's and never change."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._known: dict[str, tuple[str, str]] = {}

    def find(self, path: str) -> tuple[str, str]:
        """Menu and command. `getall` is `print`; `listen` is there wherever `print` is. Raises `Refused`."""
        found = self._known.get(path)
        if found is None:
            *menu, command = path.strip("/").split("/")
            real = "print" if command in _READS else command
            found = self._router.resolve([*menu, real])
            if command == "listen":
                found = (found[0], command)
            if len(self._known) < _MOST_PATHS:
                self._known[path] = found
        return found


@dataclass(eq=False, slots=True)
class _Running:
    """A command that is not over: a task of its own, or a subscription."""

    ending: bytes
    task: asyncio.Task[Answer] | None = None
    unsubscribe: Callable[[], None] | None = None
    answered: bool = False
    interrupted: bool = False


class Commands:
    """Runs sentences on behalf of a caller and sends what they answer."""

    def __init__(self, router: Router, paths: Paths, send: Callable[[bytes], None], most: int) -> None:
        self._router = router
        self._paths = paths
        self._send = send
        self._most = most
        self._tells_empty = router.profile.at_least("7.18")
        self._running: set[_Running] = set()

    def start(self, sentence: Asked, caller: Caller) -> None:
        """Run one command; its replies follow now or later."""
        if sentence.path == "/cancel":
            self._cancel(sentence)
            return
        try:
            if sentence.fault:
                raise Refused(sentence.fault, API if sentence.path.startswith("/") else MISSING)
            if len(self._running) >= self._most:
                raise Refused("too many commands are running", API)
            self._run(sentence, caller)
        except Exception as error:
            self._send(_refusal(error, sentence.path, sentence.ending))

    def close(self) -> None:
        """The client is gone: whatever runs is stopped and nothing more is sent."""
        self._send = lambda data: None
        for running in list(self._running):
            self._stop(running)
        self._running.clear()

    def _run(self, sentence: Asked, caller: Caller) -> None:
        menu, command = self._paths.find(sentence.path)
        where = compiled(sentence.query) if sentence.query else None
        if command == "listen" or (command == "print" and any(name in sentence.arguments for name in _FOLLOWS)):
            self._listen(sentence, caller, menu, where)
            return
        request = Request(menu, command, sentence.arguments, caller, where, sentence.absent)
        running = _Running(sentence.ending)
        if goes_on(request):
            request.tell = lambda row: self._tell(running, row)
        answer, rest = waiting.begin(self._router.perform, request)
        if rest is not None:
            self._watch(sentence, running, rest)
        elif answer is not None:
            self._send(self._answered(answer, running))

    def _tell(self, running: _Running, row: Row) -> None:
        running.answered = True
        self._send(api_sentences.rows([row], running.ending))

    def _answered(self, answer: Answer, running: _Running) -> bytes:
        ending = running.ending
        if answer.rows:
            return api_sentences.rows(answer.rows, ending) + api_sentences.done(ending, answer.ret)
        if answer.ret is None and self._tells_empty and not running.answered:
            return api_sentences.empty(ending) + api_sentences.done(ending)
        return api_sentences.done(ending, answer.ret)

    def _watch(self, sentence: Asked, running: _Running, rest: Coroutine[Any, Any, Answer]) -> None:
        running.task = asyncio.get_running_loop().create_task(rest)
        self._running.add(running)
        running.task.add_done_callback(lambda task: self._ended(running, task, sentence.path))

    def _ended(self, running: _Running, task: asyncio.Task[Answer], path: str) -> None:
        self._running.discard(running)
        ending = running.ending
        error = None if task.cancelled() else task.exception()
        if running.interrupted:
            self._finish_interrupted(running)
        elif task.cancelled():
            self._send(api_sentences.trap(_INTERRUPTED, ending) + api_sentences.done(ending))
        elif error is None:
            self._send(self._answered(task.result(), running))
        else:
            self._send(_refusal(error, path, ending))

    def _listen(self, sentence: Asked, caller: Caller, menu: str, where: Predicate | None) -> None:
        if "read" not in caller.policies:
            raise Refused("not enough permissions (9)")
        running = _Running(sentence.ending)
        names = [name for name in sentence.arguments.get(".proplist", "").split(",") if name]

        def tell(row: Row) -> None:
            if ".dead" not in row:
                if where is not None and not where(row):
                    return
                row = projected(row, names) if names else row
            self._tell(running, row)

        if "follow" in sentence.arguments:
            request = Request(menu, "print", {}, caller, where)
            for row in self._router.perform(request).rows:
                tell(row)
        running.unsubscribe = self._router.subscribe(menu, tell)
        self._running.add(running)

    def _cancel(self, sentence: Asked) -> None:
        tag = sentence.arguments.get("tag")
        wanted = None if tag is None else f".tag={tag}".encode("utf-8", "surrogateescape") + b"\0"
        stopped = [one for one in self._running if not one.interrupted and (wanted is None or _tagged(one, wanted))]
        for running in stopped:
            running.interrupted = True
            self._send(api_sentences.trap(_INTERRUPTED, running.ending))
        self._send(api_sentences.done(sentence.ending))
        for running in stopped:
            self._stop(running)
            if running.task is None:
                self._running.discard(running)
                self._finish_interrupted(running)

    def _finish_interrupted(self, running: _Running) -> None:
        # Seen on 7.23: a cancelled listen that had nothing to tell says so before it is done.
        nothing = not running.answered and self._tells_empty
        self._send((api_sentences.empty(running.ending) if nothing else b"") + api_sentences.done(running.ending))

    def _stop(self, running: _Running) -> None:
        if running.unsubscribe is not None:
            running.unsubscribe()
            running.unsubscribe = None
        if running.task is not None:
            asyncio.get_running_loop().call_soon(running.task.cancel)


def _refusal(error: BaseException, path: str, ending: bytes) -> bytes:
    """What a client hears of an error; one that is not RouterOS's is ours, and is logged as such."""
    if not isinstance(error, Refused):
        _log.error("%s failed", path, exc_info=error)
        error = Refused("failure: internal error", GENERAL)
    return api_sentences.trap(error, ending) + api_sentences.done(ending)


def _tagged(running: _Running, wanted: bytes) -> bool:
    # An ending is the tag's length, the tag and the empty word.
    return running.ending.endswith(wanted) and len(running.ending) - len(wanted) in range(1, 6)
