FIRST = {"organisation": "Acme", "email": "Ada@Acme.example", "name": "Ada", "password": "twelve monkeys ride"}


async def test_the_console_token_makes_the_first_owner_and_closes_set_up(house):
    token = await house.setup.open()
    browser = house.browser()
    assert (await browser.get("/setup")).json() == {"needed": True}

    answer = await browser.post("/setup", {"token": token, **FIRST})

    assert answer.status_code == 201
    session = answer.json()
    assert session["role"] == "owner"
    assert session["person"]["email"] == "ada@acme.example"
    assert session["organisation"]["name"] == "Acme"
    assert session["organisations"] == [{**session["organisation"], "role": "owner"}]
    assert (await browser.get("/session")).json()["person"] == session["person"]
    assert (await browser.get("/setup")).json() == {"needed": False}
    assert await house.setup.open() is None
    again = await house.browser().post("/setup", {"token": token, **FIRST})
    assert (again.status_code, again.json()["code"]) == (409, "setup.closed")


async def test_a_wrong_token_makes_nothing(house):
    await house.setup.open()
    answer = await house.browser().post("/setup", {"token": "guess", **FIRST})
    assert (answer.status_code, answer.json()["code"]) == (403, "setup.wrong-token")
    assert (await house.browser().get("/setup")).json() == {"needed": True}


async def test_each_start_prints_a_token_that_replaces_the_last(house):
    first = await house.setup.open()
    second = await house.setup.open()
    assert first != second
    assert (await house.browser().post("/setup", {"token": first, **FIRST})).status_code == 403
    assert (await house.browser().post("/setup", {"token": second, **FIRST})).status_code == 201


async def test_without_a_printed_token_nothing_is_the_right_one(house):
    assert (await house.browser().post("/setup", {"token": "tfo_", **FIRST})).status_code == 403


async def test_the_set_up_token_is_nowhere_in_the_database(house, tmp_path):
    token = await house.setup.open()
    await house.browser().post("/setup", {"token": token, **FIRST})
    assert all(token.encode() not in path.read_bytes() for path in tmp_path.glob("state.db*"))
