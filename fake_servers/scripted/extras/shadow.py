"""A session of the reactive server that follows a conversation between two others.

It is given what each side says, pairs each reply with the unit that it answers, and lets its
state follow the replies that were really sent. So it always knows what state the conversation
is in, and what a correct server would answer there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from fake_servers.reactive.inbox import Inbox, next_question
from fake_servers.reactive.maildrop import Maildrop, Message
from fake_servers.reactive.options import Options
from fake_servers.reactive.pop3 import Pop3Session
from fake_servers.reactive.session import Answer, ServerSession
from fake_servers.reactive.smtp import SmtpSession
from fake_servers.scripted.extras.reply_end import reply_end
from fake_servers.wire.connection import DATA_LIMIT

HELLOS = frozenset({"EHLO", "HELO", "LHLO"})
_POP3_CAPS = (b"TOP", b"UIDL", b"USER", b"UTF8 USER", b"LANG")
_SMTP_CAPS = (b"CHUNKING", b"SMTPUTF8")
"""Without these a session would not follow a client that uses them."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One unit that the client sent, and the whole reply to it.

    line          the command or response; empty for the greeting and for message data
    verb          of a command, in upper case; of other units, their point in `on` lines
    is_secure     under TLS
    is_logged_in  POP3: in TRANSACTION, before the reply
    """

    line: bytes
    verb: str
    reply: bytes
    is_secure: bool
    is_logged_in: bool

    @property
    def accepted(self) -> bool:
        """Whether the reply is positive."""
        return self.reply.startswith((b"2", b"+OK"))


@dataclass(frozen=True, slots=True)
class _Heard:
    """Octets of the client; `is_extra` marks a command that the reactive server must answer."""

    octets: bytes
    is_extra: bool


class Shadow:
    """Follows one connection. `messages` are those of the maildrop (POP3).

    session    in the state in which the last reply has left it
    exchanges  those that are complete, the greeting first
    """

    def __init__(
        self, protocol: str, messages: Iterable[Message] = (), is_lmtp: bool = False
    ) -> None:
        self.session = _session(protocol, messages, is_lmtp)
        self.exchanges: list[Exchange] = []
        self.is_smtp = protocol == "smtp"
        self._heard: deque[_Heard] = deque()
        self._inbox = Inbox()
        self._said = bytearray()
        self._asked: Answer | None = self.session.greeting()
        self._line = b""
        self._is_extra = False

    # -- what is said -------------------------------------------------------------

    def heard(self, octets: bytes, is_extra: bool = False) -> None:
        """The client sent this."""
        self._heard.append(_Heard(octets, is_extra))
        self._advance()

    def said(self, octets: bytes) -> None:
        """The server sent this; octets that answer nothing are not kept for a later command."""
        if self.is_owed:
            self._said += octets
            self._advance()
        if not self.is_owed:
            self._said.clear()

    def secured(self) -> None:
        """TLS is up; nothing that was said before it counts any more."""
        self._heard.clear()
        self._inbox, self._said = Inbox(), bytearray()
        if self.exchanges:
            self._asked, self._is_extra = None, False
        self.session.secured(b"")

    # -- the state of the conversation --------------------------------------------

    @property
    def is_owed(self) -> bool:
        """Whether a reply is still to come."""
        return self._asked is not None or bool(self._heard)

    @property
    def last_heard(self) -> bytes:
        """The client's last line that has no reply yet."""
        return self._heard[-1].octets if self._heard else self._line

    @property
    def asked_line(self) -> bytes:
        """The command whose reply is owed next."""
        return self._line

    @property
    def is_amid(self) -> bool:
        """Whether the client's next octets are not a command but a response, data or TLS."""
        session = self.session
        return (
            not self._inbox.is_empty
            or session.reading_data
            or session.chunk is not None
            or session.wants_tls
            or getattr(session, "dialogue", None) is not None
        )

    @property
    def is_logged_in(self) -> bool:
        """POP3: in TRANSACTION."""
        return getattr(self.session, "view", None) is not None

    @property
    def in_transaction(self) -> bool:
        """SMTP: between an accepted MAIL and the end of the mail transaction."""
        return getattr(self.session, "sender", None) is not None

    @property
    def hello(self) -> bytes:
        """The last reply that accepted EHLO, HELO or LHLO; empty before the first."""
        found = [e.reply for e in self.valid_exchanges() if e.verb in HELLOS and e.accepted]
        return found[-1] if found else b""

    def valid_exchanges(self) -> list[Exchange]:
        """The exchanges that still hold: what was said before TLS does not hold under it."""
        return [each for each in self.exchanges if each.is_secure == self.session.is_secure]

    def due(self) -> Answer | None:
        """The correct answer if a command waits for the reactive server's reply."""
        return self._asked if self._is_extra and not self._said else None

    def reply_length(self, octets: bytes) -> int | None:
        """How many of these octets of the server complete the reply that is owed next; None if
        they do not complete it.
        """
        if self._asked is None:
            return None
        end = reply_end(bytes(self._said) + octets, self._asked, self.is_smtp)
        return None if end is None else end - len(self._said)

    # -- inside -------------------------------------------------------------------

    def _advance(self) -> None:
        while self._asked is not None or self._ask():
            assert self._asked is not None
            end = reply_end(bytes(self._said), self._asked, self.is_smtp)
            if end is None:
                return
            reply = bytes(self._said[:end])
            del self._said[:end]
            self._apply(self._asked, reply)

    def _ask(self) -> bool:
        """Hand the client's next unit to the session; False while it is incomplete."""
        while not self.session.wants_tls:
            ask = next_question(self.session, self._inbox, DATA_LIMIT)
            if ask is not None:
                has_line = not self.session.reading_data and self.session.chunk is None
                if has_line and isinstance(ask, partial):
                    self._line = ask.args[0]
                self._asked = ask()
                if self._asked is not None:
                    return True
            elif self._heard:
                entry = self._heard.popleft()
                self._inbox.feed(entry.octets)
                self._is_extra = entry.is_extra
            else:
                return False
        return False

    def _apply(self, answer: Answer, reply: bytes) -> None:
        verb = answer.point or self._line.split(b" ")[0].decode("latin-1").upper()
        done = Exchange(self._line, verb, reply, self.session.is_secure, self.is_logged_in)
        self.exchanges.append(done)
        self.session.apply(answer, reply)
        if verb in HELLOS and done.accepted and isinstance(self.session, SmtpSession):
            lines = [line[4:] for line in reply.split(b"\r\n")[1:-1]]
            self.session.options = replace(self.session.options, caps=(*lines, *_SMTP_CAPS))
        self._asked, self._line, self._is_extra = None, b"", False


def _session(protocol: str, messages: Iterable[Message], is_lmtp: bool) -> ServerSession:
    if protocol == "smtp":
        options = Options(caps=_SMTP_CAPS, lmtp=is_lmtp)
        return SmtpSession(options, _draw, _forget, lambda _message: None)
    maildrop = Maildrop(())
    maildrop.replace(messages)
    return Pop3Session(Options(caps=_POP3_CAPS, apop=False), maildrop, _draw, _forget)


def _draw(_purpose: str) -> bytes:
    return b"<1.1@mail.example.org>"


def _forget(_way: str, _user: bytes) -> None:
    """A shadow has no use for the user who logged in."""
