"""The state of a POP3 session, and the replies that its commands share."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from fake_servers.grammar.dots import multiline
from fake_servers.reactive.maildrop import Maildrop, View
from fake_servers.reactive.options import Draw, Options
from fake_servers.reactive.sasl import Dialogue
from fake_servers.reactive.session import Answer, Effect, ServerSession, nothing

LoginHook = Callable[[str, bytes], None]
"""Called with the method of each successful login (`USER`, `APOP`, a mechanism) and its user."""

_TIMESTAMP = re.compile(rb"<[^<>\s]+@[^<>\s]+>")


class State(ServerSession):
    """One connection, without its commands.

    options    what holds now; STLS may change it
    timestamp  that of the greeting; empty if it has no timestamp
    user       the user of a USER command that was the last to be accepted
    named      the same for the command at work; None if no USER came right before it
    client     the common name of the client's certificate
    dialogue   the AUTH exchange in progress
    view       the session's view of the maildrop; only in TRANSACTION
    utf8       the session is in UTF8 mode (RFC 6856 section 2)
    language   the tag of the language of the replies; empty for the server's default
    """

    def __init__(self, options: Options, maildrop: Maildrop, draw: Draw, login: LoginHook) -> None:
        super().__init__()
        self.options = options
        self.maildrop = maildrop
        self.draw = draw
        self.timestamp = b""
        self.user: bytes | None = None
        self.named: bytes | None = None
        self.client = b""
        self.dialogue: Dialogue | None = None
        self.view: View | None = None
        self.utf8 = False
        self.language = b""
        self._login = login
        self._has_lock = False

    @property
    def open(self) -> View:
        """The view; used only in TRANSACTION."""
        assert self.view is not None, "the state is checked before a command is handled"
        return self.view

    def greeted(self, said: bytes) -> None:
        """Remember the greeting that the client was really sent."""
        found = _TIMESTAMP.search(said)
        self.timestamp = found.group() if found else b""

    def secured(self, client: bytes) -> None:
        """Nothing that was learned in the clear holds (RFC 2595 section 4)."""
        super().secured(client)
        self.options = self.options.secured()
        self.client = client
        self.user = self.dialogue = None
        self.utf8 = False
        self.language = b""

    # -- login --------------------------------------------------------------------

    def login(self, point: str, way: str, user: bytes, fault: Answer | None) -> Answer:
        """The answer to the last step of a login, which fails if there is a `fault`.

        If a login that should succeed is refused after all, its lock is released.
        """
        fault = fault or self._hindrance(point, user)

        def accepted(_said: bytes) -> None:
            self._enter(way, user)

        if fault:
            return Answer(point, fault.reply, accepted, fault.continued, fault.refused)
        return Answer(point, self.welcome(), accepted, refused=lambda _said: self.unlock())

    def _hindrance(self, point: str, user: bytes) -> Answer | None:
        """The refusal of a correct login that must wait (RFC 2449 section 8.1), or None."""
        if self._is_too_soon(user):
            return self.err("not so often", point, "LOGIN-DELAY")
        if not self._has_lock:
            self._has_lock = self.maildrop.lock()
        return None if self._has_lock else self.err("another session is open", point, "IN-USE")

    def _is_too_soon(self, user: bytes) -> bool:
        delay_s = self.options.number(b"LOGIN-DELAY")
        last = self.maildrop.last_logins.get(user)
        return last is not None and time.monotonic() - last < delay_s

    def _enter(self, way: str, user: bytes) -> None:
        if self.view is None:
            self.view = View(self.maildrop)
            self.maildrop.last_logins[user] = time.monotonic()
            self._login(way, user)

    def over(self) -> None:
        self.unlock()

    def unlock(self) -> None:
        """The session no longer uses the maildrop."""
        if self._has_lock:
            self._has_lock = False
            self.maildrop.unlock()

    # -- replies ------------------------------------------------------------------

    def welcome(self) -> bytes:
        """The reply to a login or RSET: the number of messages and of octets."""
        messages = self.view.all if self.view is not None else self.maildrop.messages
        octets = sum(message.size for message in messages)
        return b"+OK maildrop has %d messages (%d octets)\r\n" % (len(messages), octets)

    def err(self, text: str, point: str = "", code: str = "", accepted: Effect = nothing) -> Answer:
        """A refusal, with its response code if the server has announced such codes."""
        announced = b"AUTH-RESP-CODE" if code == "AUTH" else b"RESP-CODES"
        shown = f"[{code}] " if code and self.options.offers(announced) else ""
        return Answer(point, f"-ERR {shown}{text}\r\n".encode("ascii"), accepted)


def listing(lines: list[bytes]) -> bytes:
    """A multi-line reply with these lines."""
    return b"+OK\r\n" + multiline(b"".join(line + b"\r\n" for line in lines))
