"""Sentences of the binary API as a router reads and writes them. Text is UTF-8; other bytes come back as they were."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tikfleet.routeros.api.words import Sentence, encode_length
from tikfleet.virtual.menus.request import Refused, Row

API: Final = 5
_TAG: Final = b".tag="
_ROW: Final = b"\x03!re"
_DONE: Final = b"\x05!done"
_EMPTY: Final = b"\x06!empty"
_LENGTHS: Final = tuple(chr(size) for size in range(0x80))


@dataclass(frozen=True, slots=True)
class Asked:
    """One sentence taken apart. `ending` is what closes each of its replies: its tag and the empty word."""

    path: str
    arguments: dict[str, str]
    query: tuple[str, ...]
    absent: frozenset[str]
    ending: bytes
    fault: str = ""


def asked(sentence: Sentence) -> Asked:
    """Takes any words; what is wrong with them is told as `fault`, so that the refusal can carry the tag."""
    path = sentence[0].decode("utf-8", "surrogateescape")
    arguments: dict[str, str] = {}
    query: list[str] = []
    absent: list[str] = []
    ending = b"\0"
    fault = "" if path.startswith("/") else "no such command prefix"
    for word in sentence[1:]:
        text = word.decode("utf-8", "surrogateescape")
        if text[0] == "=":
            name, _, value = text[1:].partition("=")
            if name.startswith("!"):
                absent.append(name[1:])
            else:
                arguments[name] = value
        elif text[0] == "?":
            query.append(text[1:])
        elif word.startswith(_TAG):
            ending = encode_length(len(word)) + word + b"\0"
        elif text[0] != ".":
            # [unverified: what a router says to a word of no known kind]
            fault = fault or "unknown word in sentence"
    return Asked(path, arguments, tuple(query), frozenset(absent), ending, fault)


def rows(records: Iterable[Row], ending: bytes) -> bytes:
    """A `!re` for each record."""
    pieces: list[bytes] = []
    for record in records:
        pieces.append(_ROW)
        try:
            words = [f"={name}={value}" for name, value in record.items()]
            pieces.append("".join([_LENGTHS[len(word)] + word for word in words]).encode("ascii"))
        except (IndexError, UnicodeEncodeError):
            pieces.append(_attributes(record))
        pieces.append(ending)
    return b"".join(pieces)


def done(ending: bytes, ret: str | None = None) -> bytes:
    """A `!done`, with what the command returned."""
    return _DONE + ending if ret is None else _DONE + _attributes({"ret": ret}) + ending


def empty(ending: bytes) -> bytes:
    """What routers from 7.18 on say before `!done` when there was nothing to say."""
    return _EMPTY + ending


def trap(refused: Refused, ending: bytes) -> bytes:
    """A `!trap` without its `!done`."""
    found = {} if refused.category is None else {"category": str(refused.category)}
    return b"\x05!trap" + _attributes({**found, "message": refused.message}) + ending


def fatal(text: str) -> bytes:
    """The last sentence of a connection: a bare text, and no tag."""
    word = text.encode()
    return b"\x06!fatal" + encode_length(len(word)) + word + b"\0"


def _attributes(record: Mapping[str, str]) -> bytes:
    words = [f"={name}={value}".encode("utf-8", "surrogateescape") for name, value in record.items()]
    return b"".join([piece for word in words for piece in (encode_length(len(word)), word)])
