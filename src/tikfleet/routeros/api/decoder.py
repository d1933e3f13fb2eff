"""Bytes in, sentences out: no socket and no clock, so every cut of the stream gives the same sentences."""

from collections.abc import Iterator
from dataclasses import dataclass

from tikfleet.routeros.api.errors import ProtocolError
from tikfleet.routeros.api.words import LARGEST_ONE_BYTE_LENGTH, LENGTH_WIDTHS, Sentence


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sentence may hold before the decoder gives up. Sizes count lengths as well as words.

    What is kept in memory is at most one sentence and the bytes of one `feed`.
    """

    word_bytes: int = 16 << 20
    sentence_bytes: int = 64 << 20
    words: int = 65_536

    def __post_init__(self) -> None:
        if self.word_bytes < LARGEST_ONE_BYTE_LENGTH:
            raise ValueError("words of 127 bytes are always allowed: limit the sentence instead")


class Decoder:
    """Takes a stream apart, however it was cut. Empty sentences are skipped; lengths need not be in shortest form.

    `limits` may be changed between two calls of `feed`, such as after a login.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._words: list[bytes] = []
        # An unfinished word with its length, and how many bytes there have to be before another look is worth it.
        self._rest = bytearray()
        self._wanted_bytes = 0
        # Of the sentence that `_words` begins, without the unfinished word.
        self._done_bytes = 0
        self._failure: str | None = None

    @property
    def between_sentences(self) -> bool:
        """Whether the stream could end here without cutting a sentence."""
        return not self._words and not self._rest

    def feed(self, data: bytes) -> Iterator[Sentence]:
        """The sentences that these bytes complete. All bytes are taken at once, whether or not the result is read.

        The result raises `ProtocolError` after the last good sentence, and every later `feed` raises it again.
        """
        if self._failure is not None:
            raise ProtocolError(self._failure)
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted_bytes:
                return iter(())
            data = bytes(self._rest)
            self._rest.clear()
        sentences: list[Sentence] = []
        try:
            self._take(data, sentences)
        except ProtocolError as failure:
            self._failure = str(failure)
            self._words.clear()
            return _then_raise(sentences, failure)
        return iter(sentences)

    def _take(self, data: bytes, sentences: list[Sentence]) -> None:
        # One pass with everything in locals: this loop runs for every word of every reply.
        words, end = self._words, len(data)
        position = begin = 0
        while position < end:
            size = data[position]
            start = position + 1
            if size > LARGEST_ONE_BYTE_LENGTH:
                width, size = self._long(data, position)
                start = position + width
            stop = start + size
            if stop > end:
                self._check(stop - begin)
                self._rest += data[position:]
                self._wanted_bytes = stop - position
                break
            if size:
                words.append(data[start:stop])
            else:
                if words:
                    self._check(stop - begin)
                    sentences.append(tuple(words))
                    words.clear()
                self._done_bytes, begin = 0, stop
            position = stop
        self._check(position - begin)
        self._done_bytes += position - begin

    def _long(self, data: bytes, position: int) -> tuple[int, int]:
        """How many bytes a longer length takes here, and what it says; when cut, a word that is as long as needed."""
        first = data[position]
        width = LENGTH_WIDTHS[first]
        if not width:
            raise ProtocolError(f"a word begins with the reserved byte {first:02X}")
        if position + width > len(data):
            return width, 0
        size = (first & 0xFF >> width) << 8 * (width - 1) | int.from_bytes(data[position + 1 : position + width], "big")
        if size > self.limits.word_bytes:
            raise ProtocolError(f"a word of {size} bytes is over the limit of {self.limits.word_bytes}")
        return width, size

    def _check(self, taken_bytes: int) -> None:
        total = self._done_bytes + taken_bytes
        if total > self.limits.sentence_bytes:
            raise ProtocolError(f"a sentence is over the limit of {self.limits.sentence_bytes} bytes")
        if len(self._words) > self.limits.words:
            raise ProtocolError(f"a sentence is over the limit of {self.limits.words} words")


def _then_raise(sentences: list[Sentence], failure: ProtocolError) -> Iterator[Sentence]:
    yield from sentences
    raise failure
