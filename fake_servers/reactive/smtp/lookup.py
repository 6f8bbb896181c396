"""Commands that ask for information: VRFY, EXPN, HELP."""

from __future__ import annotations

from fake_servers.reactive.session import Answer
from fake_servers.reactive.smtp.state import State


def _asked(state: State, arguments: bytes) -> bytes:
    """The argument without the SMTPUTF8 parameter (RFC 6531 section 3.7.4.2)."""
    asked = arguments.strip(b" ")
    if state.options.offers(b"SMTPUTF8") and asked.upper().endswith(b" SMTPUTF8"):
        asked = asked[: -len(b" SMTPUTF8")]
    return asked


def vrfy(state: State, point: str, arguments: bytes) -> Answer:
    """VRFY: nothing is verified, so the reply is never 250 (RFC 5321 section 3.5.3)."""
    if not _asked(state, arguments):
        return state.say(point, 501, "5.5.4", "VRFY takes a user or mailbox")
    return state.say(point, 252, "2.1.5", "not verified, but mail for it is taken")


def expn(state: State, point: str, arguments: bytes) -> Answer:
    """EXPN: the members of a list; 252 if the server has no lists (RFC 5321 section 7.3)."""
    asked = _asked(state, arguments)
    if not asked:
        return state.say(point, 501, "5.5.4", "EXPN takes the name of a list")
    if not state.options.lists:
        return state.say(point, 252, "2.1.5", "lists are not shown")
    members = state.options.lists.get(asked.lower())
    if members is None:
        return state.say(point, 550, "5.1.1", "no such list")
    rows = [
        state.row(250, "2.1.5", f"<{member.decode('ascii', 'replace')}>", member is members[-1])
        for member in members
    ]
    return Answer(point, b"".join(rows))


def help_text(state: State, point: str, _arguments: bytes) -> Answer:
    """HELP, if EHLO announces it (RFC 5321 section 4.1.1.1)."""
    if not state.options.offers(b"HELP"):
        return state.say(point, 502, "5.5.1", "not implemented")
    return state.say(point, 214, "2.0.0", "see RFC 5321")
