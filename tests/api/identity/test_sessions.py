import pytest
from argon2 import PasswordHasher

OWNER = "ada@acme.example"
PASSWORD = "twelve monkeys ride"


async def test_the_cookie_is_for_this_site_and_not_for_scripts(house, owner):
    cookie = (await house.browser().sign_in()).headers["set-cookie"]
    for word in ("tikfleet_session=tfs_", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age=2592000"):
        assert word.lower() in cookie.lower()
    assert "secure" not in cookie.lower()


async def test_over_https_the_cookie_is_secure(house, owner):
    answer = await house.browser().http.post(
        "https://tikfleet.example/api/v1/session", json={"email": OWNER, "password": PASSWORD}
    )
    assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("who", [(OWNER, "not this password"), ("nobody@acme.example", PASSWORD)])
async def test_a_wrong_address_and_a_wrong_password_look_the_same(house, owner, who):
    answer = await house.browser().sign_in(*who)
    assert answer.status_code == 401
    assert answer.json()["code"] == "session.wrong-credentials"
    assert answer.json()["detail"] == "e-mail and password do not belong together"


async def test_changes_need_the_csrf_token_of_this_session(house, owner):
    owner.csrf = "another"
    answer = await owner.patch("/settings", {"timezone": "Europe/Riga"})
    assert (answer.status_code, answer.json()["code"]) == (403, "session.csrf")


async def test_switching_needs_a_role_there_and_changes_the_csrf_token(owner, tenants):
    old = owner.csrf
    session = (await owner.put("/session/organisation", {"organisation_id": tenants.acme_id})).json()
    assert session["organisation"]["id"] == tenants.acme_id
    assert session["role"] == "owner"
    assert session["csrf_token"] != old
    owner.csrf = old
    assert (await owner.patch("/settings", {"timezone": "UTC"})).status_code == 403

    refused = await tenants.globex.put("/session/organisation", {"organisation_id": tenants.acme_id})
    absent = await tenants.globex.put("/session/organisation", {"organisation_id": "org_0000000000000000"})
    assert (refused.status_code, refused.content) == (404, absent.content)


async def test_signing_out_ends_the_session_at_once(house, owner):
    cookie = dict(owner.http.cookies)
    assert (await owner.delete("/session")).status_code == 204
    thief = house.browser()
    thief.http.cookies.update(cookie)
    assert (await thief.get("/session")).json()["code"] == "session.required"


async def test_a_session_ends_when_idle_or_old(house, owner):
    house.clock.pass_(hours=11, minutes=59)
    assert (await owner.get("/session")).status_code == 200
    house.clock.pass_(hours=11, minutes=59)
    assert (await owner.get("/session")).status_code == 200
    house.clock.pass_(hours=12, minutes=1)
    assert (await owner.get("/session")).status_code == 401

    await owner.sign_in()
    for _ in range(3 * 30):
        house.clock.pass_(hours=8)
        last = await owner.get("/session")
    assert last.status_code == 401


async def test_a_new_password_ends_all_sessions(house, owner):
    elsewhere = house.browser()
    await elsewhere.sign_in()
    fresh = "a different horse stapler"
    wrong = await owner.put("/session/password", {"current_password": "x", "new_password": fresh})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "password.wrong")

    changed = await owner.put("/session/password", {"current_password": PASSWORD, "new_password": fresh})

    assert changed.status_code == 204
    assert (await elsewhere.get("/session")).status_code == 401
    assert (await owner.get("/session")).status_code == 401
    assert (await owner.sign_in(OWNER, PASSWORD)).status_code == 401
    assert (await owner.sign_in(OWNER, fresh)).status_code == 200


async def test_guessing_is_slowed_down_and_a_known_source_still_comes_in(house, owner):
    guesser = house.browser()
    codes = [(await guesser.sign_in(OWNER, f"guess number {n}")).status_code for n in range(8)]
    assert codes == [401, 401, 401, 401, 401, 401, 429, 429]
    refused = await guesser.sign_in(OWNER, PASSWORD)
    assert refused.json()["code"] == "session.throttled"
    wait_s = int(refused.headers["retry-after"])
    assert 1 <= wait_s <= 60
    house.clock.pass_(seconds=wait_s + 1)
    assert (await guesser.sign_in(OWNER, PASSWORD)).status_code == 200


async def test_signing_in_renews_a_hash_of_old_parameters(house, owner):
    async def stored() -> str:
        async with house.database.read() as transaction:
            return (await transaction.fetch("select password_hash from person"))[0][0]

    weaker = await stored()
    stricter = type(house)(house.database, PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert (await stricter.browser().sign_in()).status_code == 200
    assert (await stored()) != weaker
    assert (await stored()).startswith("$argon2id$v=19$m=16,t=2,p=1$")
    assert (await house.browser().sign_in()).status_code == 200
    assert (await owner.get("/session")).status_code == 200


async def test_an_api_token_has_no_session(owner):
    made = await owner.post("/tokens", {"name": "ci", "scopes": ["settings:read"]})
    owner.token = made.json()["secret"]
    answer = await owner.get("/session")
    assert (answer.status_code, answer.json()["code"]) == (401, "session.required")


async def test_secrets_of_sessions_are_nowhere_in_the_database(house, owner, tmp_path):
    secret = owner.http.cookies["tikfleet_session"]
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("state.db*"))
    for text in (secret, owner.csrf, PASSWORD):
        assert text.encode() not in stored
