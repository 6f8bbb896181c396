"""Mechanisms with a password: PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1 and SCRAM-SHA-256."""

from __future__ import annotations

import hmac
from base64 import b64encode

from fake_servers.auth import digests, scram
from fake_servers.reactive.sasl.mechanism import AuthStep, Mechanism, Setting, is_utf8


class Plain(Mechanism):
    """RFC 4616. An authorization identity may be absent or equal to the user.

    Names and secrets may be longer than the 255 octets that every server must accept (section 2).
    """

    def respond(self, response: bytes) -> AuthStep:
        parts = response.split(b"\0")
        if len(parts) != 3 or not all(map(is_utf8, parts)):
            return AuthStep.FAILURE
        authzid, user, secret = parts
        right = authzid in (b"", user) and self.setting.secret_of(user) == secret
        return self.login(user, right)


class Login(Mechanism):
    """First the user, then the secret, as servers in the field ask; no RFC defines it.

    Clients that send the user as an initial response are in wide use and are accepted.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.challenge = b"Username:"
        self._name: bytes | None = None

    def respond(self, response: bytes) -> AuthStep:
        if self._name is None:
            self._name = response
            self.challenge = b"Password:"
            return AuthStep.CHALLENGE
        return self.login(self._name, self.setting.secret_of(self._name) == response)


class CramMd5(Mechanism):
    """RFC 2195. The server speaks first, with a new challenge in each exchange."""

    takes_initial = False

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.challenge = setting.draw("challenge")

    def respond(self, response: bytes) -> AuthStep:
        user = response.rpartition(b" ")[0]
        secret = self.setting.secret_of(user)
        if secret is None:
            return self.login(user, False)
        right = digests.cram_md5(user, secret, self.challenge)
        return self.login(user, hmac.compare_digest(right, response))


class Scram(Mechanism):
    """RFC 5802 without channel binding. The signature is a challenge; the response is empty.

    A case can make the signature wrong, or leave it out (`signature=wrong|missing`), and the first
    message odd (`scram=...`): a client that goes on all the same logs in. An unknown user fails at
    the proof, like one with a wrong secret.
    """

    hash_name = ""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._first = b""
        self._exchange: scram.ScramExchange | None = None
        self._is_proved = False

    def respond(self, response: bytes) -> AuthStep:
        if self._is_proved:
            return self.login(self.user, response == b"")
        try:
            return self._final(response) if self._first else self._begin(response)
        except scram.BadMessage:
            return AuthStep.FAILURE

    def _begin(self, first: bytes) -> AuthStep:
        header = scram.gs2_header(first)
        values = scram.attributes(first[len(header) :])
        flag, authzid, _ = header.split(b",")
        self.user = scram.read_name(values.get(b"n", b""))
        names = (b"", b"a=" + values.get(b"n", b""))
        if flag not in (b"n", b"y") or authzid not in names or list(values)[:2] != [b"n", b"r"]:
            return AuthStep.FAILURE
        if not self.user or not is_utf8(self.user):
            return AuthStep.FAILURE
        salt, nonce = self.setting.draw("salt"), self.setting.draw("nonce")
        self._first = first
        challenge = scram.server_first(first, nonce, salt, self.setting.options.iterations)
        self.challenge = self._odd(challenge, salt)
        return AuthStep.CHALLENGE

    def _odd(self, challenge: bytes, salt: bytes) -> bytes:
        """The first message with what the case makes odd in it."""
        return {
            "right": challenge,
            "extension": challenge + b",x=nobody-must-know-it",
            "demand": b"m=it-must-be-known," + challenge,
            "foreign-nonce": b"r=" + b64encode(salt) + challenge[challenge.index(b",s=") :],
            "empty-salt": challenge.replace(b",s=" + b64encode(salt), b",s="),
        }[self.setting.options.scram]

    def _final(self, final: bytes) -> AuthStep:
        """Judge the final message; `challenge` is still what the client was really sent."""
        exchange = scram.ScramExchange(self.hash_name, self._first, self.challenge)
        secret = self.setting.secret_of(self.user)
        right = exchange.without_proof() + b",p=" + exchange.proof(secret or b"")
        if secret is None or not hmac.compare_digest(right, final):
            return AuthStep.FAILURE
        self._is_proved = True
        signature = exchange.signature(secret)
        if self.setting.options.signature == "missing":
            return AuthStep.SUCCESS
        if self.setting.options.signature == "wrong":
            signature = exchange.signature(secret + b"!")
        self.challenge = b"v=" + signature
        return AuthStep.CHALLENGE


class ScramSha1(Scram):
    """SCRAM-SHA-1 (RFC 5802)."""

    hash_name = "sha1"


class ScramSha256(Scram):
    """SCRAM-SHA-256 (RFC 7677)."""

    hash_name = "sha256"
