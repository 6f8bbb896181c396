"""AUTH (RFC 4954)."""

from __future__ import annotations

from dataclasses import replace

from fake_servers.reactive.sasl import AuthStep, Dialogue
from fake_servers.reactive.session import Answer
from fake_servers.reactive.smtp.state import State

_REPLIES = {
    AuthStep.SUCCESS: (235, "2.7.0", "authenticated"),
    AuthStep.FAILURE: (535, "5.7.8", "authentication failed"),
    AuthStep.CANCELLED: (501, "5.7.0", "authentication cancelled"),
    AuthStep.NOT_BASE64: (501, "5.5.2", "that is not base64"),
    AuthStep.UNKNOWN_MECHANISM: (504, "5.5.4", "mechanism not offered"),
    AuthStep.SERVER_FIRST: (501, "5.7.0", "this mechanism has no initial response"),
    AuthStep.SYNTAX: (501, "5.5.4", "AUTH takes a mechanism and perhaps an initial response"),
}


def auth(state: State, point: str, arguments: bytes) -> Answer:
    """AUTH: after EHLO, before MAIL, and only once."""
    dialogue = Dialogue(state.options, state.draw, state.client)
    answer = exchange(state, point, dialogue.begin(arguments.removeprefix(b" ")), dialogue)
    if not state.options.sasl:
        fault = state.say(point, 502, "5.5.1", "AUTH is not offered")
    elif not state.extended or state.authenticated or state.sender:
        fault = state.say(point, 503, "5.5.1", "not now: after EHLO, before MAIL, and once")
    else:
        return answer
    return Answer(point, fault.reply, answer.accepted, answer.continued)


def exchange(state: State, point: str, step: AuthStep, dialogue: Dialogue) -> Answer:
    """The answer to AUTH or to a response, by what the mechanism makes of it."""
    return replace(_exchange(state, point, step, dialogue), stage=dialogue.stage(step))


def _exchange(state: State, point: str, step: AuthStep, dialogue: Dialogue) -> Answer:
    def accepted(_said: bytes) -> None:
        state.authenticated = True
        state.note_login(dialogue.name.decode("latin-1"), dialogue.user)

    def continued(said: bytes) -> None:
        state.dialogue = dialogue
        dialogue.challenged(said[4:].rstrip(b"\r\n"))

    if step is AuthStep.CHALLENGE:
        return Answer(point, b"334 " + dialogue.challenge + b"\r\n", accepted, continued)
    code, enhanced, text = _REPLIES[step]
    return state.say(point, code, enhanced, text, accepted, continued)
