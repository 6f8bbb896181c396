"""A correct, stateful POP3 or SMTP server on a socket, which a case can bend.

The package's docstring explains how its parts work together.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from threading import Lock

from fake_servers.log import EventLog
from fake_servers.reactive.inbox import Inbox, Question, next_question
from fake_servers.reactive.maildrop import Maildrop
from fake_servers.reactive.options import Options
from fake_servers.reactive.overrides import (
    Deliver,
    Drain,
    End,
    LeaveAfter,
    Overrides,
    Pause,
    Reply,
    Step,
    fault_of,
    said,
    steps,
)
from fake_servers.reactive.pop3 import Pop3Session
from fake_servers.reactive.session import ServerSession
from fake_servers.reactive.smtp import Delivered, DeliveryHook, SmtpSession
from fake_servers.server import Door, Server
from fake_servers.trace.syntax import Directive, Func, Override
from fake_servers.trace.template import Bindings
from fake_servers.wire.connection import DATA_LIMIT, Wire
from fake_servers.wire.delivery import VARIANTS, Delivery

IDLE_S = 660.0
"""The longest wait for a client: more than the ten minutes of RFC 1939 section 3 and the five
of RFC 5321 section 4.5.3.2.7. A server that is stopped does not wait."""


DEAF_S = 0.03
"""How long a deaf server lets the client's octets pile up before it advances the clock again."""
LEAST_OCTETS = 536
"""The segment size and receive buffer of a deaf server, which takes as little as it can."""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """A server's protocol (`pop3` or `smtp`), its options, its mail, and its `on` lines."""

    protocol: str
    options: Options
    messages: tuple[bytes, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedMail:
    """What several servers have in common: the maildrop, and who takes accepted messages.

    A hook that cannot take a message raises a WireError: the client gets no reply then.
    """

    maildrop: Maildrop
    deliver: DeliveryHook


class ReactiveServer(Server):
    """Serves each connection with a session of its own; they share the maildrop.

    maildrop   with the messages that are left (POP3)
    delivered  the accepted messages, in order (SMTP)
    logins     method (`USER`, `APOP` or the mechanism) and user of each successful login
    reached    line numbers of the `on` lines whose point came
    """

    def __init__(
        self,
        config: ServerConfig,
        log: EventLog,
        delivery: Delivery,
        bindings: Bindings,
        host: str = "",
        *,
        door: Door | None = None,
        mail: SharedMail | None = None,
    ) -> None:
        """Bind a port, without a `door`; raises BadOverride before it is bound.

        mail  in place of the messages of `config`, and of `delivered`
        """
        self._overrides = Overrides(config.overrides)
        super().__init__(log, delivery, timeout_s=IDLE_S, host=host, door=door)
        actions = [action for override in config.overrides for action in override.actions]
        if any(isinstance(action, Directive) and action.name == "deaf" for action in actions):
            self._take_little()
        self.delivered: list[Delivered] = []
        mail = mail or SharedMail(Maildrop(config.messages), self.delivered.append)
        self.maildrop = mail.maildrop
        self._deliver = mail.deliver
        self.logins: list[tuple[str, bytes]] = []
        self.reached: set[int] = set()
        self._config = config
        self._bindings = bindings
        self._drawn = count(1)
        self._lock = Lock()

    def serve(self, wire: Wire) -> None:
        """Greet, then answer what comes until one side closes."""
        session = self._session()
        try:
            self._converse(wire, session)
        finally:
            session.over()

    def _converse(self, wire: Wire, session: ServerSession) -> None:
        if self.delivery.tls or self._config.options.tls == "implicit":
            if not self._secure(wire, session):
                return
        if not self._answer(wire, session, session.greeting):
            return
        inbox = Inbox()
        while wire.fill():
            inbox.feed(wire.take(len(wire.received)))
            while (ask := next_question(session, inbox, DATA_LIMIT)) is not None:
                was_secure = session.is_secure
                if not self._answer(wire, session, ask):
                    return
                if session.is_secure != was_secure:
                    inbox = Inbox()

    def _secure(self, wire: Wire, session: ServerSession, fault: str = "") -> bool:
        """The TLS handshake; False if it fails, after the client has closed."""
        from fake_servers.wire.certificates import server_context

        options = self._config.options
        if wire.start_tls(server_context(fault or options.cert, options.asks_client)):
            session.secured(wire.client.encode("utf-8"))
            return True
        _hear_out(wire)
        return False

    def _session(self) -> ServerSession:
        options = self._config.options
        if self._config.protocol == "pop3":
            return Pop3Session(options, self.maildrop, self._draw, self._note_login)
        return SmtpSession(options, self._draw, self._note_login, self._deliver)

    def _draw(self, purpose: str) -> bytes:
        """A name with a blank in it cannot collide: no trace can write `$greeting 1`."""
        name = f"{purpose} {next(self._drawn)}".encode("ascii")
        return self._bindings.render((Func("timestamp", ((name,),)),))

    def _note_login(self, way: str, user: bytes) -> None:
        self.logins.append((way, user))

    def times(self, point: str) -> int:
        """How often this point of the conversation came, whether a case bends it or not."""
        return self._overrides.times(point)

    def _answer(self, wire: Wire, session: ServerSession, ask: Question) -> bool:
        """Answer one input; False if the conversation is over.

        The state changes before the reply is sent, so that whoever hears from the client finds
        the state up to date.
        """
        with self._lock:
            answer = ask()
            if answer is None:
                return True
            override = self._overrides.at(*answer.points)
            todo: list[Step] = [Reply(answer.reply)]
            reply = answer.reply
            if override:
                self.reached.add(override.line)
                reply = said(override, answer.reply, self._bindings.render)
                todo = steps(override, answer.reply, self._bindings.render)
            session.apply(answer, reply)
        if not self._perform(wire, todo):
            return False
        if not session.may_wait(answer):
            wire.flush()
        if session.wants_tls:
            return self._secure(wire, session, fault_of(override))
        if session.closing:
            wire.half_close()
            _hear_out(wire)
        return not session.closing

    def _perform(self, wire: Wire, todo: Iterable[Step]) -> bool:
        """Perform the steps; False if one of them ended the server's side."""
        for step in todo:
            if isinstance(step, Reply):
                wire.send(step.octets, step.line)
            elif isinstance(step, Pause):
                self.pause(step.ms / 1000)
            elif isinstance(step, Deliver):
                wire.deliver(VARIANTS[step.variant])
            elif isinstance(step, Drain):
                wire.wait_drained()
            elif isinstance(step, LeaveAfter):
                wire.wait_drained()
                if not wire.has_news(step.ms / 1000):
                    self._end(wire, End("half-close", step.line))
                    return False
            else:
                self._end(wire, step)
                return False
        return True

    def _end(self, wire: Wire, end: End) -> None:
        if end.name == "close":
            wire.close(end.line)
        elif end.name == "reset":
            wire.reset(end.line)
        elif end.name == "truncate":
            wire.close(end.line, truncate=True)
        elif end.name == "half-close":
            wire.half_close(end.line)
            _hear_out(wire)
        elif end.name == "deaf":
            self._turn_deaf(wire, end.line)
        else:
            self.fall_silent(wire)
            _hear_out(wire)

    def _take_little(self) -> None:
        """Use small buffers here and small segments, so that a sending client soon gets stuck."""
        self._door.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, LEAST_OCTETS)
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LEAST_OCTETS)

    def _turn_deaf(self, wire: Wire, line: int) -> None:
        """Read nothing more until the server is stopped, so that the client's octets pile up."""
        wire.flush()
        try:
            while True:
                self.pause(DEAF_S)
                if self.on_silence is not None:
                    self.on_silence()
        finally:
            wire.reset(line)


def _hear_out(wire: Wire) -> None:
    """Log what the client still sends, until it closes or the server is stopped."""
    while wire.fill():
        wire.take(len(wire.received))
