"""Both sides of the agent protocol against each other: what virtual routers send, read by the server's own readers."""

import msgspec
from small_fleet import NOON, routers

from tikfleet.domains.checkin.model import REPORTS, Report, plan_for
from tikfleet.domains.enrolment.model import EnrolRequest
from tikfleet.kernel.wireforms import Reader, form_of, write_answer
from tikfleet.virtual.light.conversation import Call
from tikfleet.virtual.light.encoding import decode_answer
from tikfleet.virtual.light.router import Router


def test_the_server_reads_every_router_that_there_is() -> None:
    enrolments = Reader(EnrolRequest, frozenset())
    for router in routers(400):
        call = next(router.session(NOON, "tfe_key"))
        assert isinstance(call, Call)
        asked = enrolments.read(form_of(call.media), call.body)
        assert asked.inventory.identity == router.machine.identity
        assert asked.inventory.serial_number == router.machine.blueprint.serial

        report = full_report(router)

        assert (report.boot, report.seq) == (router.machine.boot_id, 2)
        assert len(report.interfaces or []) == len(router.machine.links)
        assert report.inventory is not None
        assert report.neighbors is not None


def full_report(router: Router) -> Report:
    plan = msgspec.structs.replace(plan_for(60), wan=1, neighbors=1, inventory=1)
    answer = {"ok": True, "next": 60, "plan": msgspec.to_builtins(plan), "tags": {"inventory": "i1"}}
    router.learn(decode_answer(write_answer(form_of(router.media), answer)))
    found: Report = REPORTS.read(form_of(router.media), router.report(NOON + 60))
    return found
