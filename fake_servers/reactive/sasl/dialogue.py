"""The lines of AUTH: a mechanism, challenges and responses in base64, and the end.

The dialogue is that of RFC 5034 section 4 and RFC 4954 section 4, which are the same except
for the words of the replies; each protocol has its own words for a `Verdict`.
"""

from __future__ import annotations

import base64
import binascii

from fake_servers.reactive.options import Draw, Options
from fake_servers.reactive.sasl.identity import Anonymous, External, Hopeless
from fake_servers.reactive.sasl.mechanism import AuthStep, Mechanism, Setting
from fake_servers.reactive.sasl.passwords import CramMd5, Login, Plain, ScramSha1, ScramSha256
from fake_servers.reactive.sasl.tokens import OAuthBearer, XOAuth2

LINE_LIMIT = 12288 + 2
"""The longest line of an exchange that a server must accept, with CRLF (RFC 4954 section 4)."""

MECHANISMS: dict[bytes, type[Mechanism]] = {
    b"PLAIN": Plain,
    b"LOGIN": Login,
    b"CRAM-MD5": CramMd5,
    b"SCRAM-SHA-1": ScramSha1,
    b"SCRAM-SHA-256": ScramSha256,
    b"OAUTHBEARER": OAuthBearer,
    b"XOAUTH2": XOAuth2,
    b"EXTERNAL": External,
    b"ANONYMOUS": Anonymous,
}


class Dialogue:
    """One AUTH command and the lines that follow it."""

    def __init__(self, options: Options, draw: Draw, client: bytes = b"") -> None:
        self._setting = Setting(options, draw, client)
        self._mechanism: Mechanism = Hopeless(self._setting)
        self.name = b""
        self._has_begun = False

    @property
    def user(self) -> bytes:
        """Who logged in, known after SUCCESS."""
        return self._mechanism.user

    def stage(self, step: AuthStep) -> str:
        """What the answer to a step does in the exchange; empty for what cannot be bent.

        INITIAL    asks for the initial response of a client that has sent none
        CHALLENGE  asks for another response
        OUTCOME    says whether the client has shown that it is the user
        """
        if step is AuthStep.CHALLENGE:
            return "CHALLENGE" if self._has_begun else "INITIAL"
        return "OUTCOME" if step in (AuthStep.SUCCESS, AuthStep.FAILURE) else ""

    @property
    def challenge(self) -> bytes:
        """The challenge to send next, in base64."""
        return base64.b64encode(self._mechanism.challenge)

    def begin(self, arguments: bytes) -> AuthStep:
        """Judge the arguments of AUTH: a mechanism, perhaps an initial response."""
        words = arguments.split(b" ")
        self.name = words[0].upper()
        if not self.name or len(words) > 2 or words[-1] == b"":
            return AuthStep.SYNTAX
        if self.name not in self._setting.options.sasl or self.name not in MECHANISMS:
            return AuthStep.UNKNOWN_MECHANISM
        mechanism = MECHANISMS[self.name](self._setting)
        if len(words) == 1:
            self._mechanism = mechanism
            self._has_begun = not mechanism.takes_initial
            return AuthStep.CHALLENGE
        if not mechanism.takes_initial:
            return AuthStep.SERVER_FIRST
        self._mechanism = mechanism
        return self._respond(b"" if words[1] == b"=" else words[1])

    def line(self, response: bytes) -> AuthStep:
        """Judge a line of the client, without its CRLF."""
        return AuthStep.CANCELLED if response == b"*" else self._respond(response)

    def challenged(self, sent: bytes) -> None:
        """Remember the challenge, in base64, that the client was really sent."""
        decoded = _decode(sent)
        if decoded is not None:
            self._mechanism.challenge = decoded

    def _respond(self, encoded: bytes) -> AuthStep:
        self._has_begun = True
        response = _decode(encoded)
        return AuthStep.NOT_BASE64 if response is None else self._mechanism.respond(response)


def _decode(encoded: bytes) -> bytes | None:
    """Decode base64, or None; b64decode alone would accept too much padding."""
    if len(encoded) % 4 or encoded.count(b"=") > 2:
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
