"""What RouterOS would say of the scripts of a run, for the version of each device. CPU work: call it in a thread."""

import time
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from tikfleet.domains.inventory.public import DeviceValues
from tikfleet.domains.jobs.public import Running, running_of
from tikfleet.domains.runs.rendering import Rendered, Rendering
from tikfleet.domains.runs.template import TemplateFault
from tikfleet.routeros.check.checker import check
from tikfleet.routeros.check.remark import Remark, Severity


class Faults:
    """Why devices can't take the change, by device, and how many were looked at."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}
        self.looked_at = 0


class Checking:
    """Writes and checks a change for devices. Each text is checked once for each version."""

    def __init__(self, rendering: Rendering, protected: AbstractSet[str], *, unchecked: bool) -> None:
        self._rendering = rendering
        self._protected = protected
        self._unchecked = unchecked
        self._known: dict[tuple[str, Running], list[Remark]] = {}

    def look(self, device: DeviceValues) -> tuple[Rendered | None, str, list[Remark]]:
        """What the device would be asked, why it can't be (or nothing), and the remarks for its version."""
        try:
            rendered = self._rendering.write(device)
        except TemplateFault as cause:
            return None, str(cause), []
        remarks = [] if rendered.script is None else self._remarks(rendered.script, running_of(device.version))
        errors = [remark for remark in remarks if remark.severity is Severity.ERROR]
        if errors and not self._unchecked:
            return rendered, refusal(running_of(device.version), errors), remarks
        return rendered, "", remarks

    def faults(self, devices: Sequence[DeviceValues], patience_s: float) -> Faults:
        """Look at devices until the patience ends, at one of each version in any case."""
        found = Faults()
        ends_at = time.monotonic() + patience_s
        versions = len({device.version for device in devices})
        for number, device in enumerate(_versions_first(devices)):
            if number >= versions and time.monotonic() > ends_at:
                break
            found.looked_at += 1
            _, fault, _ = self.look(device)
            if fault:
                found.of[device.id] = fault
        return found

    def _remarks(self, script: str, running: Running) -> list[Remark]:
        key = (script, running)
        if key not in self._known:
            self._known[key] = check(script, running.version, self._protected)
        return self._known[key]


def refusal(running: Running, errors: Sequence[Remark]) -> str:
    """One sentence of the first thing that RouterOS would refuse."""
    first = min(errors, key=lambda remark: (remark.line, remark.column))
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    assumed = " (assumed for want of a known version)" if running.assumed else ""
    return (
        f"RouterOS {running.version}{assumed} would refuse line {first.line} column {first.column}: "
        f"{first.sentence}{more}"
    )


def _versions_first(devices: Sequence[DeviceValues]) -> Iterable[DeviceValues]:
    """One device of each version, then the others."""
    first: dict[str, DeviceValues] = {}
    for device in devices:
        first.setdefault(device.version, device)
    chosen = {device.id for device in first.values()}
    return [*first.values(), *(device for device in devices if device.id not in chosen)]
