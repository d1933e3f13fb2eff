"""What was asked and what came back, matched by tag: no socket and no clock, so that nothing can lose our place.

Every command carries a tag of its own, so any number can be under way, and the late replies of one that nobody waits
for any more are told from all others. A reply of a kind that is not known is passed over: RouterOS 7.18 began to send
`!empty` to clients that had never heard of it.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tikfleet.routeros.api.command import Command
from tikfleet.routeros.api.decoder import Decoder, Limits
from tikfleet.routeros.api.errors import ApiError, Fatal, ProtocolError, Trap
from tikfleet.routeros.api.text import Text
from tikfleet.routeros.api.words import Sentence, encode_sentence

Row: TypeAlias = dict[str, str]
_TAG = b".tag="
_KINDS = frozenset({b"!re", b"!done", b"!trap"})


class Reply(list[Row]):
    """The rows that a command gave (`!re`), and `ret`, what its `!done` brought: an id, a count, a text."""

    ret: str | None = None


class Call:
    """One command under way. `told` is called at its end, and for a stream at every row as well."""

    __slots__ = ("command", "ended", "error", "reply", "streams", "tag", "told")

    def __init__(self, command: Command, tag: bytes, told: Callable[[], None] | None, *, streams: bool) -> None:
        self.command = command
        self.tag = tag
        self.told = told
        self.streams = streams
        self.reply = Reply()
        self.ended = False
        self.error: ApiError | None = None

    def end(self, error: ApiError | None = None) -> None:
        """Nothing more comes, for this reason."""
        self.error = self.error or error
        self.ended = True
        if self.told is not None:
            self.told()


class Session:
    """Both directions of one connection: commands to bytes, bytes to replies."""

    def __init__(self, text: Text | None = None, limits: Limits | None = None) -> None:
        self._text = text or Text()
        self._decoder = Decoder(limits)
        self._calls: dict[bytes, Call] = {}
        self._last_tag = 0
        # The last tag in use at a time-out after which nothing has come yet.
        self._silent_since: int | None = None

    @property
    def under_way(self) -> int:
        """How many commands the router still owes an end, those included that nobody waits for."""
        return len(self._calls)

    def start(
        self, command: Command, told: Callable[[], None] | None = None, *, streams: bool = False
    ) -> tuple[Call, bytes]:
        """A new call and the bytes to send. Raises `ValueError` for text that the encoding has not."""
        self._last_tag += 1
        tag = b".tag=%d" % self._last_tag
        encoding, errors = self._text.encoding, self._text.errors
        try:
            words = [word.encode(encoding, errors) for word in (command.path, *command.words)]
        except UnicodeEncodeError:
            raise ValueError(f"a word of {command.path} can't be written in {encoding}") from None
        words.append(tag)
        call = Call(command, tag, told, streams=streams)
        sentence = encode_sentence(words)
        self._calls[tag] = call
        return call, sentence

    def abandon(self, call: Call) -> bytes:
        """Let nobody hear of a call again; gives the bytes that ask the router to stop it."""
        call.told = None
        if call.ended:
            return b""
        sentence = self.cancel(call)
        call.ended = True
        return sentence

    def cancel(self, call: Call) -> bytes:
        """The bytes that ask the router to stop a call, which then ends as any other."""
        if call.ended:
            return b""
        return self.start(Command("/cancel", (f"=tag={call.tag[len(_TAG) :].decode()}",)))[1]

    def receive(self, data: bytes) -> None:
        """Take what came. Raises `Fatal` or `ProtocolError`: then nothing more can come."""
        self._silent_since = None
        find, row = self._calls.get, self.row
        for words in self._decoder.feed(data):
            call = find(words[-1])
            if call is None or words[0] != b"!re":
                self._receive_other(words, call)
            elif not call.ended:
                call.reply.append(row(words[1:-1]))
                if call.streams and call.told is not None:
                    call.told()

    def timed_out(self, call: Call) -> bytes | None:
        """`abandon`, or `None` when the connection is gone: nothing has come since an earlier time-out.

        Commands that were under way at that time-out do not count, for they may all wait for the same thing.
        """
        silent_since = self._silent_since
        if silent_since is not None and int(call.tag[len(_TAG) :]) > silent_since:
            return None
        sentence = self.abandon(call)
        self._silent_since = self._last_tag
        return sentence

    def fail(self, error: ApiError) -> None:
        """The connection is gone: every call ends with this."""
        calls = list(self._calls.values())
        self._calls.clear()
        for call in calls:
            if not call.ended:
                # One of its own for each, since each is raised in another place.
                call.end(type(error)(str(error)))

    def row(self, words: Sequence[bytes]) -> Row:
        """The attributes among these words."""
        encoding, errors = self._text.encoding, self._text.errors
        row: Row = {}
        for word in words:
            try:
                _, name, value = word.decode(encoding, errors).split("=", 2)
            except ValueError:
                # No second sign: an attribute without a value, or a word of another kind.
                if word.startswith(b"="):
                    row[word[1:].decode(encoding, errors)] = ""
            else:
                row[name] = value
        return row

    def _receive_other(self, words: Sentence, call: Call | None) -> None:
        """Everything but a row that ends in its tag."""
        kind = words[0]
        if kind == b"!fatal":
            raise Fatal(self._reason(words[1:]))
        if kind not in _KINDS:
            return
        call = call or self._owner(words)
        if call is None:
            return
        if kind == b"!done":
            del self._calls[call.tag]
            if not call.ended:
                call.reply.ret = self.row(words[1:]).get("ret")
                call.end()
        elif kind == b"!re" and not call.ended:
            call.reply.append(self.row(words[1:]))
            if call.streams and call.told is not None:
                call.told()
        elif kind == b"!trap" and call.error is None:
            row = self.row(words[1:])
            category = row.get("category", "")
            number = int(category) if category.isdecimal() else None
            call.error = Trap(row.get("message", ""), number, call.command.path)

    def _owner(self, words: Sentence) -> Call | None:
        """Whose reply it is when the tag does not stand last; `None` for one that was never ours."""
        tag = next((word for word in words if word.startswith(_TAG)), None)
        if tag is not None:
            return self._calls.get(tag)
        if len(self._calls) != 1:
            raise ProtocolError(f"a reply without a tag, while {len(self._calls)} commands are under way")
        return next(iter(self._calls.values()))

    def _reason(self, words: Sequence[bytes]) -> str:
        plain = [word for word in words if not word.startswith((b"=", _TAG))]
        if plain:
            return self._text.decode(plain[0])
        return self.row(words).get("message", "the router gave no reason")
