"""The Helm chart, linted and rendered by Helm's own engine."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tikfleet.app.settings import load_settings

CHART = ROOT / "deploy" / "helm" / "tikfleet"
FULL: dict[str, Any] = {
    "publicUrl": "https://fleet.example.com",
    "parts": "apart",
    "edges": 2,
    "settings": {"TIKFLEET_WAREHOUSE_URL": "clickhouse://tikfleet@telemetry:8123/tikfleet"},
    "secret": {"values": {"TIKFLEET_WAREHOUSE_PASSWORD": 'a "secret": yes'}},
    "tlsSecret": "routers-tls",
    "ingress": {"enabled": True, "host": "fleet.example.com", "tlsSecret": "people-tls"},
    "networkPolicy": {"from": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]},
}


def helm(values: dict[str, Any]) -> dict[str, Any]:
    if importlib.util.find_spec("helm_python") is None:
        pytest.skip("Helm's engine is not installed: the package helm-python-sdk brings it")
    said = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("rendering.py")), str(CHART)],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(said.stdout))


def objects(values: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """What would be made, by kind and name."""
    files = helm(values)["files"]
    found = [
        thing
        for name, text in files.items()
        if name.endswith(".yaml")
        for thing in yaml.safe_load_all(text)
        if thing is not None
    ]
    return {(thing["kind"], thing["metadata"]["name"]): thing for thing in found}


def pod(made: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    return dict(made["StatefulSet", "demo"]["spec"]["template"]["spec"])


@pytest.fixture(scope="module")
def small() -> dict[tuple[str, str], dict[str, Any]]:
    return objects({})


@pytest.fixture(scope="module")
def full() -> dict[tuple[str, str], dict[str, Any]]:
    return objects(FULL)


def test_helm_has_nothing_to_complain_of() -> None:
    complaints = [message for message in helm({})["lint"] if message["severity"] > 1]

    assert complaints == []


def test_every_container_is_held_down(
    small: dict[tuple[str, str], dict[str, Any]], full: dict[tuple[str, str], dict[str, Any]]
) -> None:
    for made in (small, full):
        spec = pod(made)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            held = container["securityContext"]
            assert held["readOnlyRootFilesystem"] is True
            assert held["allowPrivilegeEscalation"] is False
            assert held["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


def test_what_listens_is_probed(
    small: dict[tuple[str, str], dict[str, Any]], full: dict[tuple[str, str], dict[str, Any]]
) -> None:
    for made in (small, full):
        for container in pod(made)["containers"]:
            if "ports" in container:
                assert {"startupProbe", "livenessProbe"} <= set(container)
            if any(port["name"] == "http" for port in container.get("ports", [])):
                assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_settings_are_understood_and_secrets_are_in_a_secret(full: dict[tuple[str, str], dict[str, Any]]) -> None:
    secret = full["Secret", "demo-settings"]["stringData"]

    for container in pod(full)["containers"]:
        plain = {entry["name"]: entry["value"] for entry in container["env"]}
        assert "TIKFLEET_WAREHOUSE_PASSWORD" not in plain
        assert container["envFrom"] == [{"secretRef": {"name": "demo-settings"}}]
        settings = load_settings(plain | secret)
        assert (settings.warehouse_password, settings.edges) == ('a "secret": yes', 2)


def test_edges_have_no_key_that_makes_jobs(full: dict[tuple[str, str], dict[str, Any]]) -> None:
    parts = {container["name"]: container for container in pod(full)["containers"]}

    assert set(parts) == {"worker", "api", "edge-1", "edge-2"}
    for name, container in parts.items():
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        assert ("/keys" in mounts) == (not name.startswith("edge"))


def test_routers_are_let_in_also_while_the_pod_is_not_ready(small: dict[tuple[str, str], dict[str, Any]]) -> None:
    service = small["Service", "demo-routers"]["spec"]

    assert service["publishNotReadyAddresses"] is True
    assert service["ports"][0]["targetPort"] == "https"


def test_what_is_selected_is_the_pod(full: dict[tuple[str, str], dict[str, Any]]) -> None:
    labels = full["StatefulSet", "demo"]["spec"]["template"]["metadata"]["labels"].items()
    budget = full["PodDisruptionBudget", "demo"]["spec"]

    assert budget["maxUnavailable"] == 1
    assert full["NetworkPolicy", "demo"]["spec"]["podSelector"]["matchLabels"].items() <= labels
    assert budget["selector"]["matchLabels"].items() <= labels
    for name in ("demo", "demo-routers"):
        assert full["Service", name]["spec"]["selector"].items() <= labels


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": "scattered"},
        {"publicUrl": "http://fleet.example.com"},
        {"settings": {"PASSWORD": "x"}},
        {"ingress": {"enabled": True}},
        {"replicas": 3},
    ],
)
def test_values_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    assert "wrong" in helm(wrong)
