"""What a trace says about its server before a client asks: the maildrop, the capabilities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from fake_servers.grammar.dots import unstuff
from fake_servers.reactive.maildrop import MemoryMessage, Message
from fake_servers.scripted.extras.shadow import Exchange, Shadow
from fake_servers.trace.error import TemplateError
from fake_servers.trace.syntax import Directive, Expect, Group, Item, Send, Template, Trace
from fake_servers.trace.template import Bindings

MESSAGES_MAX = 1000
SIZE_UNKNOWN = 100
"""Octets of a message whose size the trace does not give."""

_STAT = re.compile(rb"\+OK (\d{1,18}) (\d{1,18})(?: .*)?\r\n")
_SIZE = re.compile(rb"(?:\+OK )?([1-9]\d{0,17}) (\d{1,18})(?: .*)?")
_UID = re.compile(rb"(?:\+OK )?([1-9]\d{0,17}) ([\x21-\x7e]{1,70})")
_NUMBER = re.compile(rb"(?:RETR|TOP|DELE) ([1-9]\d{0,8})(?: \d+)?\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KnownMessage(MemoryMessage):
    """A message of which only the size and the unique-id are known."""

    listed_size: int = SIZE_UNKNOWN

    @property
    def size(self) -> int:
        return self.listed_size


def exchanges_of(trace: Trace, bindings: Bindings) -> list[Exchange]:
    """The exchanges that the trace expects, over all its connections.

    Of an `alt` group this takes the first branch. What only the client can know becomes `x`.
    """
    shadow = Shadow(trace.protocol)
    found: list[Exchange] = []
    for item in _flat(trace.items):
        if isinstance(item, Expect):
            shadow.heard(_octets(item.template, bindings))
        elif isinstance(item, Send):
            shadow.said(_octets(item.template, bindings))
        elif isinstance(item, Directive) and item.name == "starttls":
            shadow.secured()
        elif isinstance(item, Directive) and item.name == "accept":
            found += shadow.exchanges
            shadow = Shadow(trace.protocol)
    return found + shadow.exchanges


def _flat(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Group):
            for branch in item.branches[: 1 if item.kind == "alt" else None]:
                yield from _flat(branch)
        else:
            yield item


def _octets(template: Template, bindings: Bindings) -> bytes:
    try:
        return bindings.render(template)
    except TemplateError:
        return b"".join(part if isinstance(part, bytes) else b"x" for part in template)


@dataclass(slots=True)
class _Tally:
    """What is known about the maildrop, by message number."""

    count: int = 0
    octets: int | None = None
    sizes: dict[int, int] = field(default_factory=dict)
    uids: dict[int, bytes] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)

    def note(self, number: int) -> bool:
        """A message has this number; False if the number is above MESSAGES_MAX."""
        if number > MESSAGES_MAX:
            return False
        self.count = max(self.count, number)
        return True


def named_in(trace: Trace, bindings: Bindings) -> list[int]:
    """The numbers of the messages that the client is to name, whatever becomes of the command."""
    lines = [
        _octets(item.template, bindings) for item in _flat(trace.items) if isinstance(item, Expect)
    ]
    return [int(named[1]) for line in lines if (named := _NUMBER.fullmatch(line))]


def maildrop_of(exchanges: Sequence[Exchange], named: Iterable[int] = ()) -> list[Message]:
    """The messages that these exchanges show, also those that they mark as deleted.

    A client may ask for the list first and name no message that is not there. So those in `named`
    are there, too, unless the trace itself has the whole list or the count.
    """
    tally = _Tally()
    for each in exchanges:
        if each.is_logged_in and each.accepted:
            _learn(tally, each)
    if not any(_is_whole(each) for each in exchanges):
        for number in named:
            tally.note(number)
    unknown = [n for n in range(1, tally.count + 1) if n not in tally.sizes]
    remaining = (tally.octets or 0) - sum(tally.sizes.values())
    for index, number in enumerate(unknown):
        tally.sizes[number] = SIZE_UNKNOWN
        if remaining >= len(unknown):
            share = remaining // len(unknown)
            tally.sizes[number] = share + (remaining % len(unknown) if index == 0 else 0)
    return [
        KnownMessage(b"", tally.uids.get(number, b"uid-%d" % number), tally.sizes[number])
        for number in range(1, tally.count + 1)
    ]


def _is_whole(each: Exchange) -> bool:
    """Whether the reply tells how many messages there are."""
    is_count = each.verb == "STAT" and _STAT.fullmatch(each.reply) is not None
    is_whole = is_count or each.line.strip().upper() in (b"LIST", b"UIDL")
    return is_whole and each.is_logged_in and each.accepted


def _learn(tally: _Tally, each: Exchange) -> None:
    """Record one successful exchange of the TRANSACTION state."""
    if each.verb == "STAT":
        _learn_whole(tally, each.reply)
    elif each.verb in ("LIST", "UIDL"):
        for line in each.reply.split(b"\r\n"):
            _learn_line(tally, each.verb, line)
    elif each.verb == "RSET":
        tally.deleted.clear()
    elif (named := _NUMBER.fullmatch(each.line)) and tally.note(int(named[1])):
        number = int(named[1])
        if each.verb == "DELE":
            tally.deleted.add(number)
        elif each.verb == "RETR":
            body = each.reply.partition(b"\r\n")[2].removesuffix(b".\r\n")
            tally.sizes.setdefault(number, len(unstuff(body)))


def _learn_whole(tally: _Tally, reply: bytes) -> None:
    """Record the first STAT, which does not count what is marked as deleted."""
    found = _STAT.fullmatch(reply)
    is_known = tally.deleted <= set(tally.sizes)
    if found and tally.octets is None and is_known:
        if tally.note(int(found[1]) + len(tally.deleted)):
            tally.octets = int(found[2]) + sum(tally.sizes[number] for number in tally.deleted)


def _learn_line(tally: _Tally, verb: str, line: bytes) -> None:
    found = (_SIZE if verb == "LIST" else _UID).fullmatch(line)
    if found and tally.note(int(found[1])):
        if verb == "LIST":
            tally.sizes.setdefault(int(found[1]), int(found[2]))
        else:
            tally.uids.setdefault(int(found[1]), found[2])


_WORDS = ("USER", "TOP", "UIDL", "STLS", "UTF8", "LANG")


def capabilities_of(exchanges: Sequence[Exchange]) -> list[bytes]:
    """The capabilities that these exchanges rely on, for a trace without CAPA."""
    verbs = {each.verb for each in exchanges}
    lines = [word.encode() for word in _WORDS if word in verbs]
    mechanisms = [
        each.line.split(b" ")[1].strip().upper()
        for each in exchanges
        if each.verb == "AUTH" and each.line.upper().startswith(b"AUTH ")
    ]
    if mechanisms:
        lines.append(b" ".join((b"SASL", *dict.fromkeys(mechanisms))))
    return lines
