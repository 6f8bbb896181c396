"""A dry run of a linear trace: the event log of a client that does just what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fake_servers.log import EventLog, Kind
from fake_servers.trace.syntax import (
    TLS_NAMES,
    Call,
    Directive,
    Expect,
    Group,
    Item,
    Move,
    Name,
    Result,
    Send,
    Trace,
)
from fake_servers.trace.template import Bindings

_FREE = {"ret": b"FULL", "name": b"client.example.com"}
"""Values of free names that are not base64."""


class DryRun:
    """One trace; `log` and `moves` are what a client and a server would have done.

    options  whether the client takes the `opt` groups
    """

    def __init__(self, trace: Trace, options: bool) -> None:
        self.log = EventLog()
        self.moves: list[tuple[str, str, str]] = []
        self._bindings = Bindings(1, trace.id)
        for name in TLS_NAMES:
            self._bindings.bind(name, f"{name}.pem".encode())
        self._connection = 0
        self._is_silent = False
        self._cut: int | None = None
        for item in _flat(trace.items, options):
            self._play(item)

    def _play(self, item: Item) -> None:
        if isinstance(item, Move):
            self.moves.append((item.state, item.event, item.next))
        elif isinstance(item, Call):
            self._call(item)
        elif isinstance(item, Result):
            self._return(item)
        elif isinstance(item, Expect):
            self._wire(Kind.RX, self._said(item), item.line)
        elif isinstance(item, Send):
            octets = self._bindings.render(item.template)[: self._cut]
            self._cut = None
            self._wire(Kind.TX, octets, item.line)
        elif isinstance(item, Directive):
            self._directive(item)

    def _return(self, item: Result) -> None:
        """The first outcome; of a call that sent nothing the first failure, if there is one."""
        found = [(name, each.values) for each in item.each_outcome() for name in each.outcomes]
        failures = [each for each in found if each[0] != "ok"]
        outcome, values = (failures if self._is_silent and failures else found)[0]
        value = {name: self._bindings.value(given) for name, given in values.items()}
        self.log.append(Kind.RETURN, line=item.line, data={"outcome": outcome, "value": value})

    def _said(self, item: Expect) -> bytes:
        """The client's octets; a legal value in the place of what the client may choose freely."""
        if self._bindings.has_free_name(item.template):
            for part in item.template:
                if isinstance(part, Name):
                    self._bindings.bind(part.name, _FREE.get(part.name, b"ZnJlZQ=="))
        return self._bindings.render(item.template)

    def _wire(self, kind: Kind, octets: bytes, line: int) -> None:
        self._is_silent &= kind is not Kind.RX
        self.log.append(kind, connection=self._connection, octets=octets, line=line)

    def _end(self, kind: Kind, by: str) -> None:
        self.log.append(kind, connection=self._connection, data={"by": by})

    def _call(self, call: Call) -> None:
        args = {name: self._bindings.value(given) for name, given in call.args.items()}
        self._bindings.render(call.data or ())
        self.log.append(Kind.CALL, line=call.line, data={"op": call.op, "args": args})
        self._is_silent = not call.op.endswith(".connect")
        if not self._is_silent:
            self._connection += 1
            self.log.append(Kind.CONNECT, connection=self._connection)
        elif call.op.endswith(".close"):
            self._end(Kind.EOF, "client")

    def _directive(self, item: Directive) -> None:
        if item.name == "cut":
            self._cut = int(item.args[0])
        elif item.name in ("close", "half-close"):
            self._end(Kind.EOF, "server")
        elif item.name == "reset":
            self._end(Kind.RESET, "server")
        elif item.name == "starttls" and item.args != ("silent",):
            result = "failed" if item.args else "up"
            self.log.append(Kind.TLS, connection=self._connection, data={"result": result})
        elif item.name == "expect-eof":
            self._end(Kind.EOF, "client")


def _flat(items: Iterable[Item], options: bool) -> Iterator[Item]:
    """The items, with the first branch of each group; `opt` groups only with `options`."""
    for item in items:
        if not isinstance(item, Group):
            yield item
        elif options or item.kind != "opt":
            yield from _flat(item.branches[0], options)
