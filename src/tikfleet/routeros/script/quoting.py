r"""RouterOS literals: the only way in which this platform turns values into script text.

The escapes are those of the manual's "Constant escape sequences": `\" \\ \n \r \t \$ \_ \a \b \f \v` and
two upper-case hex digits for any byte. RouterOS strings are bytes, so text goes out as UTF-8.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Final, TypeAlias

from tikfleet.routeros.values import format_duration

Address: TypeAlias = IPv4Address | IPv4Interface | IPv4Network | IPv6Address | IPv6Interface | IPv6Network
Scalar: TypeAlias = str | bytes | bool | int | timedelta | Address
Literal: TypeAlias = "Scalar | Sequence[Literal] | Mapping[str, Literal]"

_ADDRESS_TYPES: Final = (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)
_NAMED: Final = {0x22: '\\"', 0x5C: "\\\\", 0x24: "\\$", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}
_ESCAPED: Final = tuple(
    _NAMED.get(byte, chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:02X}")  # noqa: PLR2004 - printable ASCII
    for byte in range(256)
)


def quote(text: str | bytes) -> str:
    """One string literal that parses back to exactly this value, whatever bytes it holds.

    Plain ASCII without line breaks, so it survives a terminal, a scheduler entry and an `.rsc` file alike.
    """
    data = text.encode() if isinstance(text, str) else text
    return '"' + "".join([_ESCAPED[byte] for byte in data]) + '"'


def literal(value: Literal) -> str:
    """One value in the spelling of its type; a sequence or mapping becomes an array.

    An empty array has no literal of its own (`{}` is a block): it is written `[:toarray ""]`.
    """
    if isinstance(value, str | bytes):
        return quote(value)
    if isinstance(value, Mapping):
        return _array([f"{quote(key)}={literal(item)}" for key, item in value.items()])
    if isinstance(value, Sequence):
        return _array([literal(item) for item in value])
    return scalar(value)


def scalar(value: bool | int | timedelta | Address) -> str:
    """The bare spelling of a value that needs no quotes: `yes`, `42`, `1h30m`, `192.0.2.1/24`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, timedelta):
        return format_duration(value.total_seconds())
    if isinstance(value, _ADDRESS_TYPES):
        return str(value)
    raise ValueError(f"{type(value).__name__} has no RouterOS literal")


def comma_list(values: Sequence[Literal]) -> str:
    """One quoted literal for an argument that takes a list: `policy="read,write"`.

    Raises `ValueError` for an element that holds a comma, since RouterOS would take it for two, and for an array.
    """
    words = [_word(value) for value in values]
    torn = next((word for word in words if "," in word), None)
    if torn is not None:
        raise ValueError(f"{torn!r} holds a comma and cannot be one element of a list")
    return quote(",".join(words))


def _word(value: Literal) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Mapping | Sequence):
        raise ValueError("an array cannot be one element of a list")  # noqa: TRY004 - as for any value that has no form
    return scalar(value)


def _array(items: list[str]) -> str:
    return "{" + ";".join(items) + "}" if items else '[:toarray ""]'
