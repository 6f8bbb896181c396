"""Mechanisms without a secret: EXTERNAL and ANONYMOUS."""

from __future__ import annotations

from fake_servers.reactive.sasl.mechanism import AuthStep, Mechanism, is_utf8

ANONYMOUS_USER = b"anonymous"
TRACE_LIMIT = 255
"""The most characters of the trace information of ANONYMOUS (RFC 4505 section 2)."""


class External(Mechanism):
    """RFC 4422 appendix A: the user must be the one that the client's certificate names."""

    def respond(self, response: bytes) -> AuthStep:
        client = self.setting.client
        return self.login(client, bool(client) and response in (b"", client))


class Anonymous(Mechanism):
    """RFC 4505: accepts anybody, with an address, a token for the log, or nothing."""

    def respond(self, response: bytes) -> AuthStep:
        right = is_utf8(response) and len(response.decode("utf-8")) <= TRACE_LIMIT
        return self.login(ANONYMOUS_USER, right)


class Hopeless(Mechanism):
    """Takes the place of a mechanism if a case makes the server go on with a refused AUTH."""

    def respond(self, response: bytes) -> AuthStep:
        return AuthStep.FAILURE
