"""A client that sends whatever bytes a test likes, and reads sentences as text."""

import asyncio
from collections import deque
from typing import Self

from tikfleet.routeros.api.decoder import Decoder
from tikfleet.routeros.api.words import encode_sentence

PATIENCE_S = 10.0


class RawClient:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._decoder = Decoder()
        self._got: deque[list[str]] = deque()

    @classmethod
    async def open(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    @classmethod
    async def logged_in(cls, port: int) -> Self:
        client = await cls.open(port)
        assert await client.ask("/login", "=name=admin", "=password=x") == [["!done"]]
        return client

    def say(self, *words: str | bytes) -> None:
        given = [word if isinstance(word, bytes) else word.encode() for word in words]
        self.writer.write(encode_sentence(given))

    async def hear(self) -> list[str] | None:
        """The next sentence, or `None` at the end of the connection."""
        while not self._got:
            try:
                data = await asyncio.wait_for(self._reader.read(65_536), PATIENCE_S)
            except ConnectionResetError:
                return None
            if not data:
                return None
            for words in self._decoder.feed(data):
                self._got.append([word.decode("utf-8", "surrogateescape") for word in words])
        return self._got.popleft()

    async def ask(self, *words: str | bytes) -> list[list[str]]:
        """All sentences up to and with the next `!done`, or to the end of the connection."""
        self.say(*words)
        return await self.until_done()

    async def until_done(self, times: int = 1) -> list[list[str]]:
        heard: list[list[str]] = []
        while times:
            words = await self.hear()
            if words is None:
                break
            heard.append(words)
            times -= words[0] == "!done"
        return heard

    def close(self) -> None:
        self.writer.close()
