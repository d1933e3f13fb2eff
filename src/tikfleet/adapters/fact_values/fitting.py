"""Values as columns can hold them. Hostile reports end here, and must never stop the rows beside them."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from tikfleet.ports.warehouse import Kind

_F32_MAX: Final = 3.4028234663852886e38
_FLOATS: Final[Mapping[Kind, float]] = {Kind.F32: _F32_MAX, Kind.F64: math.nextafter(math.inf, 0)}
_WHOLE: Final[Mapping[Kind, tuple[int, int]]] = {
    Kind.FLAG: (0, 2**8 - 1),
    Kind.U8: (0, 2**8 - 1),
    Kind.U16: (0, 2**16 - 1),
    Kind.U32: (0, 2**32 - 1),
    Kind.U64: (0, 2**64 - 1),
    Kind.I16: (-(2**15), 2**15 - 1),
    Kind.I32: (-(2**31), 2**31 - 1),
    Kind.I64: (-(2**63), 2**63 - 1),
    Kind.MOMENT: (-(2**63), 2**63 - 1),
}


def fitting(kind: Kind) -> Callable[[Any], Any]:
    """What turns any value into the nearest number that a column of this kind holds; what is no number becomes 0."""
    whole = kind in _WHOLE
    least, most = _WHOLE[kind] if whole else (-_FLOATS[kind], _FLOATS[kind])

    def fit(value: Any) -> Any:
        if not isinstance(value, (int, float)) or is_nan(value):
            return 0
        bounded = min(max(value, least), most)
        return int(bounded) if whole else bounded

    return fit


def is_nan(value: Any) -> bool:
    """Whether a value is NaN, whatever its type."""
    return bool(value != value)  # noqa: PLR0124 - NaN is the one value that differs from itself
