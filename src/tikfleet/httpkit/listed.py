"""Items of lists in a query. Of these Litestar checks what `Meta` says and describes what `QueryParameter` says."""

from typing import Annotated, Final

from litestar.params import QueryParameter
from msgspec import Meta

_NO_NUL: Final = r"^[^\x00]*$"
_PLAIN: Final = r"^[^\x00-\x1f\x7f]+$(?!\n)"
_WORD: Final = r"^[a-z0-9_.-]+$(?!\n)"

Short = Annotated[str, Meta(max_length=64, pattern=_NO_NUL), QueryParameter(max_length=64, pattern=_NO_NUL)]
Value = Annotated[
    str,
    Meta(min_length=1, max_length=100, pattern=_PLAIN),
    QueryParameter(min_length=1, max_length=100, pattern=_PLAIN),
]
Word = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=_WORD), QueryParameter(min_length=1, max_length=60, pattern=_WORD)
]
