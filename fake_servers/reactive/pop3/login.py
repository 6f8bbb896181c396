"""The commands of AUTHORIZATION (RFC 1939 sections 4 and 7, RFC 2449, RFC 2595, RFC 5034)."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace

from fake_servers.auth import digests
from fake_servers.reactive.pop3.state import State, listing
from fake_servers.reactive.sasl import AuthStep, Dialogue
from fake_servers.reactive.session import Answer

_PER_USER = (b"LOGIN-DELAY", b"EXPIRE")
"""Capabilities whose parameter USER says that the value may differ after the login."""

_AUTH_FAILURES = {
    AuthStep.FAILURE: "authentication failed",
    AuthStep.CANCELLED: "authentication cancelled",
    AuthStep.NOT_BASE64: "that is not base64",
    AuthStep.UNKNOWN_MECHANISM: "mechanism not offered",
    AuthStep.SERVER_FIRST: "this mechanism has no initial response",
    AuthStep.SYNTAX: "AUTH takes a mechanism and perhaps an initial response",
}


def capa(state: State, _arguments: re.Match[bytes]) -> Answer:
    """CAPA (RFC 2449 section 5); STLS is listed only before the login and without TLS."""
    lines = [_after_login(line) for line in state.options.caps] if state.view else []
    lines = lines or list(state.options.caps)
    if state.options.sasl:
        lines.append(b" ".join((b"SASL", *state.options.sasl)))
    if offers_stls(state):
        lines.append(b"STLS")
    return Answer("CAPA", listing(lines))


def _after_login(line: bytes) -> bytes:
    """The user's own value, after the login (RFC 2449 sections 6.5 and 6.7)."""
    return line.removesuffix(b" USER") if line.split(b" ")[0].upper() in _PER_USER else line


def offers_stls(state: State) -> bool:
    """Whether STLS would be accepted now (RFC 2595 sections 4 and 8)."""
    return state.options.tls == "starttls" and not state.is_secure and state.view is None


def stls(state: State, _arguments: re.Match[bytes]) -> Answer:
    """STLS; the server begins TLS after the positive reply."""

    def accepted(_said: bytes) -> None:
        state.wants_tls = True

    if not offers_stls(state):
        return state.err("no TLS here", "STLS", accepted=accepted)
    return Answer("STLS", b"+OK begin TLS\r\n", accepted)


def refuses_in_clear(state: State) -> bool:
    """Whether logins need TLS first; right and wrong ones get the same reply (RFC 8314)."""
    return not (state.options.clear or state.is_secure)


def user(state: State, arguments: re.Match[bytes]) -> Answer:
    """USER; the answer does not reveal whether the user exists."""

    def accepted(_said: bytes) -> None:
        state.user = arguments[1]

    if refuses_in_clear(state):
        return state.err("TLS first", "USER", accepted=accepted)
    return Answer("USER", b"+OK send PASS\r\n", accepted)


def password(state: State, arguments: re.Match[bytes]) -> Answer:
    """PASS, right after USER; blanks are part of the password."""
    name, users = state.named, state.options.users
    fault = None
    if refuses_in_clear(state):
        fault = state.err("TLS first", "PASS")
    elif name is None:
        fault = state.err("USER first", "PASS")
    elif name not in users or users[name] != arguments[1]:
        fault = state.err("wrong name or password", "PASS", "AUTH")
    return state.login("PASS", "USER", name or b"", fault)


def apop(state: State, arguments: re.Match[bytes]) -> Answer:
    """APOP, with the digest of the greeting's timestamp and the secret."""
    name, digest = arguments.groups()
    secret = state.options.users.get(name)
    fault = None
    if refuses_in_clear(state):
        fault = state.err("TLS first", "APOP")
    elif not state.timestamp:
        fault = state.err("the greeting had no timestamp", "APOP")
    elif secret is None or not hmac.compare_digest(digests.apop(state.timestamp, secret), digest):
        fault = state.err("wrong name or digest", "APOP", "AUTH")
    return state.login("APOP", "APOP", name, fault)


def auth(state: State, arguments: re.Match[bytes]) -> Answer:
    """AUTH with a mechanism (RFC 5034 section 4)."""
    dialogue = Dialogue(state.options, state.draw, state.client)
    answer = exchange(state, "AUTH", dialogue.begin(arguments[1]), dialogue)
    if not refuses_in_clear(state):
        return answer
    fault = state.err("TLS first", "AUTH")
    return Answer("AUTH", fault.reply, answer.accepted, answer.continued, answer.refused)


def exchange(state: State, point: str, step: AuthStep, dialogue: Dialogue) -> Answer:
    """The answer to AUTH or to a response, by what the mechanism makes of it."""
    return replace(_exchange(state, point, step, dialogue), stage=dialogue.stage(step))


def _exchange(state: State, point: str, step: AuthStep, dialogue: Dialogue) -> Answer:
    def continued(said: bytes) -> None:
        state.dialogue = dialogue
        dialogue.challenged(said.removeprefix(b"+").strip())

    def refused(_said: bytes) -> None:
        state.dialogue = None
        state.unlock()

    fault = None
    if step is not AuthStep.SUCCESS:
        code = "AUTH" if step is AuthStep.FAILURE else ""
        fault = state.err(_AUTH_FAILURES.get(step, ""), point, code)
    end = state.login(point, dialogue.name.decode("latin-1"), dialogue.user, fault)

    def accepted(said: bytes) -> None:
        state.dialogue = None
        end.accepted(said)

    reply = end.reply
    if step is AuthStep.CHALLENGE:
        reply = b"+ " + dialogue.challenge + b"\r\n"
    return Answer(point, reply, accepted, continued, refused)


def quit_session(state: State, _arguments: re.Match[bytes]) -> Answer:
    """QUIT; in TRANSACTION it removes what is marked (RFC 1939 section 6)."""

    def accepted(said: bytes) -> None:
        if state.view:
            state.view.commit()
        ended(said)

    def ended(_said: bytes) -> None:
        state.closing = True
        state.unlock()

    return Answer("QUIT", b"+OK signing off\r\n", accepted, ended, ended)
