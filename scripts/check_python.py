"""Refuse an interpreter that is too old, in a sentence."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything is checked
    found = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"Tikfleet needs Python 3.11 or newer; {sys.executable} is {found}. Try: make PYTHON=python3.12 …")
