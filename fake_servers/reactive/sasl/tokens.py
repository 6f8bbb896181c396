"""Mechanisms with a bearer token, which is the user's secret: OAUTHBEARER and XOAUTH2.

The server reports a refusal in JSON, in a challenge. The client answers it, then AUTH fails.
"""

from __future__ import annotations

import re

from fake_servers.reactive.sasl.mechanism import AuthStep, Mechanism, Setting

DUMMY = b"\x01"
"""The client's answer to a refusal of OAUTHBEARER (RFC 7628 section 3.2.3)."""

_GS2 = re.compile(rb"n,(?:a=([^,\x01]+))?,\x01(.*)\x01", re.DOTALL)
_XOAUTH2 = re.compile(rb"user=([^\x01]+)\x01(.*)\x01", re.DOTALL)
_PAIR = re.compile(rb"([A-Za-z]+)=([^\x01]*)\x01")
_BEARER = re.compile(rb"Bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


class _Token(Mechanism):
    """One message with a user and a token."""

    message = _GS2
    refusal = b""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._is_refused = False

    def respond(self, response: bytes) -> AuthStep:
        if self._is_refused:
            return AuthStep.FAILURE
        user = self._bearer(response)
        if user is None:
            self._is_refused = True
            self.challenge = self.refusal
            return AuthStep.CHALLENGE
        return self.login(user, True)

    def _bearer(self, response: bytes) -> bytes | None:
        """The user whose token this is, or None; unknown keys are ignored."""
        found = self.message.fullmatch(response)
        if found is None or _PAIR.sub(b"", found[2]):
            return None
        pairs = dict(_PAIR.findall(found[2]))
        token = _BEARER.fullmatch(pairs.get(b"auth", b""))
        if token is None:
            return None
        owners = [user for user, secret in self.setting.options.users.items() if secret == token[1]]
        return next((user for user in owners if found[1] in (None, user)), None)


class OAuthBearer(_Token):
    """RFC 7628. The GS2 header need not name the user, because the token does."""

    refusal = b'{"status":"invalid_token","schemes":"bearer","scope":"mail"}'


class XOAuth2(_Token):
    """The vendors' mechanism before RFC 7628; no RFC defines it."""

    message = _XOAUTH2
    refusal = b'{"status":"401","schemes":"bearer","scope":"mail"}'
