import pytest

READER = {"name": "reader", "scopes": ["settings:read"]}


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


async def test_a_token_does_what_its_scopes_say_and_no_more(owner, house):
    made = (await owner.post("/tokens", READER)).json()
    assert made["secret"].startswith(made["prefix"])
    program = house.browser()
    program.token = made["secret"]
    assert (await program.get("/settings")).status_code == 200
    refused = await program.patch("/settings", {"timezone": "UTC"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    shown = (await owner.get(f"/tokens/{made['id']}")).json()
    assert "secret" not in shown
    assert shown["created_by"]["name"] == "Ada"


async def test_nobody_gives_a_token_more_than_they_have(owner, join):
    operator = await join(owner, "op@x.example", "operator")
    refused = await operator.post("/tokens", {"name": "x", "scopes": ["settings:write", "jobs:write"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission.beyond")
    assert (await operator.post("/tokens", {"name": "x", "scopes": ["jobs:write"]})).status_code == 201


async def test_a_token_that_makes_a_token_passes_on_its_creator(owner, house):
    scopes = ["tokens:read", "tokens:write", "settings:read"]
    owner_token = (await owner.post("/tokens", {"name": "maker", "scopes": scopes})).json()
    program = house.browser()
    program.token = owner_token["secret"]
    child = (await program.post("/tokens", READER)).json()
    assert child["created_by"] == owner_token["created_by"]
    assert (await program.post("/tokens", {"name": "more", "scopes": ["people:read"]})).status_code == 403


async def test_a_token_loses_what_its_creator_loses(owner, join, house):
    admin = await join(owner, "admin@x.example", "admin")
    program = house.browser()
    program.token = (await admin.post("/tokens", {"name": "x", "scopes": ["audit:read", "jobs:read"]})).json()["secret"]
    assert (await program.get("/audit")).status_code == 200
    person = (await admin.get("/session")).json()["person"]["id"]
    await owner.patch(f"/people/{person}", {"role": "operator"})
    assert (await program.get("/audit")).status_code == 403
    await owner.delete(f"/people/{person}")
    assert (await program.get("/audit")).status_code == 401


async def test_a_revoked_token_is_refused_at_once(owner, house):
    made = (await owner.post("/tokens", READER)).json()
    program = house.browser()
    program.token = made["secret"]
    assert (await program.get("/settings")).status_code == 200
    assert (await owner.delete(f"/tokens/{made['id']}")).status_code == 204
    assert (await program.get("/settings")).status_code == 401
    assert (await owner.get(f"/tokens/{made['id']}")).status_code == 404


async def test_a_token_expires(owner, house):
    made = await owner.post("/tokens", READER | {"expires_at": "2026-11-23T05:00:00+00:00"})
    assert made.json()["expires_at"] == "2026-11-23T05:00:00.000Z"
    program = house.browser()
    program.token = made.json()["secret"]
    assert (await program.get("/settings")).status_code == 200
    house.clock.pass_(minutes=61)
    assert (await program.get("/settings")).status_code == 401
    past = await owner.post("/tokens", READER | {"expires_at": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["code"]) == (409, "token.expiry-past")
    no_day = await owner.post("/tokens", READER | {"expires_at": "2027-02-30T00:00:00Z"})
    assert (no_day.status_code, no_day.json()["code"]) == (409, "time.unknown-day")


async def test_use_is_noted_once_a_minute(owner, house):
    made = (await owner.post("/tokens", READER)).json()
    program = house.browser()
    program.token = made["secret"]
    noted = []
    for _ in range(5):
        await program.get("/settings")
        noted.append((await owner.get(f"/tokens/{made['id']}")).json()["last_used_at"])
        house.clock.pass_(seconds=25)
    assert noted == [noted[0]] * 3 + [noted[3]] * 2
    assert noted[0] != noted[3]


async def test_other_organisations_tokens_do_not_exist(owner, tenants):
    made = (await tenants.globex.post("/tokens", READER)).json()
    for ask in (
        lambda token: tenants.acme.get(f"/tokens/{token}"),
        lambda token: tenants.acme.delete(f"/tokens/{token}"),
    ):
        foreign, absent = await ask(made["id"]), await ask("tok_0000000000000000")
        assert foreign.status_code == 404
        assert foreign.json() | {"instance": ""} == absent.json() | {"instance": ""}
    assert (await tenants.acme.get("/tokens")).json()["items"] == []
    assert [one["id"] for one in (await owner.get("/tokens")).json()["items"]] == [made["id"]]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "", "scopes": ["jobs:read"]},
        {"name": "a\x00b", "scopes": ["jobs:read"]},
        {"name": "x\n", "scopes": ["jobs:read"]},
        {"name": "x", "scopes": ["jobs:read"], "expires_at": "tomorrow"},
        {"name": "x", "scopes": ["jobs:read"], "expires_at": 5},
        {"name": "x", "scopes": ["jobs:read"], "owner": True},
    ],
)
async def test_what_the_schema_does_not_allow_is_refused(owner, body):
    answer = await owner.post("/tokens", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
