from protocol_stub import KEY, PLAN, Job, Stub
from small_fleet import NOON, Talk

from tikfleet.virtual.light.router import Router


def enrolled(talk: Talk, router: Router) -> Router:
    assert talk(router).kind == "enrolled"
    assert talk(router, NOON + 60).kind == "ok"
    return router


def test_a_router_of_any_tier_enrols_and_then_reports(any_tier: Router, talk: Talk, stub: Stub) -> None:
    assert talk(any_tier).kind == "enrolled"
    device = stub.devices["dev_1"]
    assert any_tier.token == device.token

    ending = talk(any_tier, NOON + 60)

    assert (ending.kind, ending.next_s) == ("ok", 60)
    first = device.reports[device.order[0]]
    assert first.get("plan", "") == ""
    assert "interfaces" not in first


def test_after_the_plan_has_come_its_sections_are_sent(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    talk(any_tier, NOON + 120)

    second = stub.devices["dev_1"].reports[stub.devices["dev_1"].order[1]]

    assert second["plan"] == PLAN["tag"]
    assert len(second["interfaces"]) == len(any_tier.machine.links)
    assert "wan-address" in second
    assert second["inventory"]["board-name"] == any_tier.machine.blueprint.board.board_name


def test_a_section_is_sent_every_so_many_reports(fleet: list[Router], talk: Talk, stub: Stub) -> None:
    router = next(r for r in fleet if r.tier == "A" and r.machine.blueprint.serial)
    enrolled(talk, router)
    for turn in range(2, 8):
        talk(router, NOON + turn * 60)

    device = stub.devices["dev_1"]
    sent = ["health" in device.reports[key] for key in device.order]

    assert sent == [False, False, True, False, True, False, True]


def test_inventory_and_neighbours_are_not_sent_again_unless_they_changed(
    any_tier: Router, talk: Talk, stub: Stub
) -> None:
    enrolled(talk, any_tier)
    talk(any_tier, NOON + 120)
    device = stub.devices["dev_1"]
    talk(any_tier, NOON + 180)
    quiet = device.reports[device.order[-1]]
    assert "inventory" not in quiet
    assert "neighbors" not in quiet
    assert quiet["tags"]["inventory"] == device.tag

    any_tier.machine.rename("renamed")
    talk(any_tier, NOON + 240)

    assert device.inventory["identity"] == "renamed"
    assert "neighbors" in device.reports[device.order[-1]]


def test_what_the_server_wants_is_sent_in_full(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    talk(any_tier, NOON + 120)
    stub.extra = {"want": "inventory neighbors"}
    talk(any_tier, NOON + 180)
    stub.extra = {}
    talk(any_tier, NOON + 240)

    device = stub.devices["dev_1"]
    assert {"inventory", "neighbors"} <= device.reports[device.order[-1]].keys()


def test_a_lost_answer_makes_the_next_report_repeat_its_number(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    assert talk(any_tier, NOON + 120, lose="/checkin").kind == "unanswered"
    assert talk(any_tier, NOON + 130).kind == "ok"

    device = stub.devices["dev_1"]
    assert device.repeats == 1
    assert [seq for _, seq in device.order] == [1, 2, 2]


def test_an_unanswered_router_asks_later_each_time(any_tier: Router, talk: Talk) -> None:
    enrolled(talk, any_tier)
    waits = [talk(any_tier, NOON + 120 + n, lose="/checkin").next_s for n in range(5)]
    assert waits == [10, 20, 40, 60, 60]


def test_a_reboot_begins_a_new_boot_and_forgets_the_plan(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    old = any_tier.machine.boot_id
    any_tier.reboot(NOON + 100)
    talk(any_tier, NOON + 120)

    device = stub.devices["dev_1"]
    boot, seq = device.order[-1]
    assert (boot != old, seq) == (True, 1)
    assert device.reports[boot, seq].get("plan", "") == ""


def test_a_new_token_is_used_and_the_old_one_kept_until_it_works(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    old, new = any_tier.token, "tfd_" + "z" * 49
    stub.devices["dev_1"].next_token = new
    talk(any_tier, NOON + 120)
    assert (any_tier.token, any_tier.previous) == (new, old)

    talk(any_tier, NOON + 180)

    assert (any_tier.token, any_tier.previous) == (new, "")
    assert stub.devices["dev_1"].token == new


def test_a_refused_key_is_not_an_enrolment(any_tier: Router) -> None:
    session = any_tier.session(NOON, "tfe_wrong")
    call = next(session)
    assert call.credential == "tfe_wrong"  # type: ignore[union-attr]
    assert any_tier.token == ""


def test_removal_ends_a_router(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    stub.extra = {"remove": True}
    assert talk(any_tier, NOON + 120).kind == "removed"
    assert any_tier.removed


def test_a_wanted_agent_version_is_fetched(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    stub.extra = {"agent": "1.2.0"}
    talk(any_tier, NOON + 120)
    stub.extra = {}
    talk(any_tier, NOON + 180)

    device = stub.devices["dev_1"]
    assert device.reports[device.order[-1]]["agent"] == f"1.2.0/{any_tier.tier}"


def give(stub: Stub, script: str, job_class: str = "query") -> Job:
    stub.jobs["job_1"] = Job(script, job_class)
    stub.queue.append("job_1")
    return stub.jobs["job_1"]


def test_a_job_is_fetched_run_and_told(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    job = give(stub, ':put "one"\n:put [/system identity get name]')
    talk(any_tier, NOON + 120)

    assert job.starts == 1
    assert job.result is not None
    assert job.result["state"] == "succeeded"
    assert job.result["output"] == f"one\n{any_tier.machine.identity}\n"
    assert any_tier.job.is_closed


def test_a_change_that_is_to_be_confirmed_waits_for_it(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    guard = "# Tikfleet: a restore point is saved\n{\n:put armed\n}\n# Tikfleet job: script\n"
    job = give(stub, guard + "{\n:put one\n}\n")
    talk(any_tier, NOON + 120)
    assert job.result is not None
    assert job.result["state"] == "changed"

    for minute in range(3, 6):
        talk(any_tier, NOON + 60 * minute)

    assert job.told == ["changed", "confirmed"]
    assert any_tier.job.is_closed


def test_an_outcome_whose_answer_was_lost_is_told_again(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    job = give(stub, ':put "one"')
    stub.deaf_to_results = 2
    talk(any_tier, NOON + 120)
    assert not any_tier.job.is_closed
    talk(any_tier, NOON + 180)  # the result again, unheard; the report's job group is acknowledged

    assert any_tier.job.is_closed
    assert job.result is not None
    assert job.starts == 1


def test_a_once_job_does_not_run_when_its_start_was_not_heard(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    name = any_tier.machine.identity
    job = give(stub, '/system identity set name="never"', "once")
    talk(any_tier, NOON + 120, lose="/started")

    assert any_tier.machine.identity == name
    assert job.result is not None
    assert job.result["state"] == "failed"


def test_a_reboot_job_is_reported_as_started_from_the_next_boot(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    give(stub, "/system reboot", "once")
    old = any_tier.machine.boot_id
    talk(any_tier, NOON + 120)
    assert any_tier.restarts_in_s == 0
    any_tier.reboot(NOON + 150)
    talk(any_tier, NOON + 180)

    device = stub.devices["dev_1"]
    last = device.reports[device.order[-1]]
    assert last["job"] == {"id": "job_1", "state": "started"}
    assert last["boot"] != old


def test_an_ordered_reboot_is_told_before_it_happens(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    job = give(stub, ':execute script=":delay 15s; /system/reboot"', "once")
    talk(any_tier, NOON + 120)

    assert job.result is not None
    assert job.result["state"] == "succeeded"
    assert any_tier.restarts_in_s == 15


def test_a_file_goes_out_in_parts_where_a_router_can_read_one(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    job = give(stub, ':export file="tikfleet-output"')
    talk(any_tier, NOON + 120)

    assert job.result is not None
    reads = any_tier.tier in "AB"
    assert job.result.get("parts", "0") == ("1" if reads else "0")
    assert (b"/system identity" in b"".join(job.parts.values())) is reads


def test_a_script_that_came_in_part_is_not_run(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    job = give(stub, ':put "one"')
    stub.extra = {"job": {"id": "job_1", "class": "query", "timeout": 60, "size": 3}}
    stub.queue.clear()
    talk(any_tier, NOON + 120)
    assert job.starts == 0


def test_a_job_that_is_done_is_not_run_again(any_tier: Router, talk: Talk, stub: Stub) -> None:
    enrolled(talk, any_tier)
    job = give(stub, ':put "one"')
    talk(any_tier, NOON + 120)
    stub.queue.append("job_1")
    talk(any_tier, NOON + 180)
    assert job.starts == 1


def test_the_key_is_what_an_enrolment_presents(fleet: list[Router]) -> None:
    call = next(fleet[0].session(NOON, KEY))
    assert (call.path, call.credential) == ("/agent/v1/enrol", KEY)  # type: ignore[union-attr]
