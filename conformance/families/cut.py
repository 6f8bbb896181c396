"""The connection ends at every place in the sessions that the RFCs print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from conformance import catalogue
from conformance.families.member import Member
from conformance.subject.answer import OUTCOMES
from fake_servers.trace.syntax import Call, Directive, Group, Item, Result, Send, Trace

_NO_SUCCESS = tuple(sorted(set(OUTCOMES) - {"ok", "unsupported"}))
_AT_EVERY_OCTET = {
    "pop3": "pop3.rfc1939.section-7-uidl",
    "smtp": "smtp.rfc5321.appendix-d1-typical",
}
"""The id of the one session of each protocol that is cut after every octet."""

_PRINTED_BY_RFC = re.compile(r"[a-z0-9]+\.rfc[0-9]+\.")
"""The ids of the sessions that RFCs print."""

Places = Callable[[int], Sequence[int]]
"""From the length of what the server sends to the numbers of octets after which it ends."""


def closed_at_every_line(protocol: str) -> Iterator[Member]:
    """The server closes before each of its lines, and before the last octet of each."""
    for trace in _sessions(protocol):
        yield from _cuts(trace, "close", lambda length: (0, length - 1))


def reset_at_every_line(protocol: str) -> Iterator[Member]:
    """The server resets before each of its lines."""
    for trace in _sessions(protocol):
        yield from _cuts(trace, "reset", lambda length: (0,))


def closed_at_every_octet(protocol: str) -> Iterator[Member]:
    """The server closes after each octet of one session."""
    yield from _at_every_octet(protocol, "close")


def reset_at_every_octet(protocol: str) -> Iterator[Member]:
    """The server resets after each octet of one session."""
    yield from _at_every_octet(protocol, "reset")


def _at_every_octet(protocol: str, how: str) -> Iterator[Member]:
    whole = [t for t in _sessions(protocol) if t.id == _AT_EVERY_OCTET[protocol]]
    for trace in whole[:1]:
        yield from _cuts(trace, how, range)


def _sessions(protocol: str) -> list[Trace]:
    """The sessions that RFCs print, without groups, TLS and pipelines."""
    return [
        trace
        for trace in catalogue.everything()
        if _PRINTED_BY_RFC.match(trace.id)
        and trace.protocol == protocol
        and trace.items
        and not trace.uses_tls
        and not any(_is_other(item) for item in trace.items)
    ]


def _is_other(item: Item) -> bool:
    if isinstance(item, Call):
        return item.op in ("pop3.batch", "smtp.send")
    return isinstance(item, Group | Directive)


def _cuts(trace: Trace, how: str, places: Places) -> Iterator[Member]:
    connected = next(at for at, item in enumerate(trace.items) if isinstance(item, Result))
    for at, item in enumerate(trace.items):
        if how == "reset" and at < connected:
            continue  # the client may not notice a connection that is gone at once
        if isinstance(item, Send) and all(isinstance(part, bytes) for part in item.template):
            length = sum(len(part) for part in item.template if isinstance(part, bytes))
            for octets in dict.fromkeys(places(length)):
                yield _cut(trace, at, item, octets, how)


def _cut(trace: Trace, at: int, item: Send, octets: int, how: str) -> Member:
    """The trace up to this place, where the connection ends."""
    line = item.line
    items: list[Item] = list(trace.items[:at])
    if octets:
        items += [Directive(line, "cut", (str(octets),)), item]
    items.append(Directive(line, how))
    called = next(each for each in reversed(items) if isinstance(each, Call | Result))
    if isinstance(called, Call):
        leaves = called.op.endswith(".quit")
        items.append(Result(line, ("ok", *_NO_SUCCESS) if leaves else _NO_SUCCESS, {}))
    place = f"{'before' if not octets else f'after {octets} octets of'} line {line}"
    return Member(
        f"{how} {place} of {trace.id}",
        replace(trace, items=tuple(items), moves_all=False),
        at=line,
    )
