"""What a running platform tells operators: every metric that is described, traces without secrets, logs without any."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.load import Owner, drained
from tests.unit.observability.receiver import Collector
from tikfleet.app.observability.names import METRICS

ONLY_THEN = {"tikfleet_backup_last_success_timestamp_seconds", "tikfleet_backup_last_size_bytes"}
ONLY_WITH_TLS = {"tikfleet_certificate_expiry_timestamp_seconds"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()


def report(owner: Owner, token: str, count: int) -> None:
    for number in range(1, count + 1):
        body = {"v": "1", "boot": "boot-a", "seq": str(number), "uptime": "1h", "cpu-load": "7"}
        answer = owner.http.post("/agent/v1/checkin", json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["ok"] is True


def families(url: str) -> dict[str, Any]:
    text = httpx.get(f"{url}/metrics", trust_env=False).text
    return {family.name: family for family in text_string_to_metric_families(text)}


@pytest.mark.slow
def test_a_platform_at_work_tells_what_is_described_and_no_secret(
    platform_process: Callable[..., Any], collector: Collector
) -> None:
    environment = {
        "TIKFLEET_OTLP_ENDPOINT": collector.url,
        "TIKFLEET_TRACE_CHECKINS_ONE_IN": "5",
        "TIKFLEET_LOG_LEVEL": "debug",
        "TIKFLEET_SLOW_QUERY_MS": "1",
    }
    platform = platform_process("data", **environment)
    platform.start()
    owner = Owner(platform.url, platform.said)
    (device,) = owner.devices(1)
    made = owner._post("/api/v1/tokens", {"name": "robot", "scopes": ["devices:read"]})
    owner.http.get("/api/v1/devices", headers={"Authorization": "Bearer tft_" + "0" * 49})
    owner.http.get("/api/v1/devices", params={"q": "wanted-text"}).raise_for_status()
    report(owner, device.token, 20)
    drained(platform.url)
    told = families(platform.url)
    cookies = list(owner.http.cookies.values())
    assert platform.terminate() == 0

    assert set(told) == set(METRICS) - ONLY_THEN - ONLY_WITH_TLS
    for name, family in told.items():
        # The texts of `process_…` are those of the library that measures them.
        text = METRICS[name].text if name.startswith("tikfleet_") else family.documentation
        assert (family.type, family.documentation) == (METRICS[name].kind, text)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(METRICS[name].labels)
    assert count_of(told, "tikfleet_checkin_duration_seconds") == 20
    assert count_of(told, "tikfleet_warehouse_duration_seconds") >= 1

    names = {span.name for span in collector.spans}
    assert {"GET /api/v1/devices", "checkin.stretch", "warehouse.append"} <= names
    assert sum(span.name == "POST agent" for span in collector.spans) in range(4, 7)

    # The console shows the set-up token once, to whoever started the platform: it is no line of the log.
    log = "\n".join(line for line in platform.said().splitlines() if line.startswith("{"))
    assert '"event": "request"' in log
    assert re.findall(r"tf[a-z]_[0-9A-Za-z]{20,}", log) == []
    secrets = [device.token, made["secret"], "twelve monkeys ride", *cookies]
    assert len(cookies) >= 1
    for secret in secrets:
        assert secret not in log
        assert not [body for body in collector.bodies if secret.encode() in body]
    assert not [body for body in collector.bodies if b"wanted-text" in body]


def count_of(told: dict[str, Any], name: str) -> float:
    return float(sum(sample.value for sample in told[name].samples if sample.name == f"{name}_count"))


@pytest.mark.slow
def test_a_platform_whose_disk_is_too_small_lives_and_is_not_ready(platform_process: Callable[..., Any]) -> None:
    platform = platform_process("data", TIKFLEET_DISK_RESERVE_MB="10000000")
    platform.launch()
    ends_at = time.monotonic() + 30
    while time.monotonic() < ends_at:
        try:
            alive = httpx.get(f"{platform.url}/healthz", trust_env=False)
            break
        except httpx.TransportError:
            time.sleep(0.05)
    ready = httpx.get(f"{platform.url}/readyz", trust_env=False)
    told = families(platform.url)
    platform.kill()

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert "nearly full" in ready.text
    assert [sample.value for sample in told["tikfleet_ready"].samples] == [0]
