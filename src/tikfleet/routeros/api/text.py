"""Words as text and back. The API has no encoding of its own: a router keeps the bytes it was given.

With the default, UTF-8 is text as expected, and a byte that is no UTF-8 (a comment written by an old tool in Latin-1 or
a Windows code page) becomes one lone surrogate, so that text read from a router and written back is the same bytes.
`legible` is for showing such text to people. Where all texts are known to be in one code page, name it instead.
"""

import re
from dataclasses import dataclass

_ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Text:
    """How bytes become text: any encoding of one byte a character, or UTF-8, whose stray bytes are kept."""

    encoding: str = "utf-8"
    errors: str = "surrogateescape"

    def decode(self, word: bytes) -> str:
        """With the default encoding every word has a text, and no two words the same."""
        return word.decode(self.encoding, self.errors)

    def encode(self, text: str) -> bytes:
        """Raises `ValueError` for characters that the encoding has not; the message does not hold the text."""
        try:
            return text.encode(self.encoding, self.errors)
        except UnicodeEncodeError as error:
            place, encoding = error.start, self.encoding
        raise ValueError(f"character {place} of a text can't be written in {encoding}")


def legible(text: str) -> str:
    """The same text with bytes that are no UTF-8 shown as the Latin-1 characters they most likely are."""
    return _ESCAPED.sub(lambda match: chr(ord(match[0]) - 0xDC00), text)
