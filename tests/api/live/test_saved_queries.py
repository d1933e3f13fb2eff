"""Queries that are saved, asked at their times, exported and asked with SQL."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.api.live.conftest import World
from tikfleet.domains.queries.kept import QueryKeeper
from tikfleet.kernel.clock import utc_now

RULES = """
/ip firewall nat add chain=dstnat action=dst-nat to-addresses=10.0.0.5 protocol=tcp dst-port=80 comment="=1+1"
/ip firewall nat add chain=dstnat action=dst-nat to-addresses=10.0.0.6 protocol=tcp dst-port=8443 comment="it's; --"
/ppp secret add name=ann password=hunter2 service=pppoe
"""
ASK = {"query": "/ip/firewall/nat where chain=dstnat", "wait_s": 5, "fields": ["dst-port", "comment"]}


async def saved(world: World, **more: Any) -> str:
    answer = await world.api.post("/queries/saved", json={"name": "Open ports", "ask": ASK, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def kept(world: World, query: str) -> dict[str, Any]:
    begun = await world.api.post(f"/queries/{query}/results")
    assert begun.status_code == 202, begun.text
    keeper: QueryKeeper = world.platform.query_keeper
    await keeper.ended()
    results = (await world.api.get(f"/queries/{query}/results")).json()["items"]
    found: dict[str, Any] = next(one for one in results if one["id"] == begun.json()["id"])
    return found


async def live(world: World) -> None:
    router = await world.router()
    await router.router.run(RULES)
    await router.go_live()


async def test_a_result_is_kept_exported_and_asked_with_sql(world: World) -> None:
    await live(world)
    query = await saved(world)
    result = await kept(world, query)
    assert (result["state"], result["tally"]["rows"], result["tally"]["complete"]) == ("ended", 2, True)
    assert result["columns"] == ["dst-port", "comment"]

    rows = (await world.api.get(f"/queries/{query}/rows", params={"limit": 1})).json()
    assert (rows["total"], rows["items"][0]["values"]["dst-port"]) == (2, "80")
    second = (await world.api.get(f"/queries/{query}/rows", params={"cursor": rows["next_cursor"]})).json()
    assert ([one["values"]["dst-port"] for one in second["items"]], second["next_cursor"]) == (["8443"], None)

    csv = (await world.api.get(f"/queries/{query}/rows.csv")).text.splitlines()
    assert csv[0] == "device_id,device_name,dst-port,comment"
    assert csv[1].endswith(",80,'=1+1")

    async def sql(statement: str) -> Any:
        return await world.api.post(f"/queries/{query}/sql", json={"sql": statement})

    answer = (await sql("select count(*) n, max(dst_port) from rows where comment like 'it''s%'")).json()
    assert answer == {"columns": ["n", "max(dst_port)"], "rows": [[1, 8443]], "truncated": False}
    for statement in (
        "delete from rows",
        "select 1; drop table rows",
        "attach '/etc/passwd' as x",
        "select * from sqlite_master",
        "select * from saved_query",
        "pragma query_only=0",
    ):
        refused = await sql(statement)
        assert (refused.status_code, refused.json()["code"]) == (409, "sql.refused"), statement
    named = await world.api.post(f"/queries/{query}/sql", json={"sql": "select 1", "result_id": result["id"]})
    assert named.json()["rows"] == [[1]]
    other = await world.api.post(f"/queries/{query}/sql", json={"sql": "select 1", "result_id": "qrs_01m3k5x0v7q2a9bc"})
    assert (other.status_code, other.json()["code"]) == (409, "query.no-result")


async def test_what_is_kept_holds_no_secrets_and_asks_about_none(world: World) -> None:
    await live(world)
    query = await saved(world, ask={"query": "/ppp/secret", "wait_s": 5})
    await kept(world, query)
    rows = (await world.api.get(f"/queries/{query}/rows")).json()["items"]
    assert [row["values"]["password"] for row in rows] == ["<redacted>"]
    about = {"query": '/ppp/secret where password~"^h"'}
    refused = await world.api.post("/queries/saved", json={"name": "x", "ask": about})
    assert (refused.status_code, refused.json()["code"]) == (403, "query.secret")


async def test_a_scheduled_query_is_asked_when_its_time_comes_and_the_last_results_stay(world: World) -> None:
    await live(world)
    query = await saved(world, interval_s=300, keep=2)
    keeper: Any = world.platform.query_keeper
    await keeper.look()
    assert (await world.api.get(f"/queries/{query}/results")).json()["items"] == []
    for times in (1, 2, 3):
        keeper._clock = lambda times=times: utc_now() + timedelta(seconds=310 * times)
        await keeper.look()
        await keeper.ended()
    results = (await world.api.get(f"/queries/{query}/results")).json()["items"]
    assert [one["state"] for one in results] == ["ended", "ended"]
    org = world.scope.org_id
    assert len(await world.platform.infra.blobs.names(f"{org}/queries/")) == 2
    assert (await world.api.delete(f"/queries/{query}")).status_code == 204
    assert await world.platform.infra.blobs.names(f"{org}/queries/") == []


async def test_a_result_that_was_under_way_when_the_platform_ended_has_failed(world: World) -> None:
    router = await world.router()
    await router.router.stop()
    query = await saved(world, ask={"query": "/ip/address", "wait_s": 600})
    await world.api.post(f"/queries/{query}/results")
    keeper: Any = world.platform.query_keeper
    for task in keeper._tasks:
        task.cancel()
    running = asyncio.create_task(keeper.run())
    await asyncio.sleep(0.5)
    running.cancel()
    result = (await world.api.get(f"/queries/{query}/results")).json()["items"][0]
    assert (result["state"], result["error"]) == ("failed", "the platform was restarted meanwhile")


async def test_a_private_query_is_for_who_made_it(world: World) -> None:
    query = await saved(world, shared=False)
    other = await world.token_with(["routeros:read", "queries:write"])
    stranger = world.client(f"{world.url}/api/v1", headers={"Authorization": f"Bearer {other}"})
    assert (await world.api.get(f"/queries/{query}")).json()["name"] == "Open ports"
    assert (await stranger.get("/queries")).json()["items"] == []
    for path in ("", "/results", "/rows", "/rows.csv"):
        assert (await stranger.get(f"/queries/{query}{path}")).status_code == 404
    assert (await stranger.post(f"/queries/{query}/sql", json={"sql": "select 1"})).status_code == 404
    changed = await world.api.patch(f"/queries/{query}", json={"shared": True, "name": "Doors"})
    assert changed.status_code == 200, changed.text
    assert [one["name"] for one in (await stranger.get("/queries")).json()["items"]] == ["Doors"]


async def test_a_saved_query_is_asked_live(world: World) -> None:
    await live(world)
    query = await saved(world)
    answer = await world.api.post(f"/queries/{query}/ask")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.count('"kind":"row"') == 2


@pytest.mark.parametrize(
    "body", [{"name": "x", "ask": ASK, "interval_s": 10}, {"name": "x"}, {"name": "", "ask": ASK}, {"ask": ASK}]
)
async def test_what_is_no_saved_query_is_refused(world: World, body: dict[str, Any]) -> None:
    assert (await world.api.post("/queries/saved", json=body)).status_code == 400
