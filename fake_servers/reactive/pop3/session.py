"""A correct POP3 server's side of one session: which commands are allowed when, in what form.

TOP, UIDL, USER, UTF8 and LANG exist only if the capabilities name them; SASL mechanisms and
STLS only if they are offered. Multi-line replies start with a bare `+OK`, so that the octets of
a `cut` are easy to count.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fake_servers.reactive.pop3 import login, mailbox, modes
from fake_servers.reactive.pop3.state import State
from fake_servers.reactive.sasl import LINE_LIMIT
from fake_servers.reactive.sasl.mechanism import is_utf8
from fake_servers.reactive.session import Answer, Tone

COMMAND_LIMIT = 255
"""The longest command, CRLF included (RFC 2449 section 4)."""

_NONE = re.compile(rb"")
_TEXT = re.compile(rb" (.*)", re.DOTALL)
_NAME_AND_DIGEST = re.compile(rb" (.+) ([^ ]+)", re.DOTALL)
_NUMBER = re.compile(rb" (\d{1,10})")
_NUMBER_OR_NONE = re.compile(rb"(?: (\d{1,10}))?")
_TWO_NUMBERS = re.compile(rb" (\d{1,10}) (\d{1,10})")
_TAG_OR_NONE = re.compile(rb"(?: ([A-Za-z0-9-]{1,63}|\*))?")


@dataclass(frozen=True, slots=True)
class _Command:
    """One command: the states in which it is allowed, and the form of its arguments."""

    authorization: bool
    transaction: bool
    arguments: re.Pattern[bytes]
    handle: Callable[[State, re.Match[bytes]], Answer]
    capability: bytes = b""


class Pop3Session(State):
    """One POP3 connection. Only QUIT in TRANSACTION removes messages from the maildrop."""

    @property
    def line_limit(self) -> int:
        return LINE_LIMIT if self.dialogue else COMMAND_LIMIT

    def tone(self, said: bytes) -> Tone | None:
        """What a reply means, also a malformed one that a client may accept."""
        said = said.lstrip(b"\r\n")
        if said[:3].upper() == b"+OK":
            return Tone.ACCEPTED
        tones = {b"+": Tone.CONTINUED, b"-": Tone.REFUSED}
        return tones.get(said[:1])

    def greeting(self) -> Answer:
        timestamp = b" " + self.draw("greeting") if self.options.apop else b""
        reply = b"+OK POP3 server ready" + timestamp + b"\r\n"
        return Answer("CONNECT", reply, accepted=self.greeted)

    def line(self, line: bytes) -> Answer:
        if not line.endswith(b"\r\n") or not self._is_legal(line[:-2]):
            self.dialogue = self.user = None
            return self.err("a line is printable and ends in CRLF")
        if self.dialogue:
            return login.exchange(self, "RESPONSE", self.dialogue.line(line[:-2]), self.dialogue)
        self.named, self.user = self.user, None
        keyword = line[:-2].partition(b" ")[0]
        point = keyword.upper().decode("latin-1")
        command = _COMMANDS.get(keyword.upper())
        if command is None or not self._has(command.capability):
            return self.err("unknown command", point)
        if not (command.transaction if self.view else command.authorization):
            return self.err("not in this state", point)
        words = line[len(keyword) : -2]
        if command.arguments is not _TEXT:  # a name or a password may end in blanks
            words = words.rstrip(b" ")
        arguments = command.arguments.fullmatch(words)
        if arguments is None:
            return self.err("bad arguments", point)
        return command.handle(self, arguments)

    def line_too_long(self) -> Answer:
        self.dialogue = self.user = None
        return self.err("line too long")

    def _is_legal(self, octets: bytes) -> bool:
        """Printable ASCII, or UTF-8 if the server has said that it accepts UTF-8 (RFC 6856)."""
        if any(octet < 0x20 or octet == 0x7F for octet in octets):
            return False
        takes_utf8 = self.utf8 or b"USER" in self.options.parameters(b"UTF8")
        return octets.isascii() or (takes_utf8 and is_utf8(octets))

    def _has(self, capability: bytes) -> bool:
        return not capability or self.options.offers(capability)


_COMMANDS = {
    b"CAPA": _Command(True, True, _NONE, login.capa),
    b"STLS": _Command(True, False, _NONE, login.stls),
    b"USER": _Command(True, False, _TEXT, login.user, b"USER"),
    b"PASS": _Command(True, False, _TEXT, login.password, b"USER"),
    b"APOP": _Command(True, False, _NAME_AND_DIGEST, login.apop),
    b"AUTH": _Command(True, False, _TEXT, login.auth),
    b"UTF8": _Command(True, False, _NONE, modes.utf8, b"UTF8"),
    b"LANG": _Command(True, True, _TAG_OR_NONE, modes.lang, b"LANG"),
    b"QUIT": _Command(True, True, _NONE, login.quit_session),
    b"STAT": _Command(False, True, _NONE, mailbox.stat),
    b"LIST": _Command(False, True, _NUMBER_OR_NONE, mailbox.scan),
    b"UIDL": _Command(False, True, _NUMBER_OR_NONE, mailbox.uidl, b"UIDL"),
    b"RETR": _Command(False, True, _NUMBER, mailbox.retr),
    b"TOP": _Command(False, True, _TWO_NUMBERS, mailbox.top_of, b"TOP"),
    b"DELE": _Command(False, True, _NUMBER, mailbox.dele),
    b"NOOP": _Command(False, True, _NONE, mailbox.noop),
    b"RSET": _Command(False, True, _NONE, mailbox.rset),
}
