"""How a user logs in: with the password as it is (RouterOS 6.43 and newer), or by answering a challenge (older).

A router before 6.43 answers a `/login` that carries a password with a challenge all the same, so `Login.ANY` works
everywhere. Only `Login.CHALLENGE` never puts the password on the wire; routers since 6.43 do not offer it.
"""

import hashlib
from collections.abc import Generator
from dataclasses import dataclass, field
from enum import Enum

from tikfleet.routeros.api.command import Command, attribute
from tikfleet.routeros.api.errors import LoginRefused
from tikfleet.routeros.api.text import Text


class Login(Enum):
    """Which way to log in."""

    ANY = "any"
    PLAIN = "plain"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who logs in. The password is in no representation of it."""

    user: str
    password: str = field(default="", repr=False)
    login: Login = Login.ANY


def response(password: bytes, challenge_hex: str) -> str:
    """The answer to a challenge: `00` and the MD5 of a zero byte, the password and the challenge, in hexadecimal.

    Raises `ValueError` when the challenge is not hexadecimal.
    """
    digest = hashlib.md5(b"\0" + password + bytes.fromhex(challenge_hex), usedforsecurity=False)
    return f"00{digest.hexdigest()}"


def conversation(who: Credentials, text: Text) -> Generator[Command, str | None, None]:
    """The commands to send; takes the `ret` of each one's `!done`, and ends when the user is in.

    Raises `LoginRefused` where the router wants another way than the one that was asked for.
    """
    name = attribute("name", who.user)
    if who.login is Login.CHALLENGE:
        challenge = yield Command("/login")
    else:
        challenge = yield Command("/login", (name, attribute("password", who.password)))
        if challenge is None:
            return
        if who.login is Login.PLAIN:
            raise LoginRefused("the router wants its challenge answered, as before 6.43")
    if challenge is None:
        raise LoginRefused("the router offers no challenge: it is 6.43 or newer and takes the password itself")
    try:
        answer = response(text.encode(who.password), challenge)
    except ValueError:
        raise LoginRefused("the router's challenge is not hexadecimal") from None
    yield Command("/login", (name, attribute("response", answer)))
