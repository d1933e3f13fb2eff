"""What the application may use of the library."""

from tikfleet.domains.library.service import Library

__all__ = ["Library"]
