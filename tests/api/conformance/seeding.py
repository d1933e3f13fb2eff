"""What a test's organisation begins with: sites, keys, routers in each state, all made through the front door."""

from collections.abc import Awaitable, Callable
from typing import Any

Ask = Callable[..., Awaitable[Any]]
VERSIONS = ("7.20.1", "7.18.2", "6.49.18")
MODELS = ("C52iG-5HaxD2HaxD", "RB5009UG+S+", "hEX S")


def enrolment_of(number: int, serial: str = "", identity: str = "") -> dict[str, Any]:
    """What a router says when it enrols."""
    return {
        "v": 1,
        "inventory": {
            "identity": identity or f"branch-{number:03}",
            "serial-number": serial or f"HE1{number:08}",
            "board-name": "hAP ax2",
            "model": MODELS[number % 3],
            "architecture-name": ("arm64", "arm")[number % 2],
            "version": VERSIONS[number % 3],
        },
        "probe": {"clock": "2026-11-23 04:20:11", "fetch": "yes", "scheduler": "yes"},
    }


def report_of(number: int, seq: int) -> dict[str, Any]:
    """What a router reports at a check-in."""
    return {
        "v": 1,
        "boot": f"boot{number}",
        "seq": seq,
        "uptime": 3600 + seq * 60,
        "cpu-load": number % 7 * 10,
        "free-memory": 500_000_000,
        "interfaces": [
            {"name": "ether1", "type": "ether", "running": True, "rx-byte": seq * 1_000_000, "tx-byte": seq * 10_000}
        ],
        "wireless": [{"interface": "wifi1", "mac-address": "48:A9:8A:00:00:01", "ssid": "branch", "signal": "-60"}],
        "neighbors": [{"interface": "ether1", "address": "192.0.2.1", "identity": "core", "discovered-by": "mndp"}],
    }


async def fill(ask: Ask, routers: int = 6) -> dict[str, Any]:
    """Sites, groups, keys, routers that wait, report and never did, jobs: through `ask(method, path, body, secret)`."""
    group = await ask("POST", "/api/v1/site-groups", {"name": "Baltics"})
    site = await ask("POST", "/api/v1/sites", {"name": "Riga", "site_group_id": group["id"]})
    key = await ask("POST", "/api/v1/enrolment-keys", {"name": "Field", "site_id": site["id"], "tags": ["field"]})
    gated = await ask("POST", "/api/v1/enrolment-keys", {"name": "Gated", "needs_approval": True})
    devices = []
    for number in range(routers):
        secret = (key if number % 3 else gated)["secret"]
        answer = await ask("POST", "/agent/v1/enrol", enrolment_of(number), secret)
        devices.append(answer["device"])
        if number % 3 == 1:
            for seq in (1, 2):
                await ask("POST", "/agent/v1/checkin", report_of(number, seq), answer["token"])
    jobs = await ask("POST", "/api/v1/jobs", {"kind": "reboot", "device_ids": [devices[1]]})
    token = await ask("POST", "/api/v1/tokens", {"name": "spare", "scopes": ["devices:read"]})
    person = await ask("POST", "/api/v1/people", {"email": "pat@acme.example", "name": "Pat", "role": "viewer"})
    return {
        "group": group, "site": site, "key": key, "gated": gated, "devices": devices, "token": token, "person": person,
        "job": jobs["items"][0],
    }  # fmt: skip
