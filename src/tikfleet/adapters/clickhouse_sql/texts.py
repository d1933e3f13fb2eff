r"""Texts in which words are looked for: the indexes that say which stretches of rows can't have them, and conditions.

An index leaves stretches out only where a condition has its very expression, so a condition may stand here twice:
first as it is cheap for a row, then as the index knows it, for the rows that are left.

- `words`: a Bloom filter of the words of a stretch; 0.8 bytes a row. It can't tell words that are never in one row.
- `shapes`: the differing rows of a stretch without digits and a to f, hence without addresses and numbers: some few
  where the rows are what programs write, and then they tell whether words stand together. 0.01 bytes a row.
- `addresses`: a Bloom filter of the IPv4 addresses, whose numbers alone are in nearly every stretch. 0.3 bytes a row.
"""

from collections.abc import Iterator
from typing import Final

from tikfleet.ports.warehouse import Column, Holds, addresses_of, words_of

_LEFT_OUT: Final = "0123456789abcdef"
_LOWERED: Final = "ghijklmnopqrstuvwxyz"
_SHAPE: Final = f"translate({{}}, '{_LOWERED.upper()}{_LEFT_OUT}ABCDEF', '{_LOWERED}')"
_ADDRESSES: Final = r"extractAll({}, '[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+')"
_WITHOUT: Final = str.maketrans("", "", _LEFT_OUT)

Texts = dict[str, str]


def indexes(column: Column) -> Iterator[tuple[str, str]]:
    """Name and definition of each index of a column that is searched."""
    name = column.name
    if column.searched:
        yield f"{name}_words", f"lower({name}) TYPE tokenbf_v1(6656, 4, 0) GRANULARITY 1"
        yield f"{name}_shapes", f"{_SHAPE.format(name)} TYPE set(512) GRANULARITY 2"
        yield f"{name}_addresses", f"{_ADDRESSES.format(name)} TYPE bloom_filter(0.05) GRANULARITY 2"


class TextConditions:
    """The conditions of one question, and their parameters."""

    def __init__(self, *, listing: bool) -> None:
        # A count reads what holds common words anyway, and would pay for their shapes in each row.
        self._shaped = listing
        self.parameters: Texts = {}
        self._searched: dict[str, list[str]] = {}

    def held(self, column: Column, wanted: Holds) -> str:
        """What a row meets."""
        texts = (wanted.text, *wanted.others)
        alternatives = [self._row(column.name, text) for text in texts]
        if column.searched and not wanted.absent and not wanted.others:
            self._searched.setdefault(column.name, []).append(wanted.text)
        condition = alternatives[0] if len(alternatives) == 1 else " OR ".join(f"({one})" for one in alternatives)
        return f"NOT ({condition})" if wanted.absent else f"({condition})"

    def indexed(self) -> Iterator[str]:
        """What every row meets that meets all the others, as the indexes know it."""
        for column, texts in self._searched.items():
            phrases = [text.strip().lower() for text in texts]
            for address in dict.fromkeys(found for phrase in phrases for found in addresses_of(phrase)):
                yield f"has({_ADDRESSES.format(column)}, {self._given(address)})"
            if self._shaped and (shapes := _shapes(phrases)):
                given = ", ".join(map(self._given, shapes))
                yield f"arrayMin(multiSearchAllPositions({_SHAPE.format(column)}, [{given}])) > 0"

    def _row(self, column: str, text: str) -> str:
        """Every word, and a text of several as it stands."""
        phrase, words = text.strip().lower(), words_of(text)
        parts = [f"position(lower({column}), {self._given(phrase)}) > 0"] if phrase and words != [phrase] else []
        # Numbers of an address are nearly everywhere: of the column itself, they keep the index of words out of it.
        numbers = {number for address in addresses_of(phrase) for number in address.split(".")}
        for word in dict.fromkeys(words):
            expression = column if word in numbers else f"lower({column})"
            parts.append(f"hasToken({expression}, {self._given(word)})")
        return " AND ".join(parts) or "1"

    def _given(self, text: str) -> str:
        parameter = f"t{len(self.parameters)}"
        self.parameters[parameter] = text
        return f"{{{parameter}:String}}"


def _shapes(phrases: list[str]) -> list[str]:
    """What the shape of a row with all these holds; nothing where it is but one word, which has its own index."""
    if len({word for phrase in phrases for word in words_of(phrase)}) <= 1:
        return []
    left = sorted({phrase.translate(_WITHOUT) for phrase in phrases}, key=len, reverse=True)
    return [one for place, one in enumerate(left) if one and not any(one in longer for longer in left[:place])]
