"""Numbers that look random and are the same for the same router every time."""

from zlib import crc32

from tikfleet.virtual.menus.store import Store


def dice(store: Store, *words: str) -> int:
    """Between 0 and 2³² - 1, from who the router is and what is asked."""
    return crc32("/".join((store.profile.software_id, store.profile.serial, *words)).encode("utf-8", "surrogateescape"))


def mac(store: Store, *words: str) -> str:
    """A hardware address of the maker's range."""
    digits = f"488F5A{dice(store, 'mac', *words) & 0xFFFFFF:06X}"
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))
