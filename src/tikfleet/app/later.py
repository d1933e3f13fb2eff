"""Modules that few commands need and that take a second to import: the platform and its engines."""

from importlib import import_module
from types import ModuleType
from typing import Literal


def later(
    name: Literal["backups.work", "job_key_change", "measuring.work", "offline", "relocation.platform"],
) -> ModuleType:
    """A module of `tikfleet.app`, imported when it is asked for."""
    return import_module(f"tikfleet.app.{name}")
