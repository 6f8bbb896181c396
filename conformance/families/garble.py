"""Replies that were damaged on their way: a bit is flipped, a line is lost, doubled or moved.

Each member is a whole session in which one reply is damaged. The server then ends its side, so
that no client waits. It still reads what the client sends: with a full close, chance would
decide how much of that arrives. The client may make of the reply what it likes. What it reports
is judged by what the server said, under the rules for every session.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from conformance.families.member import Member
from conformance.subject.answer import OUTCOMES
from fake_servers.trace.parser import parse_text

_HEADS = {
    "pop3": """\
id:      {id}
title:   {title}
needs:   pop3.user
goal:    pop3.fetch login=user user=mrose secret=tanstaaf n=[1]
server:  users=[[mrose, tanstaaf]] caps=[USER, UIDL, TOP] sasl=[] apop=no

M: 1
D: Subject: one
D:
D: one
""",
    "smtp": """\
id:      {id}
title:   {title}
goal:    smtp.send login=none name=c.example from=a@c.example to=[b@s.example]
server:  users=[] caps=[8BITMIME, HELP] sasl=[]

D: Subject: one
D:
D: one
""",
}
_REPLIES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "pop3": (
        ("CONNECT", ("+OK ready",)),
        ("CAPA", ("+OK", "USER", "UIDL", "TOP", ".")),
        ("USER", ("+OK go on",)),
        ("PASS", ("+OK yours",)),
        ("STAT", ("+OK 1 21",)),
        ("LIST", ("+OK", "1 21", ".")),
        ("RETR", ("+OK", "Subject: one", "", "one", ".")),
        ("QUIT", ("+OK bye",)),
    ),
    "smtp": (
        ("CONNECT", ("220-s.example", "220 ready")),
        ("EHLO", ("250-s.example", "250-8BITMIME", "250 HELP")),
        ("MAIL", ("250 2.1.0 ok",)),
        ("RCPT", ("250 2.1.5 ok",)),
        ("DATA", ("354 go on",)),
        ("DOT", ("250 2.0.0 taken",)),
        ("QUIT", ("221 bye",)),
    ),
}
"""What a correct server may answer to each command."""

_CONTENT = {"RETR"}
"""Here all lines but the first are a message, whose damage a client cannot notice."""

_ANY_OUTCOME = "R: " + "|".join(sorted(set(OUTCOMES) - {"unsupported"}))


class _Damage(NamedTuple):
    name: str
    title: str
    octets: bytes


def members(protocol: str) -> Iterator[Member]:
    """Each reply, damaged in each way."""
    for command, lines in _REPLIES[protocol]:
        for damage in (*_flipped(command, lines), *_misplaced(command, lines)):
            yield _member(protocol, command, damage)


def _flipped(command: str, lines: Sequence[str]) -> Iterator[_Damage]:
    """One bit of each octet is flipped. Line endings stay: the families of cuts test them.

    In an SMTP reply of several lines it is the last line, after its code: if the codes differ,
    RFC 5321 section 4.2.1 does not say what the whole reply means.
    """
    whole = _joined(lines)
    begin = len(whole) - len(lines[-1]) + len("250") if lines[0][3:4] == "-" else 0
    end = len(lines[0]) if command in _CONTENT else len(whole)
    for at in range(begin, end):
        if whole[at] not in b"\r\n":
            bit = 1 << (3 * at + 1) % 8
            yield _Damage(
                f"octet-{at}-flipped",
                f"bit {bit:#04x} of octet {at} is flipped",
                whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :],
            )


def _misplaced(command: str, lines: Sequence[str]) -> Iterator[_Damage]:
    """A line is lost, comes twice, or comes after the next one."""
    places = range(1) if command in _CONTENT else range(len(lines))
    for at in places:
        before, line, behind = list(lines[:at]), lines[at], list(lines[at + 1 :])
        if command not in _CONTENT:
            twice = _joined([*before, line, line, *behind])
            yield _Damage(f"line-{at + 1}-twice", f"line {at + 1} comes twice", twice)
        if len(lines) > 1:
            remaining = _joined([*before, *behind])
            yield _Damage(f"line-{at + 1}-lost", f"line {at + 1} is lost", remaining)
        if behind:
            swapped = _joined([*before, behind[0], line, *behind[1:]])
            yield _Damage(f"line-{at + 1}-late", f"line {at + 1} comes after the next", swapped)


def _joined(lines: Sequence[str]) -> bytes:
    """The lines as they are sent, without the last line ending."""
    return "\r\n".join(lines).encode()


def _member(protocol: str, command: str, damage: _Damage) -> Member:
    name = f"{command.lower()}.{damage.name}"
    title = f"{command}: {damage.title}"
    reply = "".join(f"\\x{octet:02x}" for octet in damage.octets)
    bent = f'on {command}#1: reply "{reply}", half-close\n{_ANY_OUTCOME}\n'

    def write(case_id: str) -> str:
        return _HEADS[protocol].format(id=case_id, title=title) + bent

    trace = parse_text(write(f"{protocol}.family.garbled-replies/{name}"), Path("garbled.trace"))
    return Member(name, title, trace, write)
