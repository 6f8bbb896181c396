"""A case as monitors read it: sessions of exchanges, and the calls of the client."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.model.framer import CLIENT_KINDS, Frame, FrameKind, frame
from conformance.model.replies import listing_lines
from fake_servers.log import Event, Kind

HELLOS = frozenset({"EHLO", "HELO", "LHLO"})
OFFERING = HELLOS | {"CAPA"}
"""Commands whose replies say what the server offers."""
_CONTINUING = frozenset({FrameKind.DATA, FrameKind.RESPONSE})
"""What a client sends in answer to a reply; it is no command of its own."""


@dataclass(slots=True)
class Exchange:
    """What the client sent (None: it connected) and the reply, if one came.

    reply  of several (LMTP has one for each recipient): the first positive one, or the last
    more   how many replies the server still owes after it
    chunk  the octets after a BDAT
    """

    sent: Frame | None
    reply: Frame | None = None
    body: Frame | None = None
    more: bool = False
    chunk: Frame | None = None

    @property
    def verb(self) -> str:
        """The verb, DOT for a message, AUTH for a response, CONNECT for the greeting."""
        return "CONNECT" if self.sent is None else self.sent.verb

    @property
    def accepted(self) -> bool:
        """Whether the whole first reply came and is positive."""
        return self.reply is not None and self.reply.complete and self.reply.positive

    def answered_before(self, later: Frame) -> bool:
        """Whether the whole reply was there before the first octet of `later` was read."""
        return self.reply is not None and self.reply.complete and self.reply.seq < later.first

    @property
    def refused(self) -> bool:
        """Whether the whole first reply came and is negative."""
        return self.reply is not None and self.reply.complete and self.reply.negative

    def failed_before(self, later: Frame) -> bool:
        """Whether the client knew that the reply is not positive before it sent `later`."""
        return self.answered_before(later) and not self.accepted


@dataclass(slots=True)
class Connection:
    """One connection. `exchanges` begins with the greeting; `cut` are unfinished client octets;
    `begun` is the event of the connection; `has_surplus` tells that the server sent what nobody
    had asked for.
    """

    protocol: str
    exchanges: list[Exchange] = field(default_factory=lambda: [Exchange(None)])
    cut: list[Frame] = field(default_factory=list)
    tls_seq: int | None = None
    begun: int = 0
    has_surplus: bool = False
    _offering: list[Exchange] = field(default_factory=list)
    _looked_at: int = 0

    @property
    def greeting(self) -> Frame | None:
        """The reply to the connection, where it came whole."""
        reply = self.exchanges[0].reply
        return reply if reply is not None and reply.complete else None

    def sent(self) -> Iterator[Frame]:
        """All whole frames of the client."""
        return (e.sent for e in self.exchanges if e.sent is not None)

    def commands(self) -> Iterator[Frame]:
        """All whole commands."""
        return (sent for sent in self.sent() if sent.kind is FrameKind.COMMAND)

    def messages(self) -> Iterator[Frame]:
        """All whole messages that the client sent."""
        return (sent for sent in self.sent() if sent.kind is FrameKind.DATA)

    def offers(self, before: Frame) -> dict[str, list[str]] | None:
        """What the last EHLO or CAPA offered: upper-case keyword to words; None before the first.

        Under TLS, what was offered in the clear no longer counts (RFC 2595 section 4, RFC 3207
        section 4.2).
        """
        offered: dict[str, list[str]] | None = None
        for exchange in self._asked():
            if exchange.answered_before(before):
                if exchange.accepted and self._is_of_now(exchange, before):
                    offered = _offers(exchange)
        return offered

    def _asked(self) -> list[Exchange]:
        """The exchanges of EHLO and CAPA, found only once: a client may send very many commands."""
        new = self.exchanges[self._looked_at :]
        self._offering += [exchange for exchange in new if exchange.verb in OFFERING]
        self._looked_at = len(self.exchanges)
        return self._offering

    def _is_of_now(self, exchange: Exchange, before: Frame) -> bool:
        """Whether no TLS began between the exchange and what the client sends now."""
        assert exchange.sent is not None
        return self.is_secret(exchange.sent) or not self.is_secret(before)

    def pipelines(self, sent: Frame) -> bool:
        """Whether the client may send several commands at once here. If so, it need not have read a
        reply when it sends the next command.
        """
        return "PIPELINING" in (self.offers(sent) or {})

    def is_secret(self, sent: Frame) -> bool:
        """Whether TLS was up when the client sent this."""
        return self.tls_seq is not None and self.tls_seq < sent.first


def _offers(exchange: Exchange) -> dict[str, list[str]]:
    """Upper-case keyword to upper-case words; a keyword on several lines has the words of all.

    No RFC says that a later line replaces an earlier one, so everything is offered. Servers list
    AUTH twice because old clients look for "AUTH=".
    """
    offered: dict[str, list[str]] = {}
    for line in _offering_lines(exchange):
        keyword, *words = line.decode("utf-8", "replace").upper().split() or [""]
        if exchange.verb != "CAPA" and keyword.startswith("AUTH="):
            keyword, words = "AUTH", [keyword.removeprefix("AUTH="), *words]
        if keyword:
            offered.setdefault(keyword, []).extend(filter(None, words))
    return offered


def _offering_lines(exchange: Exchange) -> list[bytes]:
    """The lines that offer something: after the first line of EHLO, in the body of CAPA."""
    if exchange.verb == "CAPA":
        return listing_lines(exchange.body.octets) if exchange.body is not None else []
    assert exchange.reply is not None
    return [line[4:] for line in exchange.reply.text.split(b"\r\n")[1:]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the client that returned; `op` may be a goal."""

    op: str
    args: Mapping[str, Any]
    outcome: str
    value: Any
    first: int
    seq: int
    line: int


