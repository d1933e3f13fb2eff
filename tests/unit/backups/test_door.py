"""The socket of the running platform: who holds it stops the consumer, and whoever goes away lets it go on."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tikfleet.app.backups import door as door_module
from tikfleet.app.backups.door import Door, open_door
from tikfleet.app.backups.stillness import DOOR, reachable


class Consumer:
    def __init__(self) -> None:
        self.turn = asyncio.Lock()


class Store:
    """A warehouse that is frozen or not."""

    def __init__(self) -> None:
        self.frozen = False

    async def freeze(self, name: str) -> tuple[Path, Mapping[str, int], Mapping[str, int]]:
        self.frozen = True
        return Path("/snapshot"), {"site_checkins": 3}, {"site_checkins": 1}

    async def thaw(self, name: str) -> None:
        self.frozen = False


class Open:
    """A door with its consumer, and a way to it."""

    def __init__(self, data: Path) -> None:
        self.consumer, self.store = Consumer(), Store()
        self._data = data

    async def visit(self) -> "Visit":
        with reachable(self._data / "control") as directory:
            return Visit(*await asyncio.open_unix_connection(f"{directory}/{DOOR}"))

    async def until(self, *, held: bool, frozen: bool) -> None:
        for _ in range(500):
            if (self.consumer.turn.locked(), self.store.frozen) == (held, frozen):
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"held {self.consumer.turn.locked()}, frozen {self.store.frozen}")


class Visit:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, word: str) -> Any:
        self._writer.write(json.dumps({"do": word}).encode() + b"\n")
        return json.loads(await self._reader.readline() or b"null")

    def leave(self) -> None:
        self._writer.close()


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    # Longer than an address of a socket may be.
    data = tmp_path / ("long" * 30)
    data.mkdir()
    made = Open(data)
    store: Any = made.store
    async with open_door(data, Door([made.consumer], store)):
        yield made
    assert not (data / "control" / DOOR).exists()


async def test_a_hold_stops_the_consumer_until_it_is_released_and_keeps_what_is_frozen(opened: Open) -> None:
    visit = await opened.visit()
    told = await visit.say("hold")
    assert told == {
        "ok": True,
        "frozen": {"directory": "/snapshot", "rows": {"site_checkins": 3}, "versions": {"site_checkins": 1}},
    }
    await opened.until(held=True, frozen=True)
    assert await visit.say("release") == {"ok": True}
    await opened.until(held=False, frozen=True)
    visit.leave()
    await opened.until(held=False, frozen=False)


async def test_whoever_goes_away_in_the_midst_lets_the_consumer_go_on(opened: Open) -> None:
    visit = await opened.visit()
    await visit.say("hold")
    visit.leave()
    await opened.until(held=False, frozen=False)


async def test_a_second_backup_is_refused_and_does_not_harm_the_first(opened: Open) -> None:
    first, second = await opened.visit(), await opened.visit()
    await first.say("hold")
    assert (await second.say("hold"))["detail"] == "another backup of this platform is being made"
    await opened.until(held=True, frozen=True)
    assert (await first.say("release"))["ok"]
    first.leave()


async def test_who_stalls_is_not_waited_for_and_learns_that_the_backup_is_none(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "HOLD_S", 0.1)
    visit = await opened.visit()
    await visit.say("hold")
    await opened.until(held=False, frozen=False)
    assert (await visit.say("release"))["ok"] is False


async def test_a_consumer_that_does_not_rest_is_told_and_not_broken(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "HOLD_S", 0.1)
    async with opened.consumer.turn:
        visit = await opened.visit()
        assert (await visit.say("hold"))["detail"] == "it took too long to keep the platform still"
    await opened.until(held=False, frozen=False)


@pytest.mark.parametrize("noise", [b"\n", b"{}\n", b"[]\n", b"\xff\xfe\n", b'{"do": "other"}\n', b""])
async def test_noise_ends_the_conversation_and_nothing_else(opened: Open, noise: bytes) -> None:
    visit = await opened.visit()
    visit._writer.write(noise)
    visit._writer.write_eof()
    async with asyncio.timeout(5):
        await visit._reader.read()
    again = await opened.visit()
    assert (await again.say("hold"))["ok"]
    again.leave()


async def test_only_its_owner_reaches_the_door(opened: Open) -> None:
    control = opened._data / "control"
    assert control.stat().st_mode & 0o077 == 0
    assert (control / DOOR).stat().st_mode & 0o077 == 0
