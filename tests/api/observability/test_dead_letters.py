"""Dead letters over the API: who runs the installation looks at them, replays them, and discards them."""

from typing import Any

import pytest

from tests.api.conformance.house import House, Tenant
from tikfleet.app.letters import QUEUES

LETTERS = "/server/letters"


def died(house: House, *bodies: bytes, topic: str = "work") -> list[str]:
    """The ids of messages that were handed out five times; there are no others in any queue."""
    if house.on_aws:
        pytest.skip("the queues of a house on AWS have none of dead letters; tests/contract/test_queue.py tries them")

    async def fail() -> list[str]:
        queue = house.platform.infra.queue
        for name in QUEUES:
            for message in await queue.dead(name, 100):
                await queue.discard(message)
        for message in await queue.take(topic, 100, 0):
            await queue.done(message)
        for body in bodies:
            await queue.send(topic, body)
        for _ in range(5):
            await queue.take(topic, 100, 0)
        return [f"{topic}-{message.id}" for message in await queue.dead(topic, 100)]

    return house.run(fail())


def ids(listed: Any) -> list[str]:
    return [item["id"] for item in listed.json()["items"]]


def audited(tenant: Tenant, action: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tenant.items("/audit", action=action)
    return found


def test_what_was_given_up_is_listed_and_shown(house: House) -> None:
    letter, _ = died(house, b"offline\nwatch " + b"x" * 300, b"runs")
    listed = house.root.ask("GET", LETTERS)
    shown = house.root.ask("GET", f"{LETTERS}/{letter}")

    assert listed.json()["total"] == 2
    assert listed.json()["items"][0]["text"].startswith("offline watch xxx")
    assert listed.json()["items"][0]["text"].endswith("…")
    assert shown.json()["content"] == "offline\nwatch " + "x" * 300
    assert shown.json()["size_bytes"] == 314


def test_one_is_replayed_and_another_discarded_and_both_are_in_the_audit_trail(house: House) -> None:
    first, second, third = died(house, b"one", b"two", b"three")
    replayed = house.root.ask("POST", f"{LETTERS}/{first}/replay")
    discarded = house.root.ask("DELETE", f"{LETTERS}/{second}")
    left = ids(house.root.ask("GET", LETTERS))
    taken = [message.body for message in house.run(house.platform.infra.queue.take("work", 9, 0))]

    assert (replayed.status_code, discarded.status_code) == (204, 204)
    assert left == [third]
    assert taken == [b"one"]
    for action, letter in (("letter.replayed", first), ("letter.discarded", second)):
        entry = next(entry for entry in audited(house.root, action) if entry["target"]["id"] == letter)
        assert entry["target"]["name"] == "work"
    assert house.root.ask("DELETE", f"{LETTERS}/{second}").json()["code"] == "letter.not-found"


def test_all_are_replayed_at_once(house: House) -> None:
    died(house, b"one", b"two")
    answer = house.root.ask("POST", f"{LETTERS}/replay")

    assert (answer.status_code, answer.json()) == (200, {"replayed": 2})
    assert ids(house.root.ask("GET", LETTERS)) == []


def test_a_call_that_is_over_can_be_discarded_but_not_replayed(house: House) -> None:
    (letter,) = died(house, b"a stretch of the stream", topic="failures")
    refused = house.root.ask("POST", f"{LETTERS}/{letter}/replay")
    all_replayed = house.root.ask("POST", f"{LETTERS}/replay")

    assert (refused.status_code, refused.json()["code"]) == (409, "letter.not-replayable")
    assert all_replayed.json() == {"replayed": 0}
    assert house.root.ask("DELETE", f"{LETTERS}/{letter}").status_code == 204


def test_an_organisation_below_another_sees_none_and_changes_none(house: House, acme: Tenant) -> None:
    (letter,) = died(house, b"one")
    seen = acme.ask("GET", LETTERS).json()
    replayed = acme.ask("POST", f"{LETTERS}/replay").json()
    named = [
        acme.ask("GET", f"{LETTERS}/{letter}"),
        acme.ask("POST", f"{LETTERS}/{letter}/replay"),
        acme.ask("DELETE", f"{LETTERS}/{letter}"),
    ]

    assert (seen["items"], replayed) == ([], {"replayed": 0})
    assert {(answer.status_code, answer.json()["code"]) for answer in named} == {(404, "letter.not-found")}
    assert ids(house.root.ask("GET", LETTERS)) == [letter]


def test_who_may_not_change_settings_is_refused(house: House) -> None:
    reader = Tenant(house, house.root.org_id, house.run(house.token(house.root.org_id, ["settings:read"])))

    assert reader.ask("GET", LETTERS).status_code == 403


@pytest.mark.parametrize("letter", ["mail-msg_1", "work-msg_1", "work", "work-" + "a" * 500, "%00", "work-%2e%2e"])
def test_what_names_no_letter_is_told(house: House, letter: str) -> None:
    answer = house.root.ask("GET", f"{LETTERS}/{letter}")

    assert (answer.status_code, answer.json()["code"].endswith("not-found")) == (404, True)
