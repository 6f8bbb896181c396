"""What all SASL mechanisms (RFC 4422) share on the server's side."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum, auto

from fake_servers.reactive.options import Draw, Options


class AuthStep(Enum):
    """What a line of the exchange leads to."""

    CHALLENGE = auto()
    SUCCESS = auto()
    FAILURE = auto()
    CANCELLED = auto()
    NOT_BASE64 = auto()
    UNKNOWN_MECHANISM = auto()
    SERVER_FIRST = auto()
    SYNTAX = auto()


@dataclass(frozen=True, slots=True)
class Setting:
    """What a mechanism knows about the server.

    draw    gives salts, nonces and challenges
    client  the common name of the client's certificate; empty if it has not shown one
    """

    options: Options
    draw: Draw
    client: bytes = b""

    def secret_of(self, user: bytes) -> bytes | None:
        """The user's secret; None for an unknown user."""
        return self.options.users.get(user)


class Mechanism(ABC):
    """One run of a mechanism.

    challenge       the octets to send next, not yet in base64
    user            who logged in, known after SUCCESS
    takes_initial   whether the client may send an initial response
    """

    takes_initial = True

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.challenge = b""
        self.user = b""

    @abstractmethod
    def respond(self, response: bytes) -> AuthStep:
        """Judge one response: CHALLENGE, SUCCESS or FAILURE."""

    def login(self, user: bytes, right: bool) -> AuthStep:
        """The end of an exchange: SUCCESS for this user if `right`, else FAILURE."""
        self.user = user
        return AuthStep.SUCCESS if right else AuthStep.FAILURE


def is_utf8(octets: bytes) -> bool:
    """Whether octets are well-formed UTF-8 without NUL."""
    try:
        return "\0" not in octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