@dataclass(frozen=True, slots=True)
class Talk:
    """Everything that the monitors of one case look at.

    policy  clear, tls or own: whether the client may send secrets without TLS
    left    places where the client left a secret, each with the form of the secret there
    """

    protocol: str
    policy: str
    connections: tuple[Connection, ...]
    calls: tuple[Call, ...]
    left: tuple[tuple[str, str], ...] = ()

    def during(self, call: Call) -> list[Exchange]:
        """The exchanges that the client began during the call, connecting included.

        What continues a command (a message, a response) belongs to the call of the command. It may
        be read later: a client that took a surplus reply for the next one has not waited.
        """
        return [each for connection in self.connections for each in _part(connection, call)]

    def sends(self, call: Call) -> bool:
        """Whether the client sends anything in the call, or a command of its name behind it."""
        verb = call.op.rpartition(".")[2].upper()
        late = (e for connection in self.connections for e in connection.exchanges)
        cut = (each for connection in self.connections for each in connection.cut)
        return (
            bool(self.during(call))
            or any(_begin(each) > call.first and each.verb == verb for each in late)
            or any(each.first > call.first for each in cut)
        )


def _part(connection: Connection, call: Call) -> Iterator[Exchange]:
    """The exchanges of one connection that belong to a call."""
    belongs = False
    for exchange in connection.exchanges:
        continues = exchange.sent is not None and exchange.sent.kind in _CONTINUING
        belongs = call.first < _begin(exchange) < call.seq or (belongs and continues)
        if belongs:
            yield exchange


def _begin(exchange: Exchange) -> int:
    """The event at which an exchange begins; for the greeting, the one that brought it."""
    if exchange.sent is not None:
        return exchange.sent.first
    return exchange.reply.first if exchange.reply is not None else -1


def listen(protocol: str, policy: str, events: Iterable[Event]) -> Talk:
    """Make the talk of an event log."""
    log = list(events)
    connections: dict[int, Connection] = {}
    for event in log:
        if event.kind is Kind.CONNECT:
            connections[event.connection] = Connection(protocol, begun=event.seq)
        elif event.kind is Kind.TLS and event.data.get("result", "up") != "up":
            continue
        elif event.kind is Kind.TLS and event.connection in connections:
            connection = connections[event.connection]
            connection.tls_seq = event.seq if connection.tls_seq is None else connection.tls_seq
    frames = frame(protocol, log)
    for number, connection in connections.items():
        _pair(connection, [each for each in frames if each.connection == number])
    left = tuple((e.data["left_in"], e.data["form"]) for e in log if "left_in" in e.data)
    return Talk(protocol, policy, tuple(connections.values()), tuple(_calls(log)), left)


def _pair(connection: Connection, frames: Sequence[Frame]) -> None:
    waiting = deque(connection.exchanges)
    answered: Exchange | None = None
    for each in frames:
        if each.kind in CLIENT_KINDS and not each.complete:
            connection.cut.append(each)
        elif each.kind is FrameKind.CHUNK:
            connection.exchanges[-1].chunk = each
        elif each.kind in CLIENT_KINDS:
            connection.exchanges.append(Exchange(each))
            waiting.append(connection.exchanges[-1])
        elif each.kind is FrameKind.REPLY and waiting:
            answered = waiting[0] if each.more else waiting.popleft()
            answered.more = each.more
            if answered.reply is None or not answered.reply.positive:
                answered.reply = each
        elif each.kind is FrameKind.SURPLUS or each.kind is FrameKind.REPLY:
            connection.has_surplus = True
        elif each.kind is FrameKind.BODY and answered is not None:
            answered.body = each


def _calls(log: Sequence[Event]) -> Iterator[Call]:
    begun: list[Event] = []
    for event in log:
        if event.kind is Kind.CALL:
            begun.append(event)
        elif event.kind is Kind.RETURN and begun:
            call = begun.pop()
            yield Call(
                op=str(call.data.get("op")),
                args=call.data.get("args") or {},
                outcome=str(event.data.get("outcome")),
                value=event.data.get("value"),
                first=call.seq,
                seq=event.seq,
                line=event.line or call.line,
            )
