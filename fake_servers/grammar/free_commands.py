"""Commands that the RFCs let a client send whether or not anything calls for them.

The table gives their form and their source. Whether one is free at a certain point of a
conversation is a matter of the conversation's state (`fake_servers.scripted.extras`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LINE_MAX = 512
"""Longest free command, CRLF included (RFC 5321 section 4.5.3.1.4)."""

QUIT = "QUIT"


@dataclass(frozen=True, slots=True)
class FreeCommand:
    """A command, the form of its whole line, and the place in the RFCs that allows it."""

    verb: str
    form: re.Pattern[bytes]
    source: str


def _free(verb: str, argument: bytes, source: str) -> FreeCommand:
    form = re.compile(verb.encode() + argument + rb"\r\n", re.IGNORECASE)
    return FreeCommand(verb, form, source)


_NAME = rb" (?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[!-Z^-~]+\])"
_TEXT = rb" [!-~][ -~]*"
_OPTIONAL_TEXT = rb"(?: [ -~]+)?"
_OPTIONAL_NUMBER = rb"(?: [1-9]\d{0,8})?"

FREE: dict[str, dict[str, FreeCommand]] = {
    "smtp": {
        each.verb: each
        for each in (
            _free("EHLO", _NAME, "RFC 5321 section 4.1.4"),
            _free("LHLO", _NAME, "RFC 2033 section 4.1"),
            _free("RSET", b"", "RFC 5321 section 4.1.1.5"),
            _free("NOOP", _OPTIONAL_TEXT, "RFC 5321 section 4.1.1.9"),
            _free("VRFY", _TEXT, "RFC 5321 section 4.1.1.6"),
            _free("EXPN", _TEXT, "RFC 5321 section 4.1.1.7"),
            _free("HELP", _OPTIONAL_TEXT, "RFC 5321 section 4.1.1.8"),
            _free(QUIT, b"", "RFC 5321 section 4.1.1.10"),
        )
    },
    "pop3": {
        each.verb: each
        for each in (
            _free("CAPA", b"", "RFC 2449 section 5"),
            _free("STAT", b"", "RFC 1939 section 5"),
            _free("LIST", _OPTIONAL_NUMBER, "RFC 1939 section 5"),
            _free("NOOP", b"", "RFC 1939 section 5"),
            _free("RSET", b"", "RFC 1939 section 5"),
            _free("UIDL", _OPTIONAL_NUMBER, "RFC 1939 section 7"),
            _free(QUIT, b"", "RFC 1939 sections 4 and 6"),
        )
    },
}
"""By protocol and verb. VRFY and the others of RFC 5321 section 4.1.4 need no EHLO before them."""


def free_command(protocol: str, received: bytes) -> bytes | None:
    """The free command that `received` begins with, with its CRLF.

    Empty if more octets may make it one; None if it is not, and will not be, a free command.
    """
    at = received.find(b"\n") + 1
    line = received[:at] if at else received
    if not line or len(line) > LINE_MAX:
        return None
    free = FREE[protocol]
    word = line.split(b" ")[0].rstrip(b"\r\n").upper()
    verb = word.decode("latin-1")
    if not at:
        has_whole_verb = len(word) < len(line)
        may_be = verb in free if has_whole_verb else any(each.startswith(verb) for each in free)
        return b"" if may_be else None
    return line if verb in free and free[verb].form.fullmatch(line) else None


def shape(line: bytes) -> bytes:
    """What tells one command from another: its verb, and whether a number follows LIST or UIDL."""
    words = line.split()
    verb = words[0].upper() if words else b""
    return verb + b" n" if verb in (b"LIST", b"UIDL") and len(words) > 1 else verb
