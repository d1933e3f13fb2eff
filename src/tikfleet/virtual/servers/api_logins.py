"""Who may use the API: a password as it is, or, where a router is to serve clients from before 6.43, a challenge."""

import hmac
import secrets
from collections.abc import Callable
from typing import Final, TypeAlias

from tikfleet.routeros.api.login import response
from tikfleet.virtual.menus.request import Caller, Refused
from tikfleet.virtual.servers.api_sentences import Asked
from tikfleet.virtual.servers.router import Router

Passwords: TypeAlias = Callable[[str], str | None]
VIA: Final = "api"
_REFUSAL: Final = "invalid user name or password (6)"


class Logins:
    """The logins of one connection. `passwords` gives a user's clear password, without which there is no challenge."""

    def __init__(self, router: Router, address: str, passwords: Passwords | None) -> None:
        self._router = router
        self._address = address
        self._passwords = passwords
        self._challenge = ""

    def attempt(self, sentence: Asked) -> Caller | str:
        """Who is in, or the challenge to answer next. Raises `Refused`. A challenge is good for one answer."""
        given = sentence.arguments
        if self._passwords is not None and "name" not in given:
            self._challenge = secrets.token_hex(16)
            return self._challenge
        user = given.get("name", "")
        if "response" in given:
            return self._router.authenticate(user, self._proven(user, given["response"]), VIA, self._address)
        return self._router.authenticate(user, given.get("password", ""), VIA, self._address)

    def _proven(self, user: str, answer: str) -> str:
        challenge, self._challenge = self._challenge, ""
        password = None if self._passwords is None else self._passwords(user)
        if not challenge or password is None:
            raise Refused(_REFUSAL)
        expected = response(password.encode("utf-8", "surrogateescape"), challenge)
        if not hmac.compare_digest(expected.encode(), answer.lower().encode("utf-8", "surrogateescape")):
            raise Refused(_REFUSAL)
        return password
