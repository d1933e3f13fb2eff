"""One request to one device: what is asked of the router, and what its answer is to the one who asked."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec

from tikfleet.domains.jobs.public import Job, JobTarget, without_credentials
from tikfleet.routeros.export.secrets import HIDDEN, is_sensitive, without_secret
from tikfleet.routeros.rest.call import RestCall, RestRefused
from tikfleet.routeros.rest.menus import menus_of
from tikfleet.routeros.rest.plan import Outcome, Plan, Reply, plan, refusal_of, sensitive_free
from tikfleet.routeros.rest.script_text import Unreadable, mark_of, read_output
from tikfleet.routeros.values import RouterOSVersion

_OLD: Final = (7, 9)
_PRECONDITION_FAILED: Final = 412
_GATEWAY: Final = 502


class RestScripts(Protocol):
    """Writes plans as RouterOS text, for a tier of the agent (`A` to `D`)."""

    def question(self, made: Plan, tier: str, start: int) -> str:
        """The rows from `start` on, as one line that returns them."""
        ...

    def rest_job(self, made: Plan, tier: str, expected: str) -> str:
        """The same as a job; `expected` is the record's text as the caller has seen it, or empty."""
        ...


class Translation:
    """A request for a device of a version. Raises RestRefused when its menus alone refuse it."""

    def __init__(self, call: RestCall, version: str) -> None:
        self.call = call
        self.version = version
        self.plan = plan(call, menus_of(version))
        hidden = [name for name, value in call.body.items() if value == HIDDEN and self._is_secret(name)]
        if hidden:
            raise RestRefused(400, f"the value of {hidden[0]} stands for a secret that was not shown")

    def reply(self, outcome: Outcome, *, secrets: bool) -> Reply:
        """REST's answer. Raises RestRefused.

        Filters see what whoever asks may see: otherwise they would tell a secret guess by guess.
        """

        def shown(name: str, value: str) -> str:
            return self._shown(name, value, secrets=secrets)

        rows = [{name: shown(name, value) for name, value in row.items()} for row in outcome.rows]
        return sensitive_free(self.plan.reply(Outcome(rows, outcome.single, outcome.ret)), shown)

    def refused(self, error: str) -> RestRefused:
        """An error of the router."""
        return refused(self.plan, self.version, error)

    def of_job(self, job: Job, output: str, *, secrets: bool) -> Reply:
        """REST's answer from a job that has ended. Raises RestRefused."""
        mark = mark_of(output)
        if mark == "missing":
            raise self.plan.missing or RestRefused(404)
        if mark == "changed":
            raise RestRefused(_PRECONDITION_FAILED, "the record has changed meanwhile")
        if job.status != "succeeded":
            if job.reported:
                raise self.refused(job.error)
            raise RestRefused(_GATEWAY, f"the job is {job.status.replace('_', ' ')}: {job.error or 'no outcome came'}")
        if self.call.method == "DELETE":
            return Reply(204)
        try:
            stretch = read_output(output)
        except Unreadable as cause:
            raise RestRefused(_GATEWAY, f"it was done, but {cause}") from cause
        if stretch.following is not None:
            raise RestRefused(_GATEWAY, "the router has more than a job can bring: ask while it is in live mode")
        return self.reply(stretch.outcome, secrets=secrets)

    @property
    def audited(self) -> Mapping[str, Any]:
        """What the audit trail keeps: no secrets."""
        body = {name: self._shown(name, _text(value), secrets=False) for name, value in self.call.body.items()}
        return {"method": self.call.method, "path": "/" + "/".join(self.call.words), "body": body}

    def _is_secret(self, name: str) -> bool:
        return is_sensitive(self.plan.menu, name)

    def _shown(self, name: str, value: str, *, secrets: bool) -> str:
        if not secrets and name == "ret" and self.call.words[-1:] == ("get",):
            asked = self.call.body.get("value-name", "")
            return HIDDEN if not asked or self._is_secret(_text(asked)) else without_credentials(value)
        return visible(self.plan.menu, name, value, secrets=secrets)


def visible(menu: str, name: str, value: str, *, secrets: bool) -> str:
    """The value of a property as whoever asks may see it; Tikfleet's own credentials never show."""
    text = without_credentials(value)
    return text if secrets else without_secret(menu, name, text) or ""


def refused(made: Plan, version: str, error: str) -> RestRefused:
    """An error of a router's script in the words of REST."""
    try:
        parsed = RouterOSVersion.parse(version)
        old = (7, 0) < (parsed.major, parsed.minor) < _OLD
    except ValueError:
        old = False
    return refusal_of(without_credentials(error), made, old=old)


def _text(value: "str | list[str]") -> str:
    return value if isinstance(value, str) else ",".join(value)


def remembered(translation: Translation, device: JobTarget) -> dict[str, str]:
    """What a job has to know to answer later."""
    call = translation.call
    return {
        "method": call.method,
        "words": msgspec.json.encode(call.words).decode(),
        "filters": msgspec.json.encode(call.filters).decode(),
        "body": msgspec.json.encode(dict(call.body)).decode(),
        "version": device.version,
    }


def recalled(job: Job) -> Translation:
    """The translation of a job that was made for a request."""
    known = msgspec.json.decode(job.parameters, type=dict[str, str])
    call = RestCall(
        known["method"],
        msgspec.json.decode(known["words"], type=tuple[str, ...]),
        msgspec.json.decode(known["filters"], type=tuple[tuple[str, str], ...]),
        msgspec.json.decode(known["body"], type=dict[str, str | list[str]]),
    )
    return Translation(call, known["version"])
