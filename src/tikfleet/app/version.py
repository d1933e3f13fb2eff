"""The version of this program, as its package says."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("tikfleet")
except PackageNotFoundError:
    VERSION = "0.0.0"
