"""A client that plays its part of a linear trace over a socket, and may say more."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance.run.context import bind_tls_files
from conformance.subject import Subject
from conformance.subject.answer import Answer, Move
from fake_servers.trace import syntax
from fake_servers.trace.syntax import (
    Call,
    Directive,
    Expect,
    Group,
    Item,
    Name,
    Result,
    Send,
    Trace,
)
from fake_servers.trace.template import Bindings

FEATURES = frozenset({"steps", "clock", "pop3", "smtp"})
"""With a clock, so that no case is played again with more time."""
WAIT_S = 3.0


class Actor(Subject):
    """Says what the `C:` lines say and answers what the `R:` lines say.

    extras  by the line of an `A:`: what it says, with CRLF, before all else in that call
    last    the same, for what it says behind all else
    moves   whether it reports its moves: those of the `T:` lines, and those of what it says more,
            which is only right in READY and TRANSACTION
    heard   the replies to these
    """

    level = 1

    def __init__(
        self,
        trace: Trace,
        extras: Mapping[int, bytes],
        last: Mapping[int, bytes] = MappingProxyType({}),
        seed: int = 1,
        moves: bool = False,
    ) -> None:
        super().__init__("actor")
        self.features = FEATURES | frozenset(trace.needs) - {"moves"}
        if moves:
            self.features |= {"moves"}
        self.forgets_extras = False
        self._moves: list[Move] = []
        self.heard: list[bytes] = []
        self._protocol = trace.protocol
        self._calls = _calls(trace.items)
        self._extras, self._last = extras, last
        self._bindings = Bindings(seed, trace.id)
        bind_tls_files(self._bindings)
        self._sock: socket.socket | None = None

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> str:
        self._hang_up()
        return ""

    def goal(self, name: str, args: Mapping[str, Any], limit_s: float, folder: Path) -> Answer:
        return Answer("unsupported")

    def call(self, op: str, args: Mapping[str, Any], limit_s: float) -> Answer:
        call, items = next(self._calls, (None, ()))
        if op.endswith(".connect"):
            self._hang_up()
            self._sock = socket.create_connection((args["host"], args["port"]), WAIT_S)
        line = 0 if call is None else call.line
        try:
            self._say_more(self._extras.get(line, b""))
            answer = self._perform(items, str(args.get("host", "127.0.0.1")))
            self._say_more(self._last.get(line, b""))
        except ConnectionError:
            answer = Answer("io-error")
        finally:
            if op.endswith(".close"):
                self._hang_up()
        moves, self._moves = tuple(self._moves), []
        return replace(answer, moves=moves)

    def _hang_up(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _say_more(self, octets: bytes) -> None:
        if not octets or self._sock is None:
            return
        self._sock.sendall(octets)
        verb = octets.split()[0].decode()
        state, yes = ("READY", "2YZ") if self._protocol == "smtp" else ("TRANSACTION", "OK")
        if not self.forgets_extras:
            self._moves.append((state, f"CMD_{verb}", f"WAIT_{verb}"))
            self._moves.append((f"WAIT_{verb}", f"REPLY_{yes}", state))
        reply = self._line()
        while self._protocol == "smtp" and _goes_on(reply):
            reply += self._line()
        is_listing = octets.upper() in (b"CAPA\r\n", b"LIST\r\n", b"UIDL\r\n")
        while is_listing and reply.startswith(b"+OK") and not reply.endswith(b"\r\n.\r\n"):
            reply += self._line()
        self.heard.append(reply)

    def _line(self) -> bytes:
        assert self._sock is not None
        line = b""
        while not line.endswith(b"\n"):
            octet = self._sock.recv(1)
            if not octet:
                raise ConnectionError("the server has closed")
            line += octet
        return line

    def _perform(self, items: Sequence[Item], host: str) -> Answer:
        result: Result | None = None
        cut: int | None = None
        for item in items:
            if isinstance(item, syntax.Move):
                self._moves.append((item.state, item.event, item.next))
            elif isinstance(item, Expect):
                self._say(item)
            elif isinstance(item, Send):
                self._hear(len(self._bindings.render(item.template)[:cut]))
                cut = None
            elif isinstance(item, Directive):
                cut = int(item.args[0]) if item.name == "cut" else None
                self._direct(item, host)
            elif isinstance(item, Result):
                result = item
        return Answer("ok") if result is None else self._answer(result)

    def _say(self, item: Expect) -> None:
        for part in item.template:
            if isinstance(part, Name) and self._bindings.get(part.name) is None:
                self._bindings.bind(part.name, b"ZnJlZQ==")
        if self._sock is not None:
            self._sock.sendall(self.written(self._bindings.render(item.template)))

    def written(self, octets: bytes) -> bytes:
        """The octets of a line as this client sends them."""
        return octets

    def _hear(self, count: int) -> None:
        while count and self._sock is not None and (octets := self._sock.recv(count)):
            count -= len(octets)

    def _direct(self, item: Directive, host: str) -> None:
        if item.name == "starttls" and self._sock is not None:
            context = ssl.create_default_context(cafile=(self._bindings.get("ca") or b"").decode())
            context.check_hostname = False
            self._sock = context.wrap_socket(self._sock, server_hostname=host)
        elif item.name == "expect-eof":
            self._hang_up()

    def _answer(self, result: Result) -> Answer:
        first = result.alternatives()[0]
        values = {name: self._bindings.value(each) for name, each in first.values.items()}
        if first.data is not None:
            values["data"] = self._bindings.render(first.data)
        return Answer(first.outcomes[0], values)


def _goes_on(reply: bytes) -> bool:
    """Whether the last line of a reply of SMTP is not the last."""
    return reply.removesuffix(b"\r\n").rpartition(b"\r\n")[2][3:4] == b"-"


def _calls(items: Sequence[Item]) -> Iterator[tuple[Call, Sequence[Item]]]:
    """Each call with what follows it, up to the next; of a group the first branch."""
    flat = list(_flat(items))
    begins = [at for at, item in enumerate(flat) if isinstance(item, Call)]
    for begin, end in zip(begins, [*begins[1:], len(flat)]):
        call = flat[begin]
        assert isinstance(call, Call)
        yield call, flat[begin + 1 : end]


def _flat(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if not isinstance(item, Group):
            yield item
        elif item.kind != "opt":
            yield from _flat(item.branches[0])
