"""From a request to what is wanted of a run: whether its parts fit each other, and the values that it stands for."""

from typing import Final

from tikfleet.domains.jobs.public import JobContradictory, Window, require_class, require_conditions
from tikfleet.domains.runs.errors import RunContradictory
from tikfleet.domains.runs.rendering import Rendering
from tikfleet.domains.runs.schemas import RunCreate, RunWave
from tikfleet.domains.runs.spec import Change, Limits, MenuState, Parameter, RunSpec, WaveWish
from tikfleet.httpkit.moments import moment_of
from tikfleet.kernel.clock import to_text

_DEFAULT_WAVES: Final = (WaveWish(count=1), WaveWish(percent=5), WaveWish(percent=25), WaveWish(percent=100))


def spec_of(create: RunCreate) -> RunSpec:
    """Raises RunContradictory, and MomentUnknown for a day that is not in the calendar."""
    _require_parts(create)
    spec = RunSpec(
        change=_change(create),
        description=create.description,
        device_ids=None if create.device_ids is None else tuple(create.device_ids),
        selection=create.selection,
        joins_until=_moment(create.joins_until),
        waves=tuple(_wave(number, wave) for number, wave in enumerate(create.waves)) or _DEFAULT_WAVES,
        limits=Limits(
            create.limits.failures, create.limits.percent, create.limits.wave_failures, create.limits.wave_percent
        ),
        silence_s=create.silence_s,
        starts_at=_moment(create.starts_at),
        window=_window(create),
    )
    Rendering(spec.change)
    return spec


def _require_parts(create: RunCreate) -> None:
    if (create.device_ids is None) == (create.selection is None):
        raise RunContradictory("give either device_ids or selection")
    if create.joins_until is not None and create.selection is None:
        raise RunContradictory("joins_until is given with selection: only a selection can come to match others")
    if (create.kind == "script") != (create.script is not None):
        raise RunContradictory("script is given for the kind script, and only for it")
    if (create.kind == "menu") != (create.desired is not None):
        raise RunContradictory("desired is given for the kind menu, and only for it")
    names = [parameter.name for parameter in create.parameters]
    if len(set(names)) < len(names):
        raise RunContradictory("a parameter is given twice")
    try:
        if create.confirm is not None:
            require_class(create.kind, create.job_class, confirmed=True)
        job_class = _change(create).effective_class
        require_conditions(create.kind, job_class, retries=create.retry is not None, backs_up=create.backup_first)
    except JobContradictory as cause:
        raise RunContradictory(cause.detail) from cause
    if create.unchecked and create.kind not in ("script", "menu"):
        raise RunContradictory("unchecked is given for the kinds script and menu, and only for them")


def _change(create: RunCreate) -> Change:
    desired = create.desired
    return Change(
        kind=create.kind,
        script=create.script,
        desired=None if desired is None else MenuState(desired.menu, desired.values, desired.match),
        parameters=tuple(Parameter(one.name, one.value, one.type) for one in create.parameters),
        job_class=create.job_class,
        unchecked=create.unchecked,
        timeout_s=create.timeout_s,
        confirm_s=create.confirm.within_s if create.confirm else 0,
        retry_attempts=create.retry.attempts if create.retry else 0,
        retry_pause_s=create.retry.pause_s if create.retry else 0,
        backup_first=create.backup_first,
        expires_in_s=create.expires_in_s,
    )


def _wave(number: int, wave: RunWave) -> WaveWish:
    if (wave.count is None) == (wave.percent is None):
        sentence = "a wave has either count or percent"
        raise RunContradictory(sentence, fields={f"/waves/{number}": sentence})
    return WaveWish(wave.count, wave.percent, wave.pause_s, wave.gate)


def _window(create: RunCreate) -> Window | None:
    try:
        return create.window.window() if create.window else None
    except ValueError as cause:
        raise RunContradictory(str(cause), fields={"/window/timezone": str(cause)}) from cause


def _moment(text: str | None) -> str | None:
    return None if text is None else to_text(moment_of(text))
