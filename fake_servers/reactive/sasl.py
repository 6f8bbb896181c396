"""The server's side of SASL (RFC 4422): PLAIN, LOGIN and CRAM-MD5, and the lines around them.

The dialogue is that of RFC 5034 section 4 and RFC 4954 section 4, which are the same but
for the words of the replies; each protocol has its own words for a `Verdict`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from abc import ABC, abstractmethod
from enum import Enum, auto

from fake_servers import digests
from fake_servers.reactive.options import Draw, Options

LINE_LIMIT = 12288 + 2
"""The longest line of an exchange that must be taken, CRLF included (RFC 4954 section 4)."""


class Verdict(Enum):
    """What a line of the exchange led to."""

    CHALLENGE = auto()
    SUCCESS = auto()
    FAILURE = auto()
    CANCELLED = auto()
    NOT_BASE64 = auto()
    UNKNOWN_MECHANISM = auto()
    SERVER_FIRST = auto()
    SYNTAX = auto()


class Mechanism(ABC):
    """One run of a mechanism.

    challenge       the octets to send next, not yet in base64
    user            who logged in, known after SUCCESS
    takes_initial   whether the client may speak first
    """

    takes_initial = True

    def __init__(self, options: Options, challenge: bytes) -> None:
        self._users = options.users
        self.challenge = challenge
        self.user = b""

    @abstractmethod
    def respond(self, response: bytes) -> Verdict:
        """Judge one response: CHALLENGE, SUCCESS or FAILURE."""

    def _login(self, user: bytes, right: bool) -> Verdict:
        self.user = user
        return Verdict.SUCCESS if right else Verdict.FAILURE


class Plain(Mechanism):
    """RFC 4616. An authorization identity may be absent or equal to the user."""

    def __init__(self, options: Options, _draw: Draw) -> None:
        super().__init__(options, b"")

    def respond(self, response: bytes) -> Verdict:
        parts = response.split(b"\0")
        if len(parts) != 3:
            return Verdict.FAILURE
        authzid, user, secret = parts
        right = authzid in (b"", user) and user in self._users and self._users[user] == secret
        return self._login(user, right)


class Login(Mechanism):
    """The user, then the secret, as servers in the field ask; no RFC defines it.

    Clients that send the user as an initial response are in wide use and are answered.
    """

    def __init__(self, options: Options, _draw: Draw) -> None:
        super().__init__(options, b"Username:")
        self._name: bytes | None = None

    def respond(self, response: bytes) -> Verdict:
        if self._name is None:
            self._name = response
            self.challenge = b"Password:"
            return Verdict.CHALLENGE
        return self._login(self._name, self._users.get(self._name) == response)


class CramMd5(Mechanism):
    """RFC 2195. The server speaks first, with a challenge that is new in each exchange."""

    takes_initial = False

    def __init__(self, options: Options, draw: Draw) -> None:
        super().__init__(options, draw("challenge"))

    def respond(self, response: bytes) -> Verdict:
        user = response.rpartition(b" ")[0]
        if user not in self._users:
            return self._login(user, False)
        right = digests.cram_md5(user, self._users[user], self.challenge)
        return self._login(user, hmac.compare_digest(right, response))


class Hopeless(Mechanism):
    """Stands in where the server was made to go on with what it would have refused."""

    def __init__(self, options: Options, _draw: Draw) -> None:
        super().__init__(options, b"")

    def respond(self, response: bytes) -> Verdict:
        return Verdict.FAILURE


MECHANISMS: dict[bytes, type[Plain] | type[Login] | type[CramMd5]] = {
    b"PLAIN": Plain,
    b"LOGIN": Login,
    b"CRAM-MD5": CramMd5,
}


class Dialogue:
    """One AUTH command and the lines that follow it."""

    def __init__(self, options: Options, draw: Draw) -> None:
        self._options = options
        self._draw = draw
        self._mechanism: Mechanism = Hopeless(options, draw)
        self.name = b""

    @property
    def user(self) -> bytes:
        """Who logged in, known after SUCCESS."""
        return self._mechanism.user

    @property
    def challenge(self) -> bytes:
        """The challenge to send next, in base64."""
        return base64.b64encode(self._mechanism.challenge)

    def begin(self, arguments: bytes) -> Verdict:
        """Judge what stands behind `AUTH `: a mechanism, perhaps an initial response."""
        words = arguments.split(b" ")
        self.name = words[0].upper()
        if not self.name or len(words) > 2 or words[-1] == b"":
            return Verdict.SYNTAX
        if self.name not in self._options.sasl or self.name not in MECHANISMS:
            return Verdict.UNKNOWN_MECHANISM
        mechanism = MECHANISMS[self.name](self._options, self._draw)
        if len(words) == 1:
            self._mechanism = mechanism
            return Verdict.CHALLENGE
        if not mechanism.takes_initial:
            return Verdict.SERVER_FIRST
        self._mechanism = mechanism
        return self._respond(b"" if words[1] == b"=" else words[1])

    def line(self, response: bytes) -> Verdict:
        """Judge a line of the client, without its CRLF."""
        return Verdict.CANCELLED if response == b"*" else self._respond(response)

    def challenged(self, sent: bytes) -> None:
        """Take note of the challenge, in base64, that the client was really sent."""
        decoded = _decode(sent)
        if decoded is not None:
            self._mechanism.challenge = decoded

    def _respond(self, encoded: bytes) -> Verdict:
        response = _decode(encoded)
        return Verdict.NOT_BASE64 if response is None else self._mechanism.respond(response)


def _decode(encoded: bytes) -> bytes | None:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
