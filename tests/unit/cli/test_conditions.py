from api_stub import Stub

BATCH = {"batch_id": "bat_01m3k5x0v7q2a9bc", "count": 1, "items": [], "checks": []}


def test_conditions_of_a_job_reach_the_server(run, stub: Stub) -> None:
    stub.answers |= {("POST", "/jobs"): (201, BATCH)}
    result = run(
        "run", "/ip dns set servers=192.0.2.53", "--all", "--class", "desired-state", "--window", "22:00-05:00",
        "--timezone", "Europe/Riga", "--attempts", "3", "--pause-s", "30", "--backup-first", "--notify",
        "https://hooks.acme.example/",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    asked = stub.asked("POST", "/jobs")[0]
    assert asked["window"] == {"start": "22:00", "end": "05:00", "timezone": "Europe/Riga"}
    assert asked["retry"] == {"attempts": 3, "pause_s": 30}
    assert (asked["backup_first"], asked["notify_url"]) == (True, "https://hooks.acme.example/")


def test_without_conditions_none_are_sent(run, stub: Stub) -> None:
    stub.answers |= {("POST", "/jobs"): (201, BATCH)}
    assert run("run", ":put hello", "--all").exit_code == 0
    assert {"window", "retry", "backup_first", "notify_url"}.isdisjoint(stub.asked("POST", "/jobs")[0])
