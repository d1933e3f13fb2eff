"""What answers tell browsers, caches and strangers."""

import ipaddress
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conformance.house import House, Tenant
from tikfleet.app.pages import Pages
from tikfleet.app.settings import SettingsWrong, load_settings
from tikfleet.httpkit.gateway import source_address, within

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/", "/devices", "/nothing.txt", "/api/v1/session", "/api/v1/sites", "/api/v1/x"])
def test_every_answer_carries_the_headers_that_protect_a_browser(house: House, path: str) -> None:
    headers = house.fetch(path).headers
    assert ALWAYS.items() <= dict(headers).items()
    assert "server" not in headers
    assert "x-powered-by" not in headers


def test_no_cache_keeps_what_the_api_answers(acme: Tenant) -> None:
    site = acme.made("/sites", {"name": "Riga"})
    for answer in (
        acme.ask("GET", "/sites"),
        acme.ask("GET", f"/sites/{site['id']}"),
        acme.ask("GET", "/sites/x"),
        acme.ask("GET", "/sites?limit=x"),
        acme.ask("POST", "/enrolment-keys", {"name": "Field"}),
        acme.ask("PATCH", f"/sites/{site['id']}", {}),
        acme.ask("DELETE", f"/sites/{site['id']}"),
        acme.ask("GET", "/setup"),
        acme.house.ask("GET", "/sites"),
    ):
        assert re.fullmatch(r"no-store|private, no-cache", answer.headers["cache-control"]), answer.request.url
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_another_origin_is_promised_nothing(acme: Tenant) -> None:
    for method in ("GET", "OPTIONS"):
        answer = acme.ask(method, "/sites", headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.fixture
def dashboard(tmp_path: Path) -> Pages:
    (tmp_path / "_nuxt").mkdir()
    (tmp_path / "index.html").write_text('<script>start()</script><script src="/_nuxt/a.js"></script>')
    (tmp_path / "_nuxt" / "a.js").write_text("start = 1")
    (tmp_path / "_nuxt" / "a.js.br").write_bytes(b"brotli")
    (tmp_path.parent / "secret.txt").write_text("secret")
    return Pages(tmp_path)


async def fetch(pages: Pages, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    application: Any = pages
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://fleet") as client:
        return await client.request(method, path, headers={"accept-encoding": "identity", **headers})


async def test_only_scripts_that_the_build_wrote_run(dashboard: Pages) -> None:
    policy = (await fetch(dashboard, "/")).headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert re.fullmatch(r"'self' 'sha256-[A-Za-z0-9+/]{43}='", directives["script-src"])
    assert directives["default-src"] == "'self'"
    assert (directives["object-src"], directives["base-uri"]) == ("'none'", "'none'")
    assert directives["frame-ancestors"] == "'none'"


async def test_files_are_kept_by_their_name_and_pages_are_not(dashboard: Pages) -> None:
    assert "immutable" in (await fetch(dashboard, "/_nuxt/a.js")).headers["cache-control"]
    assert (await fetch(dashboard, "/")).headers["cache-control"] == "no-cache"
    assert (await fetch(dashboard, "/devices/dev_x")).text.startswith("<script>")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/_nuxt/../../secret.txt", "/..%2fsecret.txt", "//secret.txt"]
)
async def test_no_path_leads_out_of_the_dashboard(dashboard: Pages, path: str) -> None:
    answer = await fetch(dashboard, path)
    assert "secret" not in answer.text


async def test_a_page_is_only_read(dashboard: Pages) -> None:
    answer = await fetch(dashboard, "/", method="POST")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (await fetch(dashboard, "/", method="HEAD")).content == b""


def metrics(house: House, address: str, forwarded: str = "") -> httpx.Response:
    async def read() -> httpx.Response:
        transport = httpx.ASGITransport(house.platform.http, client=(address, 9))
        async with httpx.AsyncClient(transport=transport, base_url="http://fleet") as client:
            return await client.get("/metrics", headers={"x-forwarded-for": forwarded} if forwarded else {})

    return house.run(read())


def test_metrics_are_for_this_machine_alone(house: House) -> None:
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        answer = metrics(house, address)
        assert answer.status_code == 200
        assert "tikfleet_checkins_accepted" in answer.text
    for address in ("198.51.100.7", "10.0.0.1", "2001:db8::1", "::ffff:198.51.100.7", "", "unix"):
        answer = metrics(house, address, forwarded="127.0.0.1")
        assert answer.status_code == 404
        assert "tikfleet" not in answer.text


def test_health_tells_balancers_no_more_than_they_need(house: House) -> None:
    assert (house.fetch("/healthz").text, house.fetch("/readyz").text) == ("ok\n", "ready\n")


def test_the_networks_that_read_metrics_are_a_setting() -> None:
    settings = load_settings({"TIKFLEET_METRICS_NETWORKS": "10.0.0.0/8, 2001:db8::/32"})
    assert within("10.1.2.3", settings.metrics_readers)
    assert not within("127.0.0.1", settings.metrics_readers)
    assert load_settings({"TIKFLEET_METRICS_NETWORKS": ""}).metrics_readers
    with pytest.raises(SettingsWrong):
        load_settings({"TIKFLEET_METRICS_NETWORKS": "everybody"})


def test_only_a_trusted_proxy_says_who_the_caller_is() -> None:
    proxies = [ipaddress.ip_network("192.0.2.0/24")]

    def seen(peer: str, forwarded: str) -> str:
        return source_address({"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}, proxies)

    assert seen("198.51.100.7", "203.0.113.1") == "198.51.100.7"
    assert seen("192.0.2.1", "203.0.113.1") == "203.0.113.1"
    assert seen("192.0.2.1", "127.0.0.1, 203.0.113.1, 192.0.2.9") == "203.0.113.1"
    assert seen("192.0.2.1", "") == "192.0.2.1"
