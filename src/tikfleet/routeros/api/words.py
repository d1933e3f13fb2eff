"""Words and sentences as bytes: a length and as many bytes each, a word of length zero at a sentence's end.

Lengths are big-endian in 1 to 5 bytes, the first of which tells how many (MikroTik manual, API):
`0xxxxxxx`, `10xxxxxx` + 1, `110xxxxx` + 2, `1110xxxx` + 3, `11110000` + 4. First bytes from F8 on are reserved.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

Sentence: TypeAlias = tuple[bytes, ...]
MAX_WORD_BYTES: Final = 0xFFFF_FFFF
LARGEST_ONE_BYTE_LENGTH: Final = 0x7F
# By a length's first byte: how many bytes the length takes, 0 where the byte is reserved.
LENGTH_WIDTHS: Final = b"\1" * 0x80 + b"\2" * 0x40 + b"\3" * 0x20 + b"\4" * 0x10 + b"\5" * 8 + b"\0" * 8
_MARKERS: Final = (0x00, 0x80, 0xC0, 0xE0, 0xF0)
_ONE_BYTE: Final = tuple(bytes([size]) for size in range(LARGEST_ONE_BYTE_LENGTH + 1))


def encode_length(size_bytes: int) -> bytes:
    """The shortest form of a word's length. Raises `ValueError` beyond 4 GiB."""
    if size_bytes > MAX_WORD_BYTES:
        raise ValueError(f"a word of {size_bytes} bytes is longer than the API can say")
    # A form of n bytes has room for 7 bits in each, but for the last form, which is never full.
    width = max(1, -(-size_bytes.bit_length() // 7))
    return (size_bytes | _MARKERS[width - 1] << 8 * (width - 1)).to_bytes(width, "big")


def encode_sentence(words: Iterable[bytes]) -> bytes:
    """Raises `ValueError` for an empty word: it would end the sentence and begin another."""
    pieces: list[bytes] = []
    for word in words:
        size_bytes = len(word)
        if not size_bytes:
            raise ValueError("a word inside a sentence can't be empty")
        pieces.append(_ONE_BYTE[size_bytes] if size_bytes <= LARGEST_ONE_BYTE_LENGTH else encode_length(size_bytes))
        pieces.append(word)
    pieces.append(b"\0")
    return b"".join(pieces)
