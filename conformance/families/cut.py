"""The connection ends at every place in the sessions that the RFCs print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from conformance import catalogue
from conformance.families.member import Member
from conformance.needs import used
from conformance.ops import COMMANDS
from conformance.subject.answer import OUTCOMES
from fake_servers.trace import cases
from fake_servers.trace.header import is_header
from fake_servers.trace.parser import read
from fake_servers.trace.syntax import Call, Directive, Expect, Group, Item, Result, Send, Trace

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
                yield _cut(trace, at, octets, how)


def _cut(trace: Trace, at: int, octets: int, how: str) -> Member:
    """The trace up to this place, where the connection ends."""
    item = trace.items[at]
    line = item.line
    items: list[Item] = list(trace.items[:at])
    if octets:
        items += [Directive(line, "cut", (str(octets),)), item]
    items.append(Directive(line, how))
    called = next(each for each in reversed(items) if isinstance(each, Call | Result))
    if isinstance(called, Call):
        leaves = called.op.endswith(".quit")
        items.append(Result(line, ("ok", *_NO_SUCCESS) if leaves else _NO_SUCCESS, {}))
    short = trace.id.removeprefix(f"{trace.protocol}.")
    place = f"{'before' if not octets else f'after {octets} octets of'} line {line}"
    made = replace(trace, items=tuple(items), moves_all=False)
    name = f"{short}.{_reply(trace, at)}.octet-{octets}"
    title = f"{how} {place} of {trace.id}"
    made = replace(made, needs=tuple(sorted(used(made))))
    write = partial(_text, made, title, octets)
    return Member(name, title, made, write, at=line)


def _reply(trace: Trace, at: int) -> str:
    """The command that the server answers at this item, and the number of the line of its reply."""
    verbs = ["greeting"]
    number = 1
    for item in trace.items[:at]:
        if isinstance(item, Expect) and (verb := _verb(trace, item)):
            verbs.append(verb)
            number = 1
        elif isinstance(item, Send):
            number += 1
    nth = verbs.count(verbs[-1])
    return f"{verbs[-1]}{f'-{nth}' if nth > 1 else ''}.line-{number}"


def _verb(trace: Trace, item: Expect) -> str:
    """The command of a line; empty for a line of a message or a response."""
    line = b"".join(part for part in item.template if isinstance(part, bytes))
    if line == b".\r\n":
        return "dot"
    word = line.split(b" ")[0].strip().decode("utf-8", "replace").upper()
    return word.lower() if word in COMMANDS[trace.protocol] else ""


def _text(made: Trace, title: str, octets: int, case_id: str) -> str:
    """The member as a trace of its own."""
    lines = next(
        each.lines for each in cases.cases(made.path, read(made.path)) if each.id == made.id
    )
    begin, end = made.items[0].line, made.items[-1].line
    header = [
        line.text
        for line in lines
        if line.number < begin and is_header(line.text) and not line.text.startswith(_REPLACED)
    ]
    body = [line.text for line in lines if begin <= line.number < end + bool(octets)]
    if octets:
        body.insert(len(body) - 1, f"= cut {octets}")
    for item in made.items[-2:]:
        if isinstance(item, Directive) and item.name != "cut":
            body.append(f"= {item.name}")
        elif isinstance(item, Result) and item.line == end:
            body.append(f"R: {'|'.join(item.outcomes)}")
    head = [f"id: {case_id}", f"title: {title}", *header]
    if made.needs:
        head.append(f"needs: {' '.join(made.needs)}")
    return "\n".join([*head, "", *body]) + "\n"


_REPLACED = ("id:", "title:", "needs:", "moves:", "begin:")
"""Keys of the header of a session that a member has otherwise, or not at all."""
