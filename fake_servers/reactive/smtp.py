"""A correct SMTP server's side of one session (RFC 5321, RFC 4954), as submission has it.

Where there are users, MAIL needs a login (530). An extension is there only if the
capabilities name it: its parameters are refused otherwise, and so are enhanced codes left
out. Message data is stored octet by octet, whatever it holds; monitors judge it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fake_servers.reactive.dots import unstuff
from fake_servers.reactive.options import Draw, Options
from fake_servers.reactive.sasl import LINE_LIMIT, Dialogue, Verdict
from fake_servers.reactive.session import Answer, Effect, Session, Tone, nothing
from fake_servers.reactive.smtp_parameters import judge_parameters
from fake_servers.reactive.smtp_syntax import Path, read_forward_path, read_reverse_path

HOST = b"mail.example.org"
RECIPIENT_LIMIT = 1000
COMMAND_LIMIT = 2048
"""512 octets (RFC 5321 section 4.5.3.1.4) and what the extensions add to MAIL and RCPT."""

LoginHook = Callable[[str, bytes], None]
"""Told the mechanism of each login that succeeds and its user."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that was accepted: octets without stuffing, addresses without brackets.

    Parameters are those of MAIL and of each RCPT, keywords in upper case.
    """

    mail_from: bytes
    rcpt_to: tuple[bytes, ...]
    octets: bytes
    mail_parameters: tuple[tuple[bytes, bytes | None], ...] = ()
    rcpt_parameters: tuple[tuple[tuple[bytes, bytes | None], ...], ...] = ()


DeliveryHook = Callable[[Delivered], None]

_AUTH_REPLIES = {
    Verdict.SUCCESS: (235, "2.7.0", "authenticated"),
    Verdict.FAILURE: (535, "5.7.8", "authentication failed"),
    Verdict.CANCELLED: (501, "5.7.0", "authentication cancelled"),
    Verdict.NOT_BASE64: (501, "5.5.2", "that is not base64"),
    Verdict.UNKNOWN_MECHANISM: (504, "5.5.4", "mechanism not offered"),
    Verdict.SERVER_FIRST: (501, "5.7.0", "this mechanism has no initial response"),
    Verdict.SYNTAX: (501, "5.5.4", "AUTH takes a mechanism and perhaps an initial response"),
}


class SmtpSession(Session):
    """One SMTP connection. What is delivered goes to a hook when the final dot is accepted."""

    def __init__(
        self, options: Options, draw: Draw, login: LoginHook, deliver: DeliveryHook
    ) -> None:
        super().__init__()
        self._options = options
        self._draw = draw
        self._login = login
        self._deliver = deliver
        self._dialogue: Dialogue | None = None
        self._refusing = False
        self._greeted = False
        self._extended = False
        self._authenticated = False
        self._sender: Path | None = None
        self._recipients: list[Path] = []

    @property
    def line_limit(self) -> int:
        return LINE_LIMIT

    def tone(self, said: bytes) -> Tone:
        tones = {b"2": Tone.ACCEPTED, b"3": Tone.CONTINUED}
        return tones.get(said[:1], Tone.REFUSED)

    def settle(self, answer: Answer, said: bytes) -> None:
        super().settle(answer, said)
        if said.startswith(b"421"):
            self.closing = True

    def greeting(self) -> Answer:
        def refused(_said: bytes) -> None:
            self._refusing = True

        return Answer("CONNECT", b"220 " + HOST + b" ESMTP ready\r\n", refused=refused)

    def line(self, line: bytes) -> Answer:
        dialogue, self._dialogue = self._dialogue, None
        text = line[:-2]
        if not line.endswith(b"\r\n") or not self._are_legal(text):
            return self._say("", 500, "5.5.2", "a line is printable ASCII and ends in CRLF")
        if dialogue:
            return self._authenticate("", dialogue.line(text), dialogue)
        keyword = text.partition(b" ")[0].upper()
        point = keyword.decode("latin-1")
        if len(line) > COMMAND_LIMIT and keyword != b"AUTH":
            return self._say(point, 500, "5.5.2", "line too long")
        if self._refusing and keyword != b"QUIT":
            return self._say(point, 503, "5.5.1", "no service here")
        handle = _COMMANDS.get(keyword, SmtpSession._unknown)
        return handle(self, point, text[len(keyword) :].rstrip(b" "))

    def line_too_long(self) -> Answer:
        self._dialogue = None
        return self._say("", 500, "5.5.2", "line too long")

    def data(self, octets: bytes) -> Answer:
        sizes = self._options.parameters(b"SIZE")
        limit = int(sizes[0]) if sizes and sizes[0].isdigit() else 0
        message = unstuff(octets)
        if 0 < limit < len(message):
            return self.data_too_long()
        delivered = Delivered(
            self._sender.address if self._sender else b"",
            tuple(path.address for path in self._recipients),
            message,
            tuple(self._sender.parameters.items()) if self._sender else (),
            tuple(tuple(path.parameters.items()) for path in self._recipients),
        )

        def accepted(_said: bytes) -> None:
            self._end_transaction()
            self._deliver(delivered)

        end = self._ending
        return self._say("DOT", 250, "2.0.0", "message accepted", accepted, end, end)

    def data_too_long(self) -> Answer:
        end = self._ending
        return self._say("DOT", 552, "5.3.4", "message too big", end, end, end)

    def _are_legal(self, octets: bytes) -> bool:
        highest = 0xFF if self._options.offers(b"SMTPUTF8") else 0x7E
        return all(0x20 <= octet <= highest and octet != 0x7F for octet in octets)

    def _say(
        self,
        point: str,
        code: int,
        enhanced: str,
        text: str,
        accepted: Effect = nothing,
        continued: Effect = nothing,
        refused: Effect = nothing,
    ) -> Answer:
        if enhanced and self._options.offers(b"ENHANCEDSTATUSCODES"):
            text = f"{enhanced} {text}"
        return Answer(point, f"{code} {text}\r\n".encode("ascii"), accepted, continued, refused)

    def _ending(self, _said: bytes) -> None:
        self._end_transaction()

    def _end_transaction(self) -> None:
        self.reading_data = False
        self._sender = None
        self._recipients = []

    # Session commands

    def _hello(self, point: str, arguments: bytes) -> Answer:
        def accepted(_said: bytes) -> None:
            self._end_transaction()
            self._greeted = True
            self._extended = point == "EHLO"

        if len(arguments.split()) != 1:
            return self._say(point, 501, "", f"{point} takes a domain or an address literal")
        lines = [HOST]
        if point == "EHLO":
            lines += self._options.caps
            if self._options.sasl:
                lines.append(b" ".join((b"AUTH", *self._options.sasl)))
        reply = b"".join(b"250-" + line + b"\r\n" for line in lines[:-1])
        return Answer(point, reply + b"250 " + lines[-1] + b"\r\n", accepted)

    def _auth(self, point: str, arguments: bytes) -> Answer:
        dialogue = Dialogue(self._options, self._draw)
        verdict = dialogue.begin(arguments.removeprefix(b" "))
        answer = self._authenticate(point, verdict, dialogue)
        if not self._options.sasl:
            fault = self._say(point, 502, "5.5.1", "AUTH is not offered")
        elif not self._extended or self._authenticated or self._sender:
            fault = self._say(point, 503, "5.5.1", "not now: after EHLO, before MAIL, and once")
        else:
            return answer
        return Answer(point, fault.reply, answer.accepted, answer.continued)

    def _authenticate(self, point: str, verdict: Verdict, dialogue: Dialogue) -> Answer:
        def accepted(_said: bytes) -> None:
            self._authenticated = True
            self._login(dialogue.name.decode("latin-1"), dialogue.user)

        def continued(said: bytes) -> None:
            self._dialogue = dialogue
            dialogue.challenged(said[4:].rstrip(b"\r\n"))

        if verdict is Verdict.CHALLENGE:
            return Answer(
                point, b"334 " + dialogue.challenge + b"\r\n", accepted, continued=continued
            )
        code, enhanced, text = _AUTH_REPLIES[verdict]
        return self._say(point, code, enhanced, text, accepted, continued)

    def _noop(self, point: str, _arguments: bytes) -> Answer:
        return self._say(point, 250, "2.0.0", "done")

    def _rset(self, point: str, arguments: bytes) -> Answer:
        if arguments:
            return self._say(point, 501, "5.5.4", "RSET takes nothing", self._ending)
        return self._say(point, 250, "2.0.0", "reset", self._ending)

    def _vrfy(self, point: str, arguments: bytes) -> Answer:
        if not arguments:
            return self._say(point, 501, "5.5.4", "VRFY takes a user or mailbox")
        return self._say(point, 252, "2.1.5", "not verified, but mail for it is taken")

    def _help(self, point: str, _arguments: bytes) -> Answer:
        return self._say(point, 214, "2.0.0", "see RFC 5321")

    def _quit(self, point: str, arguments: bytes) -> Answer:
        def closing(_said: bytes) -> None:
            self.closing = True

        if arguments:
            return self._say(point, 501, "5.5.4", "QUIT takes nothing", closing)
        return self._say(point, 221, "2.0.0", "bye", closing, closing, closing)

    def _not_implemented(self, point: str, _arguments: bytes) -> Answer:
        return self._say(point, 502, "5.5.1", "not implemented")

    def _unknown(self, point: str, _arguments: bytes) -> Answer:
        return self._say(point, 500, "5.5.1", "unknown command")

    # The mail transaction

    def _mail(self, point: str, arguments: bytes) -> Answer:
        path = read_reverse_path(arguments)

        def accepted(_said: bytes) -> None:
            self._end_transaction()
            self._sender = path or Path(arguments, {})

        say = partial(self._say, point, accepted=accepted)
        if not self._greeted or self._sender:
            return say(503, "5.5.1", "MAIL comes after EHLO or HELO, once a message")
        if self._options.users and not self._authenticated:
            return say(530, "5.7.0", "authentication required")
        if path is None:
            return say(501, "5.5.4", "MAIL FROM:<address> and parameters")
        fault = judge_parameters("MAIL", path, self._options if self._extended else Options())
        return say(*(fault or (250, "2.1.0", "sender ok")))

    def _rcpt(self, point: str, arguments: bytes) -> Answer:
        path = read_forward_path(arguments)

        def accepted(_said: bytes) -> None:
            self._recipients.append(path or Path(arguments, {}))

        say = partial(self._say, point, accepted=accepted)
        if self._sender is None:
            return say(503, "5.5.1", "RCPT comes after MAIL")
        if path is None:
            return say(501, "5.5.4", "RCPT TO:<address> and parameters")
        if len(self._recipients) >= RECIPIENT_LIMIT:
            return say(452, "4.5.3", "too many recipients")
        fault = judge_parameters("RCPT", path, self._options if self._extended else Options())
        return say(*(fault or (250, "2.1.5", "recipient ok")))

    def _data(self, point: str, arguments: bytes) -> Answer:
        def continued(_said: bytes) -> None:
            self.reading_data = True

        say = partial(self._say, point, continued=continued)
        if arguments:
            return say(501, "5.5.4", "DATA takes nothing")
        if self._sender is None:
            return say(503, "5.5.1", "DATA comes after MAIL and RCPT")
        if not self._recipients:
            return say(554, "5.5.1", "no valid recipients")
        return say(354, "", "send the message, end it with a dot alone on a line")


_COMMANDS: dict[bytes, Callable[[SmtpSession, str, bytes], Answer]] = {
    b"EHLO": SmtpSession._hello,
    b"HELO": SmtpSession._hello,
    b"AUTH": SmtpSession._auth,
    b"MAIL": SmtpSession._mail,
    b"RCPT": SmtpSession._rcpt,
    b"DATA": SmtpSession._data,
    b"RSET": SmtpSession._rset,
    b"NOOP": SmtpSession._noop,
    b"VRFY": SmtpSession._vrfy,
    b"HELP": SmtpSession._help,
    b"QUIT": SmtpSession._quit,
    b"EXPN": SmtpSession._not_implemented,
    b"BDAT": SmtpSession._not_implemented,
    b"STARTTLS": SmtpSession._not_implemented,
    b"SEND": SmtpSession._not_implemented,
    b"SOML": SmtpSession._not_implemented,
    b"SAML": SmtpSession._not_implemented,
    b"TURN": SmtpSession._not_implemented,
}
