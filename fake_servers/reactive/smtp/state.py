"""The state of an SMTP session, and the replies that its commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fake_servers.reactive.options import Draw, Options
from fake_servers.reactive.sasl import Dialogue
from fake_servers.reactive.session import Answer, Effect, ServerSession, nothing
from fake_servers.reactive.smtp.syntax import Path

HOST = b"mail.example.org"
RECIPIENT_LIMIT = 1000
COMMAND_LIMIT = 2048
"""512 octets (RFC 5321 section 4.5.3.1.4) and what the extensions add to MAIL and RCPT."""

LoginHook = Callable[[str, bytes], None]
"""Called with the mechanism of each successful login and its user."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An accepted message: octets without stuffed dots, addresses without brackets.

    The parameters are those of MAIL and of each RCPT, keywords in upper case. With LMTP the
    recipients are those whose own reply was positive.
    """

    mail_from: bytes
    rcpt_to: tuple[bytes, ...]
    octets: bytes
    mail_parameters: tuple[tuple[bytes, bytes | None], ...] = ()
    rcpt_parameters: tuple[tuple[tuple[bytes, bytes | None], ...], ...] = ()


DeliveryHook = Callable[[Delivered], None]


class State(ServerSession):
    """One connection, without its commands.

    options        what holds now; STARTTLS may change it
    refusing       the greeting was a refusal: only QUIT is left
    greeted        EHLO, HELO or LHLO was accepted
    extended       with extensions: EHLO or LHLO
    authenticated  AUTH succeeded
    dialogue       the AUTH exchange in progress
    sender         of the mail transaction; None outside of one
    recipients     the accepted recipients of the transaction
    chunks         the message so far, by BDAT; None before the first chunk
    is_last_chunk  the chunk that comes next is the last
    has_failed     a chunk was refused: only RSET helps (RFC 3030 section 2)
    client         the common name of the client's certificate
    """

    def __init__(
        self, options: Options, draw: Draw, login: LoginHook, deliver: DeliveryHook
    ) -> None:
        super().__init__()
        self.options = options
        self.draw = draw
        self.note_login = login
        self.deliver = deliver
        self.client = b""
        self.refusing = False
        self.dialogue: Dialogue | None = None
        self.greeted = False
        self.extended = False
        self.authenticated = False
        self.sender: Path | None = None
        self.recipients: list[Path] = []
        self.chunks: bytearray | None = None
        self.has_failed = False
        self.is_last_chunk = False

    def secured(self, client: bytes) -> None:
        """Nothing that was learned in the clear holds, nor does EHLO (RFC 3207 section 4.2)."""
        super().secured(client)
        self.options = self.options.secured()
        self.client = client
        self.greeted = self.extended = self.authenticated = False
        self.dialogue = None
        self.end_transaction()

    @property
    def needs_login(self) -> bool:
        """Whether mail is taken only after a login that is still to come."""
        options = self.options
        asks = bool(options.users) and options.login_first and not options.lmtp
        return asks and not self.authenticated

    def end_transaction(self) -> None:
        """Forget sender, recipients and data, as RSET does."""
        self.reading_data = False
        self.sender = None
        self.recipients = []
        self.chunks = None
        self.has_failed = False

    def ending(self, _said: bytes) -> None:
        """The effect that ends the transaction."""
        self.end_transaction()

    def say(
        self,
        point: str,
        code: int,
        enhanced: str,
        text: str,
        accepted: Effect = nothing,
        continued: Effect = nothing,
        refused: Effect = nothing,
    ) -> Answer:
        """An answer of one line, as `row` writes it."""
        return Answer(point, self.row(code, enhanced, text), accepted, continued, refused)

    def row(self, code: int, enhanced: str, text: str, last: bool = True) -> bytes:
        """One line of a reply, without the enhanced code if the server has not announced it."""
        if enhanced and self.options.offers(b"ENHANCEDSTATUSCODES"):
            text = f"{enhanced} {text}"
        return f"{code}{' ' if last else '-'}{text}\r\n".encode("ascii")
