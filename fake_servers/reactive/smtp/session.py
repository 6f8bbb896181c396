"""A correct SMTP server's side of one session: which commands are allowed, in what form.

An extension exists only if the capabilities name it: otherwise its parameters are refused, and
enhanced status codes are left out. Message data is stored as it comes; monitors judge it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from fake_servers.reactive.sasl import LINE_LIMIT
from fake_servers.reactive.sasl.mechanism import is_utf8
from fake_servers.reactive.session import Answer, Tone
from fake_servers.reactive.smtp import auth, chunks, hello, lookup, transaction
from fake_servers.reactive.smtp.state import COMMAND_LIMIT, HOST, State

_MAY_WAIT = frozenset({"MAIL", "RCPT", "RSET", "BDAT", "DOT"})
"""Points whose replies may be sent together with later ones (RFC 2920 section 3.2)."""

_BEFORE_TLS = frozenset({b"NOOP", b"EHLO", b"LHLO", b"STARTTLS", b"QUIT"})
"""Commands that do not need TLS if all others do (RFC 3207 section 4)."""

_CODE = re.compile(rb"([2-5])\d\d(?!\d)")
_TONES = {b"2": Tone.ACCEPTED, b"3": Tone.CONTINUED, b"4": Tone.REFUSED, b"5": Tone.REFUSED}

Handler = Callable[[State, str, bytes], "Answer | None"]


class SmtpSession(State):
    """One SMTP connection. A hook receives each message when it is accepted."""

    @property
    def line_limit(self) -> int:
        return LINE_LIMIT

    def tone(self, said: bytes) -> Tone | None:
        """By the code of the first reply; its last line counts (RFC 5321 section 4.2.1)."""
        rows = said.split(b"\r\n")
        code = _CODE.match(next((row for row in rows if row[3:4] != b"-"), b""))
        return None if code is None else _TONES[code[1]]

    def apply(self, answer: Answer, said: bytes) -> None:
        super().apply(answer, said)
        if said.startswith(b"421"):
            self.closing = True

    def may_wait(self, answer: Answer) -> bool:
        return answer.point in _MAY_WAIT

    def greeting(self) -> Answer:
        def refused(_said: bytes) -> None:
            self.refusing = True

        protocol = b" LMTP" if self.options.lmtp else b" ESMTP"
        return Answer("CONNECT", b"220 " + HOST + protocol + b" ready\r\n", refused=refused)

    def line(self, line: bytes) -> Answer | None:
        dialogue, self.dialogue = self.dialogue, None
        text = line[:-2]
        if not line.endswith(b"\r\n"):
            return self.say("", 500, "5.5.2", "a line ends in CRLF")
        if not self._is_legal(text):
            return self.say("", 501, "5.5.2", "a line is printable")
        if dialogue:
            return auth.exchange(self, "RESPONSE", dialogue.line(text), dialogue)
        keyword = text.partition(b" ")[0].upper()
        point = keyword.decode("latin-1")
        if len(line) > COMMAND_LIMIT and keyword != b"AUTH":
            return self.say(point, 500, "5.5.2", "line too long")
        answer = _COMMANDS.get(keyword, _unknown)(self, point, text[len(keyword) :].rstrip(b" "))
        if answer is None:
            return None
        fault = self._hindrance(keyword, point)
        if fault is None:
            return answer
        return Answer(point, fault.reply, answer.accepted, answer.continued, answer.refused)

    def line_too_long(self) -> Answer:
        self.dialogue = None
        return self.say("", 500, "5.5.2", "line too long")

    def data(self, octets: bytes) -> Answer:
        return transaction.end_of_data(self, octets)

    def data_too_long(self) -> Answer:
        return transaction.too_big(self, "DOT")

    def chunk_data(self, octets: bytes) -> Answer:
        return chunks.chunk(self, octets)

    def chunk_too_long(self) -> Answer:
        return chunks.chunk(self, None)

    def _hindrance(self, keyword: bytes, point: str) -> Answer | None:
        """The refusal that this command gets now whatever its arguments are, or None."""
        if self.refusing and keyword != b"QUIT":
            return self.say(point, 503, "5.5.1", "no service here")
        needs_tls = not (self.options.clear or self.is_secure)
        if needs_tls and keyword in _COMMANDS and keyword not in _BEFORE_TLS:
            return self.say(point, 530, "5.7.0", "TLS first")
        return None

    def _is_legal(self, octets: bytes) -> bool:
        """Printable ASCII, or UTF-8 if SMTPUTF8 is offered."""
        if any(octet < 0x20 or octet == 0x7F for octet in octets):
            return False
        return octets.isascii() or (self.options.offers(b"SMTPUTF8") and is_utf8(octets))


def _not_implemented(state: State, point: str, _arguments: bytes) -> Answer:
    return state.say(point, 502, "5.5.1", "not implemented")


def _unknown(state: State, point: str, _arguments: bytes) -> Answer:
    return state.say(point, 500, "5.5.1", "unknown command")


_COMMANDS: dict[bytes, Handler] = {
    b"EHLO": hello.hello,
    b"HELO": hello.hello,
    b"LHLO": hello.hello,
    b"STARTTLS": hello.starttls,
    b"AUTH": auth.auth,
    b"MAIL": transaction.mail,
    b"RCPT": transaction.rcpt,
    b"DATA": transaction.data,
    b"BDAT": chunks.bdat,
    b"RSET": hello.rset,
    b"NOOP": hello.noop,
    b"VRFY": lookup.vrfy,
    b"EXPN": lookup.expn,
    b"HELP": lookup.help_text,
    b"QUIT": hello.quit_session,
    b"SEND": _not_implemented,
    b"SOML": _not_implemented,
    b"SAML": _not_implemented,
    b"TURN": _not_implemented,
    b"ETRN": _not_implemented,
}
