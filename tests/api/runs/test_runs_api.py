"""Runs through the front door: made, approved, carried out by routers, halted, held, reported."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conformance.house import PASSWORD, House, Tenant
from tests.api.runs.conftest import Field

Fields = Callable[[int], Field]


def asked(field: Field, run: dict[str, Any]) -> list[str]:
    return [target["device_id"] for target in field.targets(run) if target["state"] == "asked"]


def test_a_run_goes_wave_by_wave_and_ends_when_everybody_has_answered(field: Fields) -> None:
    shop = field(4)
    run = shop.run(waves=[{"count": 1}, {"percent": 50}])
    assert (run["state"], [wave["size"] for wave in run["waves"]]) == ("planned", [1, 1, 2])
    assert not shop.tenant.items("/jobs")
    shop.do(run, "start")
    done: set[str] = set()
    for wave, total in ((1, 1), (2, 2), (3, 4)):
        shop.until(run, wave=wave, asked=total - len(done))
        for device_id in asked(shop, run):
            # The id of a job is kept before the job is made.
            shop.tenant.house.until(lambda device_id=device_id: shop.check_in(device_id))
            done.add(device_id)
    ended = shop.until(run, state="finished")
    assert ended["counts"]["succeeded"] == 4
    assert shop.tenant.get("/jobs", batch_id=run["id"])["total"] == 4
    assert [note["state"] for note in ended["history"]][:3] == ["planned", "scheduled", "running"]
    actions = {entry["action"] for entry in shop.tenant.items("/audit", target_id=run["id"])}
    assert {"run.created", "run.started", "run.begun", "run.advanced", "run.finished"} <= actions


def test_a_canary_that_fails_halts_the_run_and_retry_begins_with_it_again(field: Fields) -> None:
    shop = field(3)
    run = shop.run(waves=[{"count": 1}])
    shop.do(run, "start")
    shop.until(run, asked=1)
    canary = asked(shop, run)[0]
    shop.tenant.house.until(lambda: shop.check_in(canary, "failed"))
    halted = shop.until(run, state="halted")
    assert "1 of 1 devices of wave 1 failed" in halted["reason"]
    assert shop.tenant.get("/jobs", batch_id=run["id"])["total"] == 1
    assert shop.targets(run, state="failed")[0]["error"] == "no such item"
    shop.do(run, "retry")
    shop.until(run, asked=1, wave=1)
    assert asked(shop, run) == [canary]
    shop.tenant.house.until(lambda: shop.check_in(canary))
    shop.until(run, wave=2, asked=2)
    assert next(one for one in shop.targets(run) if one["device_id"] == canary)["attempt"] == 2


def test_a_pause_calls_back_what_no_device_has_begun_and_resume_asks_again(field: Fields) -> None:
    shop = field(2)
    run = shop.run(waves=[{"percent": 100}])
    shop.do(run, "start")
    shop.until(run, asked=2)
    shop.do(run, "pause", {"reason": "calls"})
    shop.until(run, state="paused", waiting=2)
    assert not any(shop.check_in(device_id) for device_id in shop.routers)
    shop.do(run, "resume")
    shop.until(run, asked=2)
    for device_id in shop.routers:
        shop.tenant.house.until(lambda device_id=device_id: shop.check_in(device_id))
    shop.until(run, state="finished", succeeded=2)


def test_a_cancelled_run_ends_for_everybody_and_stays_ended(field: Fields) -> None:
    shop = field(2)
    run = shop.run(waves=[{"count": 1}])
    shop.do(run, "start")
    shop.until(run, asked=1)
    shop.do(run, "cancel", {"reason": "wrong servers"})
    ended = shop.until(run, state="cancelled", cancelled=2)
    assert ended["reason"].endswith("wrong servers")
    for decision in ("start", "approve"):
        assert shop.refused(run, decision) == "run.state"
    for decision in ("pause", "resume", "cancel", "retry"):
        assert shop.refused(run, decision, {}) == "run.state"


def test_a_gate_waits_for_a_person(field: Fields) -> None:
    shop = field(2)
    run = shop.run(waves=[{"count": 1}, {"percent": 100, "gate": True}])
    shop.do(run, "start")
    shop.until(run, asked=1)
    canary = asked(shop, run)[0]
    shop.tenant.house.until(lambda: shop.check_in(canary))
    assert shop.until(run, state="paused")["held_by"] == "gate"
    shop.do(run, "resume")
    shop.until(run, wave=2, asked=1)


def test_a_run_waits_for_its_time_and_its_window(field: Fields) -> None:
    shop = field(1)
    later = shop.run(starts_at="2999-01-01T00:00:00Z")
    shop.do(later, "start")
    never = shop.run(window={"start": "00:00", "end": "00:01", "days": ["mon"], "timezone": "Pacific/Kiritimati"})
    shop.do(never, "start")
    ready = shop.run()
    shop.do(ready, "start")
    shop.until(ready, asked=1)
    assert shop.read(later)["state"] == "scheduled"
    assert shop.tenant.get("/jobs", batch_id=later["id"])["total"] == 0


def sign_in(house: House, tenant: Tenant, name: str, role: str) -> dict[str, str]:
    invited = tenant.made("/people", {"email": f"{name}{tenant.org_id}@acme.example", "name": name, "role": role})
    body = {"token": invited["invitation_token"], "name": name, "password": PASSWORD}
    answer = house.ask("POST", "/invitations/accept", body)
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"]}


def test_an_organisation_may_want_a_second_person_and_a_token_is_no_second_person(house: House, field: Fields) -> None:
    shop = field(1)
    tenant = shop.tenant
    assert tenant.ask("PATCH", "/settings", {"runs_need_approval": True}).status_code == 200
    eve, bob, viewer = (
        sign_in(house, tenant, *who) for who in (("Eve", "admin"), ("Bob", "admin"), ("Vic", "operator"))
    )
    body = {"name": "x", "script": ":put 1", "device_ids": sorted(shop.routers)}
    run = house.ask("POST", "/runs", body, headers=eve).json()
    assert run["needs_approval"]
    path = f"/runs/{run['id']}"
    assert house.ask("POST", f"{path}/start", headers=eve).json()["state"] == "awaiting_approval"
    token = house.ask("POST", "/tokens", {"name": "t", "scopes": ["runs:approve"]}, headers=eve).json()["secret"]
    for answer in (
        house.ask("POST", f"{path}/approve", headers=eve),
        house.ask("POST", f"{path}/approve", secret=token),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "run.approval-own")
    assert house.ask("POST", f"{path}/approve", headers=viewer).status_code == 403
    assert not tenant.items("/jobs")
    approved = house.ask("POST", f"{path}/approve", headers=bob)
    assert approved.status_code == 200, approved.text
    assert approved.json()["approved_by"]["name"] == "Bob"
    shop.until(run, asked=1)


def test_another_organisation_sees_and_touches_nothing(field: Fields, globex: Tenant) -> None:
    shop = field(1)
    run = shop.run()
    for method, path, body in (
        ("GET", "", None), ("GET", "/targets", None), ("GET", "/preview", None), ("GET", "/report", None),
        ("GET", "/report.csv", None), ("POST", "/plan", None), ("POST", "/start", None), ("POST", "/approve", None),
        ("POST", "/pause", {}), ("POST", "/resume", {}), ("POST", "/cancel", {}), ("POST", "/retry", {}),
    ):  # fmt: skip
        answer = globex.ask(method, f"/runs/{run['id']}{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "run.not-found"), path
    assert globex.items("/runs") == []
    stolen = globex.ask("POST", "/runs", {"name": "x", "script": ":put 1", "device_ids": sorted(shop.routers)})
    assert (stolen.status_code, stolen.json()["code"]) == (409, "run.contradictory")
    assert (
        globex.ask("POST", "/runs", {"name": "x", "script": ":put 1", "selection": {}}).json()["code"]
        == "run.no-devices"
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"script": None}, "run.contradictory"),
        ({"selection": {}}, "run.contradictory"),
        ({"device_ids": None}, "run.contradictory"),
        ({"waves": [{"count": 1, "percent": 1}]}, "run.contradictory"),
        ({"waves": [{}]}, "run.contradictory"),
        ({"window": {"start": "22:00", "end": "05:00", "timezone": "Mars/Base"}}, "run.contradictory"),
        ({"script": ":put ${x}"}, "run.contradictory"),
        ({"script": ':put "${device.name}"'}, "run.contradictory"),
        ({"parameters": [{"name": "x", "value": "1"}]}, "run.contradictory"),
        ({"script": ":put ${x}", "parameters": [{"name": "x", "value": "1", "type": "integer"}]}, "run.contradictory"),
        ({"script": "/ip address add ]"}, "run.not-writable"),
        ({"script": "/system scheduler add name=x on-event=${device.name}"}, "run.not-writable"),
        ({"kind": "reboot", "script": None, "job_class": "query"}, "run.contradictory"),
        ({"kind": "identity", "script": None}, "run.contradictory"),
        ({"starts_at": "2026-02-30T00:00:00Z"}, "time.unknown-day"),
        ({"joins_until": "2026-12-01T00:00:00Z"}, "run.contradictory"),
    ],
)
def test_parts_that_do_not_fit_make_no_run(field: Fields, body: dict[str, Any], code: str) -> None:
    shop = field(1)
    whole = {"name": "x", "script": ":put hello", "device_ids": sorted(shop.routers)} | body
    answer = shop.tenant.ask("POST", "/runs", {key: value for key, value in whole.items() if value is not None})
    assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
    assert answer.json()["remedy"]
    assert shop.tenant.items("/runs") == []


def test_what_the_check_refuses_may_be_sent_unchecked(field: Fields) -> None:
    shop = field(1)
    run = shop.run(script=":put (1", unchecked=True)
    preview = shop.tenant.items(f"/runs/{run['id']}/preview")[0]
    assert preview["error"] is None
    assert "error" in {remark["severity"] for remark in preview["remarks"]}


def test_a_preview_shows_the_exact_script_of_each_device(house: House, field: Fields) -> None:
    shop = field(2)
    hostile = '"; /system reset-configuration; "'
    run = shop.run(
        script=":put ${x}\n/system identity set name=${device.serial}", parameters=[{"name": "x", "value": hostile}]
    )
    previews = shop.tenant.items(f"/runs/{run['id']}/preview")
    assert len({preview["script"] for preview in previews}) == 2
    assert all(':put "\\"; /system reset-configuration; \\""\n' in preview["script"] for preview in previews)
    shop.do(run, "start")
    shop.until(run, asked=1)
    job = house.until(lambda: shop.tenant.items("/jobs", batch_id=run["id"]))[0]
    shown = next(preview for preview in previews if preview["device_id"] == job["device_id"])
    assert job["script"] == shown["script"]


def test_a_device_that_comes_to_match_joins_the_last_wave(house: House, field: Fields) -> None:
    shop = field(1)
    run = shop.run(device_ids=None, selection={}, joins_until="2999-01-01T00:00:00Z")
    late = Field(shop.tenant, 1)
    shop.do(run, "start")
    shop.until(run, asked=2, total=2)
    for one in (shop, late):
        for device_id in one.routers:
            shop.tenant.house.until(lambda one=one, device_id=device_id: one.check_in(device_id))
    shop.until(run, succeeded=2)
    assert shop.read(run)["state"] == "running"


def test_a_draft_is_planned_when_somebody_says_so(field: Fields) -> None:
    shop = field(1)
    run = shop.run(draft=True)
    assert (run["state"], run["total"]) == ("draft", 0)
    assert shop.refused(run, "start") == "run.state"
    assert shop.do(run, "plan")["total"] == 1
    assert shop.do(run, "plan")["total"] == 1
    shop.do(run, "start")
    assert shop.refused(run, "plan") == "run.state"


def test_a_report_names_every_device_and_runs_no_formula(field: Fields) -> None:
    shop = field(2)
    device_id = min(shop.routers)
    assert shop.tenant.ask("PATCH", f"/devices/{device_id}", {"name": '=cmd|" /C calc"!A0'}).status_code == 200
    run = shop.run()
    report = shop.tenant.get(f"/runs/{run['id']}/report")
    assert {target["device_id"] for target in report["targets"]} == set(shop.routers)
    text = shop.tenant.ask("GET", f"/runs/{run['id']}/report.csv").text
    assert "'=cmd" in text
    assert len(text.splitlines()) == 3


def test_targets_come_a_page_at_a_time_in_their_order(field: Fields) -> None:
    shop = field(3)
    run = shop.run(waves=[{"count": 1}])
    first = shop.tenant.get(f"/runs/{run['id']}/targets", limit=2)
    rest = shop.tenant.get(f"/runs/{run['id']}/targets", limit=2, cursor=first["next_cursor"])
    waves = [target["wave"] for target in [*first["items"], *rest["items"]]]
    assert (waves, rest["next_cursor"], first["total"]) == ([1, 2, 2], None, 3)


def test_values_of_parameters_do_not_reach_the_audit_trail(field: Fields) -> None:
    shop = field(1)
    run = shop.run(script=":put ${x}", parameters=[{"name": "x", "value": "correct horse battery"}])
    trail = shop.tenant.ask("GET", "/audit", params={"target_id": run["id"]}).text
    assert "run.created" in trail
    assert "correct horse" not in trail
