"""REST, as a client sees it over a socket: the replies are those of the manual's REST page and of public probes."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.unit.virtual.servers.small_router import SmallRouter
from tikfleet.virtual.servers.rest import RestOptions, RestServer, offered
from tikfleet.virtual.servers.rest_connection import HttpRequest, Limits
from tikfleet.virtual.servers.rest_logins import Logins

ADMIN = ("admin", "secret")
LIMITS = Limits(command_s=0.3)
BAD = {"error": 400, "message": "Bad Request"}


@pytest.fixture
def router() -> SmallRouter:
    return SmallRouter()


@pytest.fixture
async def server(router: SmallRouter) -> AsyncIterator[RestServer]:
    server = RestServer(router, RestOptions(limits=LIMITS))
    await server.start()
    yield server
    await server.close()


@pytest.fixture
async def client(server: RestServer) -> AsyncIterator[httpx.AsyncClient]:
    url = f"http://127.0.0.1:{server.port}/rest"
    async with httpx.AsyncClient(base_url=url, auth=ADMIN) as client:
        yield client


async def test_a_list_is_an_array_of_objects_of_strings_in_alphabetical_order(client: httpx.AsyncClient) -> None:
    reply = await client.get("/ip/address")

    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.text.startswith('[{".id":"*1","address":"192.168.88.1/24","comment":"defconf","disabled":"false",')


async def test_a_menu_without_records_is_one_object(client: httpx.AsyncClient) -> None:
    assert (await client.get("/system/identity")).json() == {"name": "Test"}


async def test_filters_are_exact_and_all_of_them_count(client: httpx.AsyncClient) -> None:
    one = await client.get("/interface", params={"type": "ether", "running": "yes", ".proplist": "name"})
    assert one.json() == [{".id": "*A", "name": "ether1"}]
    assert (await client.get("/interface?type=vlan")).json() == []
    assert (await client.get("/interface?.query=type=ether")).json() == []


async def test_a_record_is_found_by_id_and_by_name(client: httpx.AsyncClient) -> None:
    by_id = await client.get("/ip/address/*1?.proplist=address,interface")
    by_name = await client.get("/interface/ether%202%2Fx")

    assert by_id.json() == {"address": "192.168.88.1/24", "interface": "ether1"}
    assert by_name.json()[".id"] == "*B"


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/ip/address/*99", 404, {"error": 404, "message": "Not Found"}),
        ("/nonexistent/path", 400, BAD | {"detail": "no such command or directory (nonexistent)"}),
        ("/interface/ether9", 400, BAD | {"detail": "no such command or directory (ether9)"}),
        ("/ip/firewall/filter/all", 400, BAD | {"detail": "no such command prefix"}),
        ("/ip/address/%2A1", 400, BAD | {"detail": "no such command prefix"}),
        ("/ip/firewall/filter/print", 400, BAD | {"detail": "no such command"}),
        ("/console/inspect", 400, BAD | {"detail": "no such command"}),
        ("", 400, BAD | {"detail": "no such command"}),
        ("/ip/%zz", 400, BAD | {"detail": "no such command or directory (%zz)"}),
        ("/ip/%00", 400, BAD | {"detail": "no such command or directory (\0)"}),
        ("/ip/%ff%fe", 400, None),
    ],
)
async def test_what_is_not_there_is_told_apart(
    client: httpx.AsyncClient, path: str, status: int, error: dict[str, object] | None
) -> None:
    reply = await client.get(path)
    assert reply.status_code == status
    assert error is None or reply.json() == error


async def test_put_adds_a_record_and_says_where_it_is(client: httpx.AsyncClient) -> None:
    reply = await client.put("/ip/address", json={"address": "192.168.99.1/24", "interface": "ether1"})

    assert reply.status_code == 201
    assert reply.json() == {".id": "*18", "address": "192.168.99.1/24", "interface": "ether1"}
    assert reply.headers["location"] == f"{client.base_url}ip/address/*18"
    assert (await client.get(reply.headers["location"])).json() == reply.json()


async def test_a_second_record_like_the_first_is_refused_in_the_consoles_words(client: httpx.AsyncClient) -> None:
    reply = await client.put("/ip/address", json={"address": "192.168.88.1/24", "interface": "ether1"})
    assert reply.status_code == 400
    assert reply.json() == BAD | {"detail": "failure: already have such address"}


async def test_patch_changes_a_record_and_gives_all_of_it(client: httpx.AsyncClient) -> None:
    reply = await client.patch("/ip/address/*2", json={"disabled": False, "mtu": 1500, "comment": "x"})

    assert reply.status_code == 200
    assert reply.json()["disabled"] == "false"
    assert reply.json()["mtu"] == "1500"
    assert reply.json()["address"] == "10.0.0.2/30"


@pytest.mark.parametrize(
    ("path", "body", "user", "status", "detail"),
    [
        ("/system/identity", {"name": "x"}, ADMIN, 400, "missing or invalid resource identifier"),
        ("/ip/address", {"comment": "x"}, ADMIN, 400, "missing or invalid resource identifier"),
        ("/ip/address/*1", {"comment": "x"}, ("reader", "r"), 400, "missing or invalid resource identifier"),
        ("/ip/address/*1", {"bogus": "x"}, ADMIN, 400, "unknown parameter bogus"),
        ("/interface/ether1", {"bogus": "x"}, ADMIN, 400, "missing or invalid resource identifier"),
        ("/ip/address/*77", {"comment": "x"}, ADMIN, 404, None),
    ],
)
async def test_patch_hides_most_reasons_behind_one_sentence(
    client: httpx.AsyncClient, path: str, body: dict[str, str], user: tuple[str, str], status: int, detail: str | None
) -> None:
    reply = await client.patch(path, json=body, auth=user)
    assert reply.status_code == status
    assert reply.json().get("detail") == detail


async def test_delete_leaves_nothing_and_a_second_finds_nothing(client: httpx.AsyncClient) -> None:
    first, second = await client.delete("/ip/address/*1"), await client.delete("/ip/address/*1")

    assert (first.status_code, first.content) == (204, b"")
    assert (second.status_code, second.text) == (404, '{"error":404,"message":"Not Found"}')


async def test_print_selects_records_and_properties(client: httpx.AsyncClient) -> None:
    body = {".proplist": ["address"], ".query": ["interface=ether1", "interface=ether2", "#|!"]}
    assert (await client.post("/ip/address/print", json=body)).json() == []

    body[".query"] = ["interface=ether2"]
    assert (await client.post("/ip/address/print", json=body)).json() == [{"address": "10.0.0.2/30"}]


async def test_a_command_answers_with_ret_with_rows_or_with_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.post("/ip/address/print", json={"count-only": ""})).json() == {"ret": "2"}
    assert (await client.post("/system/identity/set", json={"name": "Other"})).text == "[]"
    assert (await client.get("/system/identity")).json() == {"name": "Other"}
    assert (await client.post("/ip/address/add", json={"address": "1.1.1.1/32"})).json() == {"ret": "*18"}


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        ("/interface/remove", {".id": "ether1"}, 400, "no such command or directory (remove)"),
        ("/ip/address", {}, 400, "no such command"),
        ("/ip/address/remove", {".id": "*99"}, 404, None),
        ("/ip/address/print", {".query": ["#x"]}, 400, "unknown query operation x"),
    ],
)
async def test_a_command_that_fails_says_why(
    client: httpx.AsyncClient, path: str, body: dict[str, object], status: int, detail: str | None
) -> None:
    reply = await client.post(path, json=body)
    assert (reply.status_code, reply.json().get("detail")) == (status, detail)


async def test_numbers_may_be_octal_or_hexadecimal_but_have_no_exponent(
    client: httpx.AsyncClient, router: SmallRouter
) -> None:
    headers = {"content-type": "application/json"}
    text = '{"a":010,"b":0x1F,"c":-5,"d":"010 \\" 0x1","e":1.50,"f":true,"g":[1,"x"]}'
    assert (await client.post("/ip/address/print", content=text, headers=headers)).status_code == 200
    assert router.performed[-1].arguments == {
        "a": "8",
        "b": "31",
        "c": "-5",
        "d": '010 " 0x1',
        "e": "1.50",
        "f": "true",
        "g": "1,x",
    }
    refused = await client.post("/ip/address/print", content='{"a":2e0}', headers=headers)
    assert refused.json() == BAD | {"detail": "Failed to parse json"}


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "{'a':1}", '{"a":NaN}', '{"a":{"b":1}}', "[" * 50_000, '{"a":08}'])
async def test_a_body_that_is_no_json_object_is_refused(client: httpx.AsyncClient, text: str) -> None:
    reply = await client.put("/ip/address", content=text, headers={"content-type": "application/json"})
    assert reply.status_code == 400
    assert reply.json() == BAD | {"detail": "Failed to parse json"}


async def test_a_body_needs_its_content_type(client: httpx.AsyncClient) -> None:
    bare = await client.put("/ip/address", content="{}", headers={"content-type": "text/plain"})
    charset = await client.post(
        "/ip/address/print", content="{}", headers={"content-type": "Application/JSON; charset=utf-8"}
    )
    assert bare.status_code == 415
    assert charset.status_code == 200


async def test_who_may_come_in(client: httpx.AsyncClient) -> None:
    unknown = await client.get("/ip/address", auth=("admin", "wrong"))
    assert (unknown.status_code, unknown.text) == (401, '{"error":401,"message":"Unauthorized"}')
    assert unknown.headers["www-authenticate"].startswith("Basic")
    assert (await client.get("/ip/address", auth=("none", "n"))).status_code == 401
    assert (await client.get("/ip/address", headers={"authorization": "Basic !"}, auth=None)).status_code == 401
    assert (await client.get("/ip/address", headers={"authorization": "Bearer x"}, auth=None)).status_code == 401

    half = await client.get("/ip/address", auth=("half", "h"))
    assert (half.status_code, half.json()["detail"]) == (500, "std failure: not allowed (9)")
    reader = await client.put("/ip/address", json={"address": "1.1.1.1/32"}, auth=("reader", "r"))
    assert (reader.status_code, reader.json()["detail"]) == (500, "not enough permissions (9)")
    assert (await client.get("/ip/address", auth=("reader", "r"))).status_code == 200


async def test_a_login_is_kept_and_listed_twice_and_keeps_its_policies(
    client: httpx.AsyncClient, router: SmallRouter, server: RestServer
) -> None:
    for _ in range(3):
        await client.get("/ip/address")
    assert [(caller.via, caller.address) for caller in router.active] == [("rest-api", "127.0.0.1"), ("api", "")]

    router._policies["admin"] = frozenset({"read", "api", "rest-api"})
    assert (await client.put("/ip/address", json={"address": "1.1.1.1/32"})).status_code == 201
    await server.close()
    assert router.active == []


async def test_methods_that_there_are_not(client: httpx.AsyncClient) -> None:
    assert (await client.options("/ip/address", auth=None)).status_code == 503
    assert (await client.request("HEAD", "/ip/address")).status_code == 501
    assert (await client.request("TRACE", "/ip/address")).json() == {"error": 501, "message": "Not Implemented"}


async def test_a_command_without_end_is_ended(client: httpx.AsyncClient) -> None:
    reply = await client.post("/ping", json={"address": "10.0.0.1"})
    assert reply.text == '{"detail":"Session closed","error":400,"message":"Bad Request"}'
    assert (await client.post("/ping", json={"address": "10.0.0.1", "count": 3})).json()[0]["received"] == "1"


async def test_requests_of_a_user_take_turns_and_those_of_others_do_not_wait(
    client: httpx.AsyncClient, router: SmallRouter
) -> None:
    slow = {"address": "10.0.0.1", "count": "10"}
    await asyncio.gather(*(client.post("/ping", json=slow) for _ in range(2)))
    assert router.most_running == 1

    await asyncio.gather(client.post("/ping", json=slow), client.post("/ping", json=slow, auth=("reader", "r")))
    assert router.most_running == 2


async def test_what_waits_behind_a_command_without_end_is_closed_with_it(client: httpx.AsyncClient) -> None:
    endless = asyncio.create_task(client.post("/ping", json={"address": "10.0.0.1"}))
    await asyncio.sleep(0.05)
    waiting = await client.get("/ip/address")

    assert (await endless).json()["detail"] == "Session closed"
    assert waiting.json()["detail"] == "Session closed"
    assert (await client.get("/ip/address")).status_code == 200


async def test_a_command_goes_on_when_its_client_leaves(client: httpx.AsyncClient, router: SmallRouter) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/ping", json={"address": "10.0.0.1", "count": "20"}, timeout=0.05)
    assert router.running == 1
    await client.get("/ip/address")
    assert router.running == 0


async def test_a_sample_over_time_numbers_its_sections_and_a_single_one_does_not(client: httpx.AsyncClient) -> None:
    timed = await client.post("/interface/monitor-traffic", json={"interface": "ether1", "duration": "3s"})
    once = await client.post("/interface/monitor-traffic", json={"interface": "ether1", "once": ""})
    never = await client.post("/interface/monitor-traffic", json={"interface": "ether1", "once": "false"})

    assert [row[".section"] for row in timed.json()] == ["0", "1", "2"]
    assert once.json() == [{"name": "ether1", "rx-bits-per-second": "512"}]
    assert never.json()["detail"] == "Session closed"


async def test_execute_gives_the_output_of_a_script(client: httpx.AsyncClient) -> None:
    for flag in ("", "false", 0):
        reply = await client.post("/execute", json={"script": ':put "hello"; :put "there"', "as-string": flag})
        assert reply.json() == {"ret": "hello\r\nthere"}


async def test_an_older_release_says_not_acceptable_for_what_is_a_bad_request_now() -> None:
    word = base64.b64encode(b"admin:secret").decode()
    request = HttpRequest("GET", "/rest/nothing", {"authorization": f"Basic {word}"}, b"", "127.0.0.1")
    reply = await RestServer(SmallRouter("7.6")).answer(request)
    assert reply.status == 406
    assert json.loads(reply.body)["message"] == "Not Acceptable"


async def test_a_release_without_rest_keeps_its_port_closed() -> None:
    old = RestServer(SmallRouter("6.49.10"))
    await old.start()
    assert old.port == 0
    for version, tls, expected in [
        ("6.49.10", True, False),
        ("7.1beta3", True, False),
        ("7.1beta4", True, True),
        ("7.8", False, False),
        ("7.9", False, True),
    ]:
        assert offered(SmallRouter(version).profile, tls=tls) is expected


async def test_the_rest_of_the_web_server_is_a_page(client: httpx.AsyncClient, router: SmallRouter) -> None:
    root = str(client.base_url).removesuffix("rest/")
    assert (await client.get(root)).status_code == 200
    assert (await client.get(root + "other")).status_code == 404

    off = RestServer(router, RestOptions(switched_on=lambda: False))
    await off.start()
    reply = await client.get(f"http://127.0.0.1:{off.port}/rest/ip/address")
    assert (reply.status_code, reply.headers["content-type"]) == (403, "text/html")
    await off.close()


async def test_whom_the_service_does_not_admit_loses_the_connection(router: SmallRouter) -> None:
    server = RestServer(router, RestOptions(admits=lambda address: False))
    await server.start()
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.TransportError):
            await client.get(f"http://127.0.0.1:{server.port}/rest/ip/address", auth=ADMIN)
    await server.close()


async def test_curl_reads_and_writes(server: RestServer, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{server.port}/rest/ip/address"
    arguments = ["-s", "-u", "admin:secret", "-X", "PUT", url, "-H", "Content-Type: application/json"]
    process = await asyncio.create_subprocess_exec(
        "curl", *arguments, "--data", '{"address":"1.2.3.4/32"}', "-o", str(tmp_path / "reply"), "-w", "%{http_code}",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert output == b"201"
    assert json.loads((tmp_path / "reply").read_text())["address"] == "1.2.3.4/32"


async def test_who_comes_when_all_sessions_are_taken_loses_the_connection(router: SmallRouter) -> None:
    server = RestServer(router, RestOptions(most_sessions=2))
    await server.start()
    url = f"http://127.0.0.1:{server.port}/rest/system/identity"
    async with httpx.AsyncClient(auth=ADMIN) as first, httpx.AsyncClient(auth=ADMIN) as second:
        assert (await first.get(url)).status_code == (await second.get(url)).status_code == 200
        async with httpx.AsyncClient(auth=ADMIN) as third:
            with pytest.raises(httpx.TransportError):
                await third.get(url)
    await server.close()


async def test_a_login_ends_when_its_time_is_over(router: SmallRouter) -> None:
    logins = Logins(router, login_s=0.05)
    first = await logins.enter("admin", "secret", "127.0.0.1")
    assert await logins.enter("admin", "secret", "127.0.0.1") is first
    assert len(router.active) == 2
    await asyncio.sleep(0.1)
    assert router.active == []
    assert await logins.enter("admin", "secret", "127.0.0.1") is not first
    logins.close()


async def test_a_mistake_of_ours_is_an_internal_error_and_is_not_hidden(client: httpx.AsyncClient) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))

    assert (await client.post("/ip/address/print", json={"break": ""})).status_code == 500
    assert (await client.get("/ip/address")).status_code == 200
    assert [type(fault) for fault in told] == [ZeroDivisionError]
