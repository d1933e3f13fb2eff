import pytest

from tikfleet.domains.audit import repository
from tikfleet.ports.database import DatabaseUnavailable


async def actions(browser, query=""):
    return [one["action"] for one in (await browser.get(f"/audit{query}")).json()["items"]]


async def test_each_change_is_told_with_who_and_what(owner, join):
    await join(owner, "guest@x.example", "viewer")
    await owner.patch("/settings", {"timezone": "Europe/Riga"})
    made = (await owner.post("/tokens", {"name": "ci", "scopes": ["jobs:read"]})).json()
    await owner.delete(f"/tokens/{made['id']}")
    assert await actions(owner) == [
        "token.revoked", "token.created", "settings.changed", "session.opened", "person.joined", "person.invited",
        "session.opened", "setup.completed",
    ]  # fmt: skip
    changed = (await owner.get("/audit?action=settings.changed")).json()["items"][0]
    assert changed["actor"]["name"] == "Ada"
    assert changed["before"]["timezone"] is None
    assert changed["after"]["timezone"] == "Europe/Riga"
    assert await actions(owner, f"?target_id={made['id']}&sort=at") == ["token.created", "token.revoked"]
    assert await actions(owner, f"?actor_id={changed['actor']['id']}&q=SETTINGS") == ["settings.changed"]


async def test_time_filters_and_pages(house, owner):
    for n in range(4):
        house.clock.pass_(hours=1)
        await owner.patch("/settings", {"checkin_interval_s": 60 + n + 1})
    seen, cursor = [], ""
    while cursor is not None:
        page = (await owner.get(f"/audit?limit=2&from=2026-11-23T06:00:00Z&to=2026-11-23T08:00:00Z{cursor}")).json()
        seen += [one["after"]["checkin_interval_s"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert seen == [63, 62]
    assert (await owner.get("/audit?from=yesterday")).status_code == 400
    assert (await owner.get("/audit?from=2026-02-30T00:00:00Z")).status_code == 409


async def test_an_organisation_sees_its_own_and_those_below(owner, tenants):
    await tenants.globex.patch("/settings", {"timezone": "Europe/Riga"})
    assert "settings.changed" in await actions(owner)
    assert "settings.changed" in await actions(tenants.globex)
    assert "settings.changed" not in await actions(tenants.acme)


async def test_no_secret_reaches_the_trail(house, owner, join, tmp_path):
    invited = (await owner.post("/people", {"email": "b@x.example", "name": "B", "role": "viewer"})).json()
    token = (await owner.post("/tokens", {"name": "ci", "scopes": ["jobs:read"]})).json()
    text = (await owner.get("/audit?limit=200")).text
    assert invited["invitation_token"] not in text
    assert token["secret"] not in text
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("state.db*"))
    assert invited["invitation_token"].encode() not in stored
    assert token["secret"].encode() not in stored


async def test_the_trail_is_not_for_everybody(owner, join):
    viewer = await join(owner, "v@x.example", "viewer")
    assert (await viewer.get("/audit")).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/settings", {"timezone": "Europe/Riga"}),
        ("POST", "/people", {"email": "eve@acme.example", "name": "Eve", "role": "viewer"}),
        ("POST", "/tokens", {"name": "CI", "scopes": ["devices:read"]}),
    ],
)
async def test_what_can_not_be_told_does_not_happen(owner, monkeypatch, method, path, body):
    before = (await owner.get(path)).json()

    async def full(*_: object) -> None:
        raise DatabaseUnavailable("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(repository, "add", full)
        assert (await owner.ask(method, path, body)).status_code == 503
    assert (await owner.get(path)).json() == before
    assert (await owner.ask(method, path, body)).is_success
