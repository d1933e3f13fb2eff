"""Text of routers made harmless: routers name themselves what they like, also in escape sequences and formulas."""

import unicodedata
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_BREAKS: Final = "\n\t"


def harmless(text: str, *, multiline: bool = False) -> str:
    """The text with whatever would move the cursor, colour, reorder or hide other text shown as its number.

    With `multiline` line feeds and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character, multiline) for character in text)


def json_safe(text: str) -> str:
    """JSON text with such characters escaped, as JSON allows inside strings; the line feeds between its lines stay."""
    if text.isascii():
        return text
    return "".join(
        character if character == "\n" or not _is_dangerous(character) else _escaped(character) for character in text
    )


def cell(value: object) -> object:
    """A value for CSV: text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP)."""
    if not isinstance(value, str):
        return value
    text = harmless(value)
    return "'" + text if value.lstrip(" ").startswith(_FORMULA) else text


def _shown(character: str, multiline: bool) -> str:
    if not _is_dangerous(character) or (multiline and character in _BREAKS):
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}"  # noqa: PLR2004 - one byte


def _is_dangerous(character: str) -> bool:
    # Cc: control; Cf: direction marks and zero widths; Cs, Co, Cn: nothing that a terminal can show.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place] << 8 | units[place + 1]:04x}" for place in range(0, len(units), 2))
