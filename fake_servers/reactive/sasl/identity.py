"""Mechanisms without a secret: EXTERNAL and ANONYMOUS."""

from __future__ import annotations

from fake_servers.reactive.sasl.mechanism import AuthStep, Mechanism, is_utf8

ANONYMOUS_USER = b"anonymous"
TRACE_LIMIT = 255
"""Most characters of the trace information of ANONYMOUS (RFC 4505 section 2)."""


class External(Mechanism):
    """RFC 4422 appendix A: the user is the one of the client's certificate, and no other."""

    def respond(self, response: bytes) -> AuthStep:
        client = self.setting.client
        return self.login(client, bool(client) and response in (b"", client))


class Anonymous(Mechanism):
    """RFC 4505: anybody, with an address or a token for the log, or with nothing."""

    def respond(self, response: bytes) -> AuthStep:
        right = is_utf8(response) and len(response.decode("utf-8")) <= TRACE_LIMIT
        return self.login(ANONYMOUS_USER, right)


class Hopeless(Mechanism):
    """Stands in where the server was made to go on with what it would have refused."""

    def respond(self, response: bytes) -> AuthStep:
        return AuthStep.FAILURE
